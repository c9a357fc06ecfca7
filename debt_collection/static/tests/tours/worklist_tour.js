import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("debt_collection_worklist", {
    url: "/odoo/collections-worklist",
    steps: () => [
        {
            content: "Open the case on top of the worklist",
            trigger: ".o_list_view .o_data_row:first .o_data_cell[name=partner_id]",
            run: "click",
        },
        {
            content: "The case shows what the debtor owes",
            trigger: ".o_form_view [name=open_item_ids] .o_data_row",
        },
        {
            content: "Go back to the worklist",
            trigger: ".o_breadcrumb .o_back_button a",
            run: "click",
        },
        {
            content: "The worklist is still there",
            trigger: ".o_list_view .o_data_row",
        },
    ],
});
