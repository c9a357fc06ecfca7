import { registry } from "@web/core/registry";

const openCase = [
    {
        content: "Open the case of the debtor",
        trigger: ".o_list_view .o_data_row:contains(Debtor Large) .o_data_cell[name=partner_id]",
        run: "click",
    },
    {
        content: "The case shows what the debtor owes",
        trigger: ".o_form_view [name=open_item_ids] .o_data_row",
    },
];

/** A call ends in a promise: logged, then taken in the dialog that follows. */
registry.category("web_tour.tours").add("debt_collection_promise", {
    steps: () => [
        ...openCase,
        {
            content: "Log a call",
            trigger: "button[name=action_log_call]",
            run: "click",
        },
        {
            content: "The debtor promises to pay",
            trigger: ".modal .o_selection_badge:contains(Promises to pay)",
            run: "click",
        },
        {
            content: "It was the debtor",
            trigger: ".modal [name=reached] .o_selection_badge:contains(The debtor)",
            run: "click",
        },
        {
            content: "The promise is the next step",
            trigger: ".modal [name=no_next_step_reason] input",
            run: "edit Promise",
        },
        {
            content: "Save the call",
            trigger: ".modal button[name=action_saved]",
            run: "click",
        },
        {
            content: "The promise proposes all that is collectible",
            trigger: ".modal .o_form_view:contains(The promised amount) [name=line_ids] .o_data_row",
        },
        {
            content: "Only a part is promised",
            trigger: ".modal [name=amount] input",
            run: "edit 2000",
        },
        {
            content: "By a person",
            trigger: ".modal [name=promised_by] input",
            run: "edit Mrs. Baker",
        },
        {
            content: "The amount went to the item",
            trigger: ".modal [name=line_ids] .o_data_row:contains(2,000.00)",
        },
        {
            content: "Save the promise",
            trigger: ".modal .o_form_button_save, .modal button.btn-primary:contains(Save)",
            run: "click",
        },
        {
            content: "The case says what is promised",
            trigger: "body:not(:has(.modal)) .o_form_view [name=promised_words]:contains(2,000.00)",
        },
        {
            content: "Three thousand are still asked for",
            trigger: ".o_form_view [name=open_item_ids] .o_data_row:contains(3,000.00)",
        },
    ],
});

/** A plan is built, granted, accepted. */
registry.category("web_tour.tours").add("debt_collection_plan", {
    steps: () => [
        ...openCase,
        {
            content: "Build a plan",
            trigger: "button[name=action_plan]",
            run: "click",
        },
        {
            content: "Three instalments are proposed",
            trigger: ".modal [name=installment_ids] .o_data_row:eq(2)",
        },
        {
            content: "Five instalments",
            trigger: ".modal [name=number] input",
            run: "edit 5",
        },
        {
            content: "Look at them",
            trigger: ".modal [name=date_first] input, .modal [name=date_first] button",
            run: "click",
        },
        {
            content: "The schedule follows at once",
            trigger: ".modal [name=installment_ids] .o_data_row:contains(1,000.00):eq(4)",
        },
        {
            content: "Submit it",
            trigger: ".modal button[name=action_open_submitted]",
            run: "click",
        },
        {
            content: "Within the manager's authority it is offered at once",
            trigger: "body:not(:has(.modal)) .o_form_view button[name=action_accept]",
            run: "click",
        },
        {
            content: "The debtor accepted",
            trigger: ".modal [name=accepted_by] input",
            run: "edit Mr. Large",
        },
        {
            content: "Record it",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The plan runs",
            trigger:
                "body:not(:has(.modal)) .o_form_view .o_statusbar_status button.o_arrow_button_current:contains(Running)",
        },
    ],
});

/** Weeks later: the plan is in default, its debts are asked for again. */
registry.category("web_tour.tours").add("debt_collection_plan_default", {
    steps: () => [
        {
            content: "Open the plan in default",
            trigger: ".o_list_view .o_data_row:contains(In default) .o_data_cell[name=partner_id]",
            run: "click",
        },
        {
            content: "It says so",
            trigger: ".o_form_view .alert-danger:contains(in default)",
        },
        {
            content: "The instalments are missed",
            trigger: ".o_form_view [name=installment_ids] .o_data_row:contains(Missed)",
        },
        {
            content: "To the case",
            trigger: ".o_form_view button[name=action_view_case]",
            run: "click",
        },
        {
            content: "All of it is collectible again",
            trigger:
                ".o_form_view [name=open_item_ids] .o_data_row .o_data_cell[name=amount_collectible]:contains(5,000.00)",
        },
    ],
});

/** An officer asks for a settlement beyond their authority. */
registry.category("web_tour.tours").add("debt_collection_settlement_ask", {
    steps: () => [
        ...openCase,
        {
            content: "Propose a settlement",
            trigger: "button[name=action_settle]",
            run: "click",
        },
        {
            content: "Why",
            trigger: ".modal [name=reason] input",
            run: "edit Half is better than nothing",
        },
        {
            content: "The debtor pays half",
            trigger: ".modal [name=amount_pay] input",
            run: "edit 2500",
        },
        {
            content: "Submit it",
            trigger: ".modal button[name=action_open_submitted]",
            run: "click",
        },
        {
            content: "It waits for somebody with the authority",
            trigger: "body:not(:has(.modal)) .o_form_view .alert-warning:contains(Waits for)",
        },
    ],
});

/** A manager approves it. */
registry.category("web_tour.tours").add("debt_collection_settlement_approve", {
    steps: () => [
        {
            content: "Open what waits",
            trigger: ".o_list_view .o_data_row:contains(To approve) .o_data_cell[name=partner_id]",
            run: "click",
        },
        {
            content: "Approve it",
            trigger: ".o_form_view button[name=action_approve]",
            run: "click",
        },
        {
            content: "It is an offer now",
            trigger: ".o_form_view .o_statusbar_status button.o_arrow_button_current:contains(Offered)",
        },
    ],
});

/** A dispute over a part is recorded. */
registry.category("web_tour.tours").add("debt_collection_dispute", {
    steps: () => [
        ...openCase,
        {
            content: "Record a dispute",
            trigger: "button[name=action_dispute]",
            run: "click",
        },
        {
            content: "Choose the reason",
            trigger: ".modal [name=reason_id] input",
            run: "edit Wrong price",
        },
        {
            content: "Take it",
            trigger: ".ui-autocomplete .ui-menu-item a:contains(Wrong price)",
            run: "click",
        },
        {
            content: "The only item is proposed with all of its amount",
            trigger: ".modal [name=line_ids] .o_data_row .o_data_cell[name=amount]",
            run: "click",
        },
        {
            content: "Only a part is disputed",
            trigger: ".modal [name=line_ids] .o_data_row [name=amount] input",
            run: "edit 500 && click .modal .o_form_sheet p",
        },
        {
            content: "Save",
            trigger: ".modal .o_form_button_save, .modal button.btn-primary:contains(Save)",
            run: "click",
        },
        {
            content: "The case says what is disputed",
            trigger: "body:not(:has(.modal)) .o_form_view [name=disputed_words]:contains(500.00)",
        },
    ],
});

/** It is solved with a credit note. */
registry.category("web_tour.tours").add("debt_collection_dispute_solve", {
    steps: () => [
        {
            content: "Open it",
            trigger: ".o_list_view .o_data_row:contains(Wrong price) .o_data_cell[name=partner_id]",
            run: "click",
        },
        {
            content: "Solve it",
            trigger: ".o_form_view button[name=action_solve]",
            run: "click",
        },
        {
            content: "In a few words",
            trigger: ".modal [name=reason] input",
            run: "edit Old price list",
        },
        {
            content: "Uphold all of it",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "It is upheld",
            trigger:
                "body:not(:has(.modal)) .o_form_view .o_statusbar_status button.o_arrow_button_current:contains(Upheld)",
        },
    ],
});

/** A debtor reads an offer and signs it, without a login. */
registry.category("web_tour.tours").add("debt_collection_sign_online", {
    steps: () => [
        {
            content: "The instalments are there",
            trigger: ".o_debt_agreement:contains(Instalments)",
        },
        {
            content: "Begin to give the name",
            trigger: ".o_web_sign_name_input",
            run: "edit J",
        },
        {
            content: "There is room for the signature",
            trigger: "canvas.o_web_sign_signature",
        },
        {
            content: "Give the whole name",
            trigger: ".o_web_sign_name_input",
            run: "edit Jordan Blake",
        },
        {
            content: "Accept and sign",
            trigger: ".o_portal_sign_submit:not([disabled])",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is accepted",
            trigger: ".o_debt_agreement .alert-success",
        },
    ],
});
