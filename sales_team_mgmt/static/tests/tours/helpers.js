/*
 * Steps that the tours share. A step that exists on a desktop or on a phone only says
 * so with `isActive`.
 */

export function newRecord() {
    return [
        {
            content: "Start a new document (desktop)",
            isActive: ["desktop"],
            trigger:
                ".o_control_panel_main_buttons button.o_list_button_add, .o-kanban-button-new",
            run: "click",
        },
        {
            content: "Start a new document (phone)",
            isActive: ["mobile"],
            trigger: ".o_control_panel button.o_list_button_add, .o-kanban-button-new",
            run: "click",
        },
    ];
}

export function openTab(name) {
    return {
        content: `Open the tab ${name}`,
        trigger: `.o_notebook_headers .nav-link[name='${name}']`,
        run: "click",
    };
}

export function openCard(text) {
    return [
        {
            content: `Open ${text} (desktop)`,
            isActive: ["desktop"],
            trigger: `.o_list_view .o_data_cell:contains(${text})`,
            run: "click",
        },
        {
            content: `Open ${text} (phone)`,
            isActive: ["mobile"],
            trigger: `.o_kanban_record:contains(${text})`,
            run: "click",
        },
    ];
}

export function pressButton(name) {
    return [
        {
            content: "Show the buttons that do not fit (phone)",
            isActive: ["mobile"],
            trigger: ".o_form_view",
            async run({queryFirst, click}) {
                const visible = queryFirst(
                    `.o_form_statusbar button[name='${name}']:visible`
                );
                const menu = queryFirst(
                    ".o_cp_action_menus ~ .o_statusbar_buttons .dropdown-toggle, .o_statusbar_buttons .dropdown-toggle, .o_form_statusbar .o-dropdown"
                );
                if (!visible && menu) {
                    await click(menu);
                }
            },
        },
        {
            content: `Press ${name}`,
            trigger: `button[name='${name}']:enabled`,
            run: "click",
        },
    ];
}

export function stateIs(label) {
    return {
        content: `The document is ${label}`,
        // All states on a desktop, only the current one on a phone.
        trigger: `.o_statusbar_status .o_arrow_button_current:visible:contains(${label}), .o_statusbar_status .dropdown-toggle:visible:contains(${label})`,
    };
}
