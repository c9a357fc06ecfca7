import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("debt_collection_aged_balance", {
    url: "/odoo/collections-aged-balance",
    steps: () => [
        {
            content: "The total stays in view above the debtors",
            trigger: ".o_debt_aged .o_debt_total:contains(5,090.00)",
        },
        {
            content: "A portfolio is part of the ledger: the debtors are counted instead",
            trigger: ".o_debt_aged_check:contains(2 debtors)",
        },
        {
            content: "Unfold the largest debtor",
            trigger: ".o_debt_debtor:first",
            run: "click",
        },
        {
            content: "Its items are below",
            trigger: ".o_debt_item:contains(INV)",
        },
        {
            content: "Fold it again",
            trigger: ".o_debt_debtor[aria-expanded=true]",
            run: "click",
        },
        {
            content: "The items are gone",
            trigger: ".o_debt_aged_table:not(:has(.o_debt_item))",
        },
        {
            content: "Search one debtor",
            trigger: ".o_debt_search input",
            run: "edit Small",
        },
        {
            content: "Only that one is left",
            trigger: ".o_debt_total:contains(90.00):not(:contains(5,090.00))",
        },
        {
            content: "Open the case of the debtor",
            trigger: ".o_debt_debtor .o_debt_links a",
            run: "click",
        },
        {
            content: "The case opens",
            trigger: ".o_form_view [name=open_item_ids]",
        },
        {
            content: "Go back",
            trigger: ".o_breadcrumb .o_back_button a",
            run: "click",
        },
        {
            content: "The search is still there",
            trigger: ".o_debt_aged .o_debt_total:contains(90.00):not(:contains(5,090.00))",
        },
        {
            content: "Look at the same as a pivot",
            trigger: ".o_debt_aged_pivot",
            run: "click",
        },
        {
            content: "The pivot shows the debtor",
            trigger: ".o_pivot_view .o_pivot:contains(Debtor Small)",
        },
    ],
});

registry.category("web_tour.tours").add("debt_collection_dashboard", {
    url: "/odoo/collections-dashboard",
    steps: () => [
        {
            content: "Receivables at a glance",
            trigger: ".o_debt_dashboard .o_debt_tile:contains(5,090.00)",
        },
        {
            content: "The ageing is drawn",
            trigger: ".o_debt_dashboard .o_debt_canvas canvas",
        },
        {
            content: "Cases nobody contacted",
            trigger: ".o_debt_dashboard .card:contains(Cases without contact) tbody tr",
        },
        {
            content: "Open what is overdue",
            trigger: ".o_debt_tile:contains(Overdue)",
            run: "click",
        },
        {
            content: "The items behind the figure",
            trigger: ".o_list_view .o_data_row",
        },
    ],
});
