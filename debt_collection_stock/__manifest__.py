{
    "name": "Debt Collection: deliveries",
    "summary": "Credit holds of debtors stop their deliveries",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Debt Collection contributors",
    "license": "LGPL-3",
    "depends": ["debt_collection", "stock"],
    "data": ["views/stock_picking_views.xml"],
    "assets": {
        "web.assets_tests": ["debt_collection_stock/static/tests/tours/**/*"],
    },
    "auto_install": True,
}
