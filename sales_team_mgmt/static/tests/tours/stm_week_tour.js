import {
    newRecord,
    openCard,
    openTab,
    pressButton,
    stateIs,
} from "@sales_team_mgmt/../tests/tours/helpers";
import {registry} from "@web/core/registry";

/*
 * One week of work, as its people do it. The same tours run at both sizes: a step that
 * exists on one of them only says so with `isActive`.
 */

const tours = registry.category("web_tour.tours");

tours.add("stm_salesperson_plans_next_week", {
    url: "/odoo/stm-plans",
    steps: () => [
        ...newRecord(),
        {
            content: "Add a customer (desktop)",
            isActive: ["desktop"],
            trigger:
                ".o_field_widget[name='line_ids'] .o_field_x2many_list_row_add button, .o_field_widget[name='line_ids'] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "Add a customer (phone)",
            isActive: ["mobile"],
            trigger: ".o_field_widget[name='line_ids'] .o-kanban-button-new",
            run: "click",
        },
        {
            content: "Type the customer (desktop)",
            isActive: ["desktop"],
            trigger: ".o_selected_row .o_field_widget[name='partner_id'] input",
            run: "edit Tour Customer",
        },
        {
            content: "Choose the customer (desktop)",
            isActive: ["desktop"],
            trigger: ".o-autocomplete--dropdown-item:contains(Tour Customer)",
            run: "click",
        },
        {
            content: "Look for the customer (phone)",
            isActive: ["mobile"],
            trigger: ".modal .o_field_widget[name='partner_id'] input",
            run: "click",
        },
        {
            content: "Choose the customer (phone)",
            isActive: ["mobile"],
            trigger: ".modal .o_kanban_record:contains(Tour Customer)",
            run: "click",
        },
        {
            content: "The customer is there (phone)",
            isActive: ["mobile"],
            trigger:
                ".modal .o_field_widget[name='partner_id'] input:value(Tour Customer)",
        },
        {
            content: "Keep the line (phone)",
            isActive: ["mobile"],
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "Back in the plan (phone)",
            isActive: ["mobile"],
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name='line_ids'] .o_kanban_record:contains(Tour Customer)",
        },
        openTab("points"),
        {
            content: "Add a key point (desktop)",
            isActive: ["desktop"],
            trigger:
                ".o_field_widget[name='point_ids'] .o_field_x2many_list_row_add button, .o_field_widget[name='point_ids'] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "Write the key point (desktop)",
            isActive: ["desktop"],
            trigger: ".o_selected_row .o_field_widget[name='name'] input",
            run: "edit Win the tender",
        },
        {
            content: "Add a key point (phone)",
            isActive: ["mobile"],
            trigger: ".o_field_widget[name='point_ids'] .o-kanban-button-new",
            run: "click",
        },
        {
            content: "Write the key point (phone)",
            isActive: ["mobile"],
            trigger: ".modal .o_field_widget[name='name'] input",
            run: "edit Win the tender",
        },
        {
            content: "Keep the key point (phone)",
            isActive: ["mobile"],
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The dialog is gone (phone)",
            isActive: ["mobile"],
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name='point_ids'] .o_kanban_record:contains(Win the tender)",
        },
        ...pressButton("action_submit"),
        stateIs("Submitted"),
    ],
});

tours.add("stm_leader_approves_the_plan", {
    url: "/odoo/stm-approvals",
    steps: () => [
        ...openCard("Plan"),
        {
            content: "The plan with its customer",
            trigger: ".o_field_widget[name='line_ids']:contains(Tour Customer)",
        },
        ...pressButton("action_approve"),
        stateIs("Approved"),
    ],
});

tours.add("stm_salesperson_finishes_a_visit", {
    url: "/odoo/stm-visits?view_type=kanban",
    steps: () => [
        {
            content: "Open the visit of today",
            trigger: ".o_kanban_record:contains(Tour Customer)",
            run: "click",
        },
        {
            content: "What was talked about",
            trigger: ".o_field_widget[name='content'] textarea",
            run: "edit Showed the samples",
        },
        {
            content: "What came of it",
            trigger: ".o_field_widget[name='result'] textarea",
            run: "edit Will order on Friday",
        },
        {
            content: "Problems",
            trigger: ".o_field_widget[name='problem'] textarea",
            run: "edit none",
        },
        {
            content: "Next step",
            trigger: ".o_field_widget[name='next_step'] textarea",
            run: "edit Call on Thursday",
        },
        ...pressButton("action_done"),
        {
            content: "The visit is written down and cannot be changed",
            trigger:
                ".o_field_widget[name='content']:not(:has(textarea)):contains(Showed the samples)",
        },
    ],
});

tours.add("stm_salesperson_hands_in_the_report", {
    url: "/odoo/stm-reports",
    steps: () => [
        ...newRecord(),
        {
            content: "Keep the report: its items and figures appear (desktop)",
            isActive: ["desktop"],
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Keep the report (phone)",
            isActive: ["mobile"],
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Visits done are counted",
            trigger:
                ".o_field_widget[name='summary_line_ids']:contains(Customer visits)",
        },
        {
            content: "A word on the key customers (desktop)",
            isActive: ["desktop"],
            trigger:
                ".o_field_widget[name='summary_line_ids'] .o_data_row:contains(Key customers) td[name='text']",
            run: "click",
        },
        {
            content: "Write it (desktop)",
            isActive: ["desktop"],
            trigger:
                ".o_selected_row:contains(Key customers) .o_field_widget[name='text'] textarea",
            run: "edit Tour Customer will order",
        },
        {
            content: "A word on the key customers (phone)",
            isActive: ["mobile"],
            trigger:
                ".o_field_widget[name='summary_line_ids'] .o_kanban_record:contains(Key customers)",
            run: "click",
        },
        {
            content: "Write it (phone)",
            isActive: ["mobile"],
            trigger: ".modal .o_field_widget[name='text'] textarea",
            run: "edit Tour Customer will order",
        },
        {
            content: "Keep it (phone)",
            isActive: ["mobile"],
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The dialog is gone (phone)",
            isActive: ["mobile"],
            trigger:
                "body:not(:has(.modal)) .o_kanban_record:contains(Tour Customer will order)",
        },
        openTab("points"),
        {
            content: "The key point was done (desktop)",
            isActive: ["desktop"],
            trigger:
                ".o_field_widget[name='point_ids'] .o_data_row:contains(Visit everybody) td[name='outcome']",
            run: "click",
        },
        {
            content: "Choose (desktop)",
            isActive: ["desktop"],
            trigger: ".o_selected_row .o_field_widget[name='outcome'] input",
            run: "click",
        },
        {
            content: "Done (desktop)",
            isActive: ["desktop"],
            trigger: ".o_select_menu_item:contains(/^Done$/)",
            run: "click",
        },
        {
            content: "The key point was done (phone)",
            isActive: ["mobile"],
            trigger:
                ".o_field_widget[name='point_ids'] .o_kanban_record:contains(Visit everybody)",
            run: "click",
        },
        {
            content: "Done (phone)",
            isActive: ["mobile"],
            trigger:
                ".modal .o_field_widget[name='outcome'] .o_radio_item label:contains(/^Done$/)",
            run: "click",
        },
        {
            content: "Keep it (phone)",
            isActive: ["mobile"],
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The dialog is gone (phone)",
            isActive: ["mobile"],
            trigger: "body:not(:has(.modal)) .o_field_widget[name='point_ids']",
        },
        openTab("outlook"),
        {
            content: "The outlook (desktop)",
            isActive: ["desktop"],
            trigger:
                ".o_field_widget[name='plan_line_ids'] .o_data_row:contains(Sales volume) td[name='text']",
            run: "click",
        },
        {
            content: "Write it (desktop)",
            isActive: ["desktop"],
            trigger:
                ".o_selected_row:contains(Sales volume) .o_field_widget[name='text'] textarea",
            run: "edit 20,000",
        },
        {
            content: "The outlook (phone)",
            isActive: ["mobile"],
            trigger:
                ".o_field_widget[name='plan_line_ids'] .o_kanban_record:contains(Sales volume)",
            run: "click",
        },
        {
            content: "Write it (phone)",
            isActive: ["mobile"],
            trigger: ".modal .o_field_widget[name='text'] textarea",
            run: "edit 20,000",
        },
        {
            content: "Keep it (phone)",
            isActive: ["mobile"],
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The dialog is gone (phone)",
            isActive: ["mobile"],
            trigger: "body:not(:has(.modal)) .o_kanban_record:contains(20,000)",
        },
        ...pressButton("action_submit"),
        stateIs("Handed in"),
    ],
});

tours.add("stm_leader_reviews_the_report", {
    url: "/odoo/stm-approvals",
    steps: () => [
        ...openCard("Report"),
        {
            content: "What the salesperson wrote",
            trigger:
                ".o_field_widget[name='summary_line_ids']:contains(Tour Customer will order)",
        },
        ...pressButton("action_approve"),
        {
            content: "A review needs a comment",
            trigger: ".modal .o_field_widget[name='comment'] textarea",
            run: "edit Good week, keep at it",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name='action_confirm']:visible",
            run: "click",
        },
        {
            content: "The comment stands on the report",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name='review_comment']:contains(Good week)",
        },
    ],
});

tours.add("stm_manager_looks_at_the_week", {
    url: "/odoo/stm-team-reports",
    steps: () => [
        ...openCard("Report"),
        {
            content: "The review",
            trigger: ".o_field_widget[name='review_comment']:contains(Good week)",
        },
        {
            content: "Open the visits behind the figure (desktop)",
            isActive: ["desktop"],
            trigger:
                ".o_field_widget[name='summary_line_ids'] .o_data_row:contains(Customer visits) button[name='action_open_evidence']",
            run: "click",
        },
        {
            content: "Open the visits behind the figure (phone)",
            isActive: ["mobile"],
            trigger:
                ".o_field_widget[name='summary_line_ids'] .o_kanban_record:contains(Customer visits) button[name='action_open_evidence']",
            run: "click",
        },
        {
            content: "The visit itself",
            trigger:
                ".o_list_view .o_data_row:contains(Tour Customer), .o_kanban_record:contains(Tour Customer)",
        },
    ],
});
