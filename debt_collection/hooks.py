"""What installing and uninstalling need beyond data files."""

# Demo records that bookkeeping refers to: they stay, as anybody's own records would.
KEPT_MODELS = (
    "account.move",
    "account.payment",
    "account.payment.term",
    "res.bank",
    "res.partner",
    "res.partner.bank",
    "res.partner.category",
    "res.users",
)


def uninstall_hook(env):
    """Take along what names our models without an external id, and Odoo would leave behind.

    Messages, activities, followers and files go with the models; saved searches do not. Demo
    debtors with their invoices cannot be deleted: they lose the external id that says they are
    ours, so that no model data is left.

    :param env: Odoo environment; our tables are still there
    """
    env["ir.filters"].with_context(active_test=False).search(
        [("model_id", "=like", "debt.%")]
    ).unlink()
    env["ir.model.data"].search(
        [("module", "=", "debt_collection"), ("model", "in", KEPT_MODELS)]
    ).unlink()
    # Odoo drops the relation tables of our fields on other models and forgets their constraints.
    relations = env["ir.model.relation"].search([("module.name", "=", "debt_collection")])
    names = [
        f"{relation.name}_{column}_fkey"
        for relation in relations
        for column in get_columns(env.cr, relation.name)
    ]
    env["ir.model.constraint"].search(
        [("module.name", "=", "debt_collection"), ("name", "in", names)]
    ).unlink()


def get_columns(cr, table):
    """Return the names of a table's columns.

    :param cr: Odoo cursor
    :param table: name of the table
    """
    cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
    return [name for (name,) in cr.fetchall()]
