import { registry } from "@web/core/registry";

/** Worklist, call, log, next; then snooze a case and bring it back. */
registry.category("web_tour.tours").add("debt_collection_morning_round", {
    steps: () => [
        {
            content: "Both debtors are on the worklist",
            trigger: ".o_list_view .o_data_row:contains(Debtor Small)",
        },
        {
            content: "Start with the first",
            trigger: ".o_debt_start",
            run: "click",
        },
        {
            content: "The case shows what the debtor owes",
            trigger: ".o_form_view:contains(Debtor Large) [name=open_item_ids] .o_data_row",
        },
        {
            content: "Log a call",
            trigger: "button[name=action_log_call]",
            run: "click",
        },
        {
            content: "The gate has answered above the number, which calls when clicked",
            trigger: ".modal .alert:visible",
        },
        {
            content: "The number is a link to the telephone",
            trigger: ".modal [name=phone] a[href^='tel:']",
        },
        {
            content: "Nobody answered",
            trigger: ".modal .o_selection_badge:contains(No answer)",
            run: "click",
        },
        {
            content: "Nobody was reached: known without asking",
            trigger: ".modal [name=reached] .o_selection_badge.active:contains(Nobody)",
        },
        {
            content: "No step is needed",
            trigger: ".modal [name=no_next_step_reason] input",
            run: "edit The next reminder goes out by itself",
        },
        {
            content: "Log, and on to the next debtor",
            trigger: ".modal button[name=action_saved_next]",
            run: "click",
        },
        {
            content: "The next debtor of the list is on screen",
            trigger: ".o_form_view .oe_title:contains(Debtor Small)",
        },
        {
            content: "Snooze the case",
            trigger: "body:not(:has(.modal)) button[name=action_snooze]",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".modal [name=reason] input",
            run: "edit The bookkeeper is back on Monday",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The case says until when",
            trigger: ".o_form_view .alert:contains(The bookkeeper is back on Monday)",
        },
        {
            content: "That was the last debtor: Next leads back to the list",
            trigger: "body:not(:has(.modal)) button[name=action_next_debtor]",
            run: "click",
        },
        {
            content: "The snoozed case is not on the worklist",
            trigger:
                ".o_list_view:has(.o_data_row:contains(Debtor Large)):not(:has(.o_data_row:contains(Debtor Small)))",
        },
        {
            content: "Look without the filter",
            trigger: ".o_facet_remove",
            run: "click",
        },
        {
            content: "Open the snoozed case",
            trigger: ".o_list_view .o_data_row:contains(Debtor Small) .o_data_cell[name=partner_id]",
            run: "click",
        },
        {
            content: "Wake it up",
            trigger: "button[name=action_wake_up]",
            run: "click",
        },
        {
            content: "It is awake",
            trigger:
                ".o_form_view:not(:has(.alert:contains(The bookkeeper is back on Monday):visible)) button[name=action_snooze]",
        },
        {
            content: "Go back to the worklist",
            trigger: ".o_breadcrumb .o_back_button a, .breadcrumb .o_back_button a",
            run: "click",
        },
        {
            content: "Both are on the list",
            trigger: ".o_list_view .o_data_row:contains(Debtor Small)",
        },
    ],
});

/** A debtor has answered: find it, read it, log what was agreed. */
registry.category("web_tour.tours").add("debt_collection_reply", {
    steps: () => [
        {
            content: "Open the filters",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "Only cases with an answer",
            trigger: ".o_filter_menu .o_menu_item:contains(Reply received)",
            run: "click",
        },
        {
            content: "Open the case from the mark in its row",
            trigger: ".o_list_view .o_data_row:contains(Debtor Large) button .fa-reply",
            run: "click",
        },
        {
            content: "The case says that there is an answer, and shows it",
            trigger: ".o_form_view .alert:contains(The debtor answered)",
        },
        {
            content: "Look at everything that happened",
            trigger: "button[name=action_view_timeline]",
            run: "click",
        },
        {
            content: "The answer is the latest of it",
            trigger: ".o_list_view .o_data_row:contains(We pay on Monday):contains(Reply)",
        },
        {
            content: "Back to the case",
            trigger: ".breadcrumb .o_back_button a, .o_breadcrumb .o_back_button a",
            run: "click",
        },
        {
            content: "Log what comes of it",
            trigger: "button[name=action_log_call]",
            run: "click",
        },
        {
            content: "Another outcome",
            trigger: ".modal .o_selection_badge:contains(Other)",
            run: "click",
        },
        {
            content: "Told by the debtor",
            trigger: ".modal [name=reached] .o_selection_badge:contains(The debtor)",
            run: "click",
        },
        {
            content: "No step is needed",
            trigger: ".modal [name=no_next_step_reason] input",
            run: "edit They pay on Monday",
        },
        {
            content: "Log it",
            trigger: ".modal button[name=action_saved]",
            run: "click",
        },
        {
            content: "The answer has been dealt with",
            trigger:
                "body:not(:has(.modal)) .o_form_view:not(:has(.alert:contains(The debtor answered):visible)) [name=contact_count]:contains(2)",
        },
    ],
});

/** The credit manager lets all that waits for approval go, and prints the letters. */
registry.category("web_tour.tours").add("debt_collection_approve_and_print", {
    steps: () => [
        {
            content: "Both letters wait",
            trigger: ".o_list_view .o_data_row:contains(Debtor Small)",
        },
        {
            content: "Select all",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Approve them",
            trigger: "button[name=action_approve]",
            run: "click",
        },
        {
            content: "Yes, let them go",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "They wait no more",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(Debtor Small)))",
        },
        {
            content: "Look at what is on its way",
            trigger: ".o_facet_remove",
            run: "click",
        },
        {
            content: "They are on their way",
            trigger: ".o_list_view .o_data_row:contains(Debtor Small):contains(On its way)",
        },
        {
            content: "Select all",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Print them",
            trigger: "button[name=action_print]",
            run: "click",
        },
        {
            content: "One file for all, with the pages of each debtor",
            trigger: ".modal .o_data_row:contains(Debtor Large)",
        },
    ],
});

/** A company that begins: first steps above the worklist, with their marks, until hidden. */
registry.category("web_tour.tours").add("debt_collection_first_steps", {
    steps: () => [
        {
            content: "Levels are ready",
            trigger: ".o_debt_onboarding [data-step=levels] .fa-check-circle",
        },
        {
            content: "There is no team yet: make one",
            trigger: ".o_debt_onboarding [data-step=team]:has(.fa-circle-o)",
            run: "click",
        },
        {
            content: "The teams, and what to do here",
            trigger: ".o_list_view:contains(Create the first team)",
        },
        {
            content: "Back to the worklist",
            trigger: ".breadcrumb .o_back_button a, .o_breadcrumb .o_back_button a",
            run: "click",
        },
        {
            content: "Hide the first steps",
            trigger: ".o_debt_onboarding .btn-link:contains(Hide)",
            run: "click",
        },
        {
            content: "They are gone, the list stays",
            trigger: ".o_list_view:not(:has(.o_debt_onboarding)) .o_data_row",
        },
    ],
});
