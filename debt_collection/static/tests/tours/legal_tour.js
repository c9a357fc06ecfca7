import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("debt_collection_legal", {
    url: "/odoo/collections-worklist",
    steps: () => [
        {
            content: "Open the case on top of the worklist",
            trigger: ".o_list_view .o_data_row:contains(Debtor Large) .o_data_cell[name=partner_id]",
            run: "click",
        },
        {
            content: "Escalate it: nothing stands against it",
            trigger: ".o_form_view button[name=action_escalate]:visible",
            run: "click",
        },
        {
            content: "To another escalation",
            trigger: ".modal .o_field_widget[name=target] input",
            run: "click",
        },
        {
            content: "To pre-legal",
            trigger: ".o_select_menu_item:contains(Pre-legal)",
            run: "click",
        },
        {
            content: "With the reason",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit No answer to three calls and the formal notice",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The case is pre-legal; make its legal file",
            trigger: ".o_form_view .o_arrow_button_current:contains(Pre-legal), .o_form_view .o_statusbar_status:contains(Pre-legal)",
        },
        {
            content: "Legal file",
            trigger: ".o_form_view button[name=action_legal_file]:visible",
            run: "click",
        },
        {
            content: "The file has its hash",
            trigger: ".modal .o_field_widget[name=hash_archive]:contains(/[0-9a-f]{64}/)",
        },
        {
            content: "Made again it is the same",
            trigger: ".modal button[name=action_verify]",
            run: "click",
        },
        {
            content: "It says so",
            trigger: ".o_notification:contains(same to the byte)",
        },
    ],
});

registry.category("web_tour.tours").add("debt_collection_agency", {
    url: "/odoo/collections-referrals",
    steps: () => [
        {
            content: "Open the placement that waits",
            trigger: ".o_list_view .o_data_row:contains(Debtor Large) .o_data_cell[name=partner_id]",
            run: "click",
        },
        {
            content: "Place it",
            trigger: ".o_form_view button[name=action_place]:visible",
            run: "click",
        },
        {
            content: "It is placed: the first stage has begun",
            trigger: ".o_form_view .o_field_widget[name=stage_id] input:value(Handed over)",
        },
        {
            content: "Open the menu of the agencies",
            trigger: ".o_menu_sections button:contains(Legal)",
            run: "click",
        },
        {
            content: "Import a file of the agency",
            trigger: ".o-dropdown--menu .dropdown-item:contains(Import an agency)",
            run: "click",
        },
        {
            content: "With the saved format",
            trigger: ".modal .o_field_widget[name=mapping_id] input",
            run: "edit Tour payments",
        },
        {
            content: "Choose the format",
            trigger: ".o-autocomplete--dropdown-item:contains(Tour payments)",
            run: "click",
        },
        {
            content: "The file",
            trigger: ".modal .o_field_widget[name=file] input[type=file]:not(:visible)",
            async run() {
                const day = new Date().toISOString().slice(0, 10);
                const text = `Placement,Day,Sum,Ref\nREF/TOUR1,${day},100.00,T1\n`;
                const data = new DataTransfer();
                data.items.add(new File([text], "payments.csv", { type: "text/csv" }));
                this.anchor.files = data.files;
                this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        {
            content: "One row was found",
            trigger: ".modal .o_field_widget[name=row_count]:contains(1)",
        },
        {
            content: "Import it",
            trigger: ".modal button[name=action_import]:visible",
            run: "click",
        },
        {
            content: "The payment is there",
            trigger: ".o_list_view .o_data_row:contains(T1)",
        },
    ],
});
