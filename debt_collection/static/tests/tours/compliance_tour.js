import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("debt_collection_override", {
    url: "/odoo/collections-worklist",
    steps: () => [
        {
            content: "Open the case whose debtor has an attorney",
            trigger: ".o_list_view .o_data_row:contains('Debtor Large') .o_data_cell[name=partner_id]",
            run: "click",
        },
        {
            content: "Call",
            trigger: "button[name=action_log_call]",
            run: "click",
        },
        {
            content: "The call is refused before the number is shown",
            trigger: ".modal .alert-danger:contains('Do not contact the debtor now')",
        },
        {
            content: "The number is not there",
            trigger: ".modal:not(:has(.o_field_phone a))",
        },
        {
            content: "Leave the dialog",
            trigger: ".modal button[special=cancel], .modal .o_form_button_cancel, .modal button:contains(Discard)",
            run: "click",
        },
        {
            content: "Permit one contact",
            trigger: "body:not(:has(.modal)) button[name=action_override]",
            run: "click",
        },
        {
            content: "Why",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit The debtor asked for it",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('The debtor asked for it'), .o_select_menu_item:contains('The debtor asked for it')",
            run: "click",
        },
        {
            content: "In words",
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Agreed with the attorney on the telephone",
        },
        {
            content: "Permit",
            trigger: ".modal button:contains('Permit once')",
            run: "click",
        },
        {
            content: "Call again",
            trigger: "body:not(:has(.modal)) button[name=action_log_call]",
            run: "click",
        },
        {
            content: "Now it is permitted",
            trigger: ".modal .alert-warning:contains('represented')",
        },
        {
            content: "Nobody answered",
            trigger: ".modal .o_field_widget[name=outcome] .o_selection_badge:contains('No answer')",
            run: "click",
        },
        {
            content: "And nothing follows",
            trigger: ".modal .o_field_widget[name=no_next_step_reason] input",
            run: "edit The attorney will answer",
        },
        {
            content: "Log it",
            trigger: ".modal button[name=action_saved]",
            run: "click",
        },
        {
            content: "The contact is logged",
            trigger: "body:not(:has(.modal)) button[name=action_log_call]",
        },
    ],
});

registry.category("web_tour.tours").add("debt_collection_opt_out", {
    steps: () => [
        {
            content: "The page asks first",
            trigger: ".o_debt_opt_out button[name=confirm]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is done, and can be taken back",
            trigger: ".o_debt_opt_out h1:contains('Done')",
        },
        {
            trigger: ".o_debt_opt_out button[name=back]",
        },
    ],
});
