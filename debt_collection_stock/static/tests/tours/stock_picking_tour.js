import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("debt_collection_stock_validate_form", {
    steps: () => [
        {
            content: "The form says that the debtor is on hold",
            trigger: ".o_form_view .alert:contains(Credit hold)",
        },
        {
            content: "Validate it all the same",
            trigger: ".o_form_view button[name=button_validate]:visible",
            run: "click",
        },
        {
            content: "It is held, and the person is told why",
            trigger: ".o_notification:contains(Held for credit reasons)",
        },
    ],
});

registry.category("web_tour.tours").add("debt_collection_stock_release", {
    steps: () => [
        {
            content: "The delivery waits in the queue: release it",
            trigger: ".o_list_view .o_data_row:contains(Late Tour) button[name=action_release]",
            run: "click",
        },
        {
            content: "With a reason",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit The bank confirms the transfer",
        },
        {
            content: "Release",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "Nothing is held any more",
            trigger: ".o_view_nocontent:contains(Nothing is held)",
        },
    ],
});

registry.category("web_tour.tours").add("debt_collection_stock_send_form", {
    steps: () => [
        {
            content: "Now it may leave",
            trigger: ".o_form_view button[name=button_validate]:visible",
            run: "click",
        },
        {
            content: "It is done",
            trigger: ".o_form_view .o_arrow_button_current:contains(Done)",
        },
    ],
});
