import {
    openCard,
    openTab,
    pressButton,
    stateIs,
} from "@sales_team_mgmt/../tests/tours/helpers";
import {registry} from "@web/core/registry";

/*
 * One month: facts become a sheet, the sheet a talk, the talk a signed appraisal. The
 * same tours run on a desktop and on a phone.
 */

const tours = registry.category("web_tour.tours");
const LINES = ".o_field_widget[name='line_ids']";

function openSheetOf(name) {
    return [
        {
            content: `Open the sheet of ${name} (desktop)`,
            isActive: ["desktop"],
            trigger: `.o_list_view .o_data_row:contains(${name}) td[name='period_id']`,
            run: "click",
        },
        {
            content: `Open the sheet of ${name} (phone)`,
            isActive: ["mobile"],
            trigger: `.o_kanban_record:contains(${name})`,
            run: "click",
        },
        {
            content: "The items of the sheet",
            trigger: `.o_form_view ${LINES}`,
        },
    ];
}

function give(item, points) {
    return [
        {
            content: `Go to the points of ${item} (desktop)`,
            isActive: ["desktop"],
            trigger: `${LINES} .o_data_row:contains(${item}) td[name='given']`,
            run: "click",
        },
        {
            content: `Type the points of ${item} (desktop)`,
            isActive: ["desktop"],
            trigger: `${LINES} .o_selected_row:contains(${item}) .o_field_widget[name='given'] input`,
            run: `edit ${points}`,
        },
        {
            content: `Open ${item} (phone)`,
            isActive: ["mobile"],
            trigger: `${LINES} .o_kanban_record:contains(${item})`,
            run: "click",
        },
        {
            content: `Type the points of ${item} (phone)`,
            isActive: ["mobile"],
            trigger: ".modal .o_field_widget[name='given'] input",
            run: `edit ${points}`,
        },
        {
            content: "Keep them (phone)",
            isActive: ["mobile"],
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "Back on the sheet (phone)",
            isActive: ["mobile"],
            trigger: `body:not(:has(.modal)) ${LINES}`,
        },
    ];
}

function openBehind(button, item, text) {
    return [
        {
            content: `What counts for ${item}`,
            trigger: `${LINES} .o_data_row:contains(${item}) button[name='${button}'], ${LINES} .o_kanban_record:contains(${item}) button[name='${button}']`,
            run: "click",
        },
        {
            content: "The record itself",
            trigger: `.o_action_manager .o_data_row:contains(${text}), .o_action_manager .o_kanban_record:contains(${text})`,
        },
    ];
}

function decide(button, comment, state) {
    return [
        ...openCard("Appeal"),
        {
            content: "What is said to be wrong",
            trigger: ".o_field_widget[name='reason']:contains(The dealer was closed)",
        },
        ...pressButton(button),
        {
            content: "Say why",
            trigger: ".modal .o_field_widget[name='comment'] textarea",
            run: `edit ${comment}`,
        },
        {
            content: "Decide",
            trigger: ".modal button[name='action_confirm']:visible",
            run: "click",
        },
        stateIs(state),
    ];
}

tours.add("stm_leader_confirms_an_event", {
    url: "/odoo/stm-team-events",
    steps: () => [
        {
            content: "Confirm what waits",
            trigger:
                ".o_data_row:contains(daily report) button[name='action_confirm'], .o_kanban_record:contains(daily report) button[name='action_confirm']",
            run: "click",
        },
        {
            content: "Nothing waits any more",
            trigger:
                ".o_action_manager:not(:has(.o_data_row button[name='action_confirm']:visible)):not(:has(.o_kanban_record button[name='action_confirm']:visible))",
        },
    ],
});

tours.add("stm_salesperson_finds_no_draft", {
    url: "/odoo/stm-my-appraisals",
    steps: () => [
        {
            content: "Nothing was discussed yet",
            trigger: ".o_view_nocontent:contains(No appraisal yet)",
        },
    ],
});

tours.add("stm_leader_scores_and_shares", {
    url: "/odoo/stm-appraisals",
    steps: () => [
        ...openSheetOf("Ann"),
        ...give("Weekly report: summary", "9"),
        ...give("Weekly report: plan", "28,5"),
        ...give("Own management", "25"),
        {
            content: "Keep the points",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "The score and how it came about",
            trigger: ".o_field_widget[name='score_why']:contains(× 70 %)",
        },
        openTab("talk"),
        {
            content: "When was the talk",
            trigger:
                ".o_field_widget[name='interview_date'] input, .o_field_widget[name='interview_date'] button",
            run: "click",
        },
        {
            content: "Today",
            trigger: ".o_datetime_picker .o_today",
            run: "click",
        },
        {
            content: "What was said",
            trigger: ".o_field_widget[name='interview_comment'] textarea",
            run: "edit Well prepared visits. Offers have to go out faster.",
        },
        {
            content: "A question of the talk",
            trigger:
                ".o_stm_checklist [data-question='Is training needed?'] button:contains(No)",
            run: "click",
        },
        ...pressButton("action_share"),
        stateIs("Discussed"),
    ],
});

tours.add("stm_salesperson_reads_the_sheet", {
    url: "/odoo/stm-my-appraisals",
    steps: () => [
        ...openSheetOf("Discussed"),
        ...openBehind("action_open_evidence", "Attendance", "Doctor"),
    ],
});

tours.add("stm_salesperson_opens_the_events", {
    url: "/odoo/stm-my-appraisals",
    steps: () => [
        ...openSheetOf("Discussed"),
        ...openBehind("action_open_events", "Distributor", "daily report"),
    ],
});

tours.add("stm_salesperson_acknowledges", {
    url: "/odoo/stm-my-appraisals",
    steps: () => [
        ...openSheetOf("Discussed"),
        openTab("talk"),
        {
            content: "What the leader said",
            trigger:
                ".o_field_widget[name='interview_comment']:contains(Offers have to go out faster)",
        },
        {
            content: "A word of the own",
            trigger: ".o_field_widget[name='answer'] textarea",
            run: "edit Agreed",
        },
        ...pressButton("action_acknowledge"),
        stateIs("Acknowledged"),
    ],
});

tours.add("stm_salesperson_appeals", {
    url: "/odoo/stm-my-appraisals",
    steps: () => [
        ...openSheetOf("Discussed"),
        ...pressButton("action_appeal"),
        {
            content: "Which points are wrong",
            trigger: ".o_field_widget[name='reason'] textarea",
            run: "edit The dealer was closed on that day",
        },
        ...pressButton("action_submit"),
        stateIs("Submitted"),
    ],
});

tours.add("stm_superior_does_not_uphold", {
    url: "/odoo/stm-approvals",
    steps: () => decide("action_return", "The dealer was open", "Not Upheld"),
});

tours.add("stm_superior_upholds", {
    url: "/odoo/stm-approvals",
    steps: () => decide("action_approve", "The dealer was closed indeed", "Upheld"),
});

tours.add("stm_leader_sends_to_hr", {
    url: "/odoo/stm-appraisals",
    steps: () => [
        ...openSheetOf("Ann"),
        ...pressButton("action_send"),
        stateIs("At HR"),
    ],
});

tours.add("stm_hr_closes", {
    url: "/odoo/stm-appraisals",
    steps: () => [
        ...openSheetOf("Ann"),
        ...pressButton("action_close"),
        {
            content: "For good",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        stateIs("Closed"),
    ],
});
