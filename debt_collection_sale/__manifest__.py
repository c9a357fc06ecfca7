{
    "name": "Debt Collection: sales orders",
    "summary": "Credit holds of debtors stop the confirmation of their orders",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Debt Collection contributors",
    "license": "LGPL-3",
    "depends": ["debt_collection", "sale"],
    "data": ["views/sale_order_views.xml"],
    "assets": {
        "web.assets_tests": ["debt_collection_sale/static/tests/tours/**/*"],
    },
    "auto_install": True,
}
