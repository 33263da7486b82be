import {registry} from "@web/core/registry";

/*
 * The map at both sizes. No tile can be loaded in a test, so what is seen here is what
 * somebody without a network sees.
 */

const tours = registry.category("web_tour.tours");
const PLACE = {latitude: 31.2222, longitude: 121.4444, accuracy: 12};

/** A device that refuses first and then says where it is. */
function mockPosition() {
    let asked = 0;
    Object.defineProperty(navigator, "geolocation", {
        configurable: true,
        value: {
            getCurrentPosition(success, failure) {
                asked++;
                if (asked === 1) {
                    failure({code: 1});
                } else {
                    success({coords: PLACE});
                }
            },
        },
    });
}

function tabOf(name) {
    return {
        content: `Show the ${name}`,
        trigger: `.o_stm_map_tab_${name}`,
        run: "click",
    };
}

tours.add("stm_salesperson_looks_at_the_map", {
    steps: () => [
        {
            content: "Without tiles one is told so",
            trigger: ".o_stm_map_notice:contains(Points and distances are right)",
        },
        {
            content: "There are degrees instead",
            trigger: ".o_stm_map_degree:contains(°)",
        },
        {
            content: "The stops are numbered, with their verdict",
            trigger:
                ".o_stm_map_canvas .o_stm_map_stop:contains(1) .o_stm_map_verdict.fa-times-circle",
        },
        {
            content: "The way from stop to stop is drawn",
            trigger: ".o_stm_map_canvas path.o_stm_map_way",
        },
        {
            content: "It is as long as the straight line",
            trigger: ".o_stm_map_visit:contains(Corner Shop):contains(1.9 km)",
            run: "click",
        },
        {
            content: "The popup says what is there, and how far it is",
            trigger:
                ".o_stm_map_popup:contains(Corner Shop):contains(1.9 km from the first stop) a[href*='31.241']:contains(Navigate)",
        },
        {
            content: "Another day has no visits",
            trigger: ".o_stm_map_day_before",
            run: "click",
        },
        {
            content: "It says so",
            trigger: ".o_stm_map_empty:contains(No visits on this day)",
        },
        {
            content: "Back to today",
            trigger: ".o_stm_map_day_after",
            run: "click",
        },
        {
            content: "Both are there again",
            trigger: ".o_stm_map_visit:contains(江南文具店)",
        },
        tabOf("customers"),
        {
            content: "One customer has no position",
            trigger: ".o_stm_map_missing:contains(1 without position)",
        },
        {
            content: "Choose a customer in the list",
            trigger: ".o_stm_map_name:contains(江南文具店)",
            run: "click",
        },
        {
            content: "Plan a visit there",
            trigger: ".o_stm_map_popup:contains(江南文具店) button[data-act='create']",
            run: "click",
        },
        {
            content: "The customer is filled in",
            trigger:
                ".o_form_view .o_field_widget[name='partner_id'] input:value(江南文具店)",
        },
        {
            content: "Back to the map",
            trigger: ".o_breadcrumb .o_back_button, .o_breadcrumb a:contains(Map)",
            run: "click",
        },
        {
            content: "It shows what it showed",
            trigger: ".o_stm_map_name:contains(江南文具店)",
        },
        {
            content: "Look at those without a position",
            trigger: ".o_stm_map_missing",
            run: "click",
        },
        {
            content: "They are listed",
            trigger:
                ".o_list_view .o_data_row:contains(Unknown Place), .o_kanban_record:contains(Unknown Place)",
        },
    ],
});

tours.add("stm_leader_looks_at_the_map", {
    steps: () => [
        {
            content: "The visits of the team, by person",
            trigger: ".o_stm_map_rows:contains(Ann) .o_stm_map_visit:contains(Corner)",
        },
        {
            content: "A stop opens on the map",
            trigger: ".o_stm_map_canvas .o_stm_map_stop:contains(2)",
            run: "click",
        },
        {
            content: "The visit can be opened",
            trigger: ".o_stm_map_popup button[data-act='visit']",
            run: "click",
        },
        {
            content: "It is the visit",
            trigger: ".o_form_view .o_field_widget[name='partner_id']",
        },
    ],
});

tours.add("stm_salesperson_sets_a_position", {
    steps: () => [
        {
            content: "Nobody knows where it is",
            trigger: "[name='stm_position']:contains(Unknown)",
            run: mockPosition,
        },
        {
            content: "Set the position",
            trigger: "button[name='action_stm_pick_position']",
            run: "click",
        },
        {
            content: "Nothing to save yet",
            trigger: ".o_stm_map_save:disabled",
        },
        {
            content: "The browser does not tell",
            trigger: ".o_stm_map_current",
            run: "click",
        },
        {
            content: "One is told what to do",
            trigger: ".o_notification:contains(Allow it in the settings)",
        },
        {
            content: "After it was allowed",
            trigger: ".o_stm_map_current:enabled",
            run: "click",
        },
        {
            content: "The device says where it is",
            trigger: ".o_stm_map_panel:contains(Accurate to 10 m)",
        },
        {
            content: "Save it",
            trigger: ".o_stm_map_save:enabled",
            run: "click",
        },
        {
            content: "The customer has a position",
            trigger: ".o_form_view [name='stm_position']:contains(31.2222)",
        },
    ],
});
