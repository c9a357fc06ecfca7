"""What installing and uninstalling need beyond data files."""


def uninstall_hook(env):
    """Take along what names our models without an external id, and Odoo would leave behind.

    Messages, activities, followers and files go with the models; saved searches do not.

    :param env: Odoo environment; our tables are still there
    """
    env["ir.filters"].with_context(active_test=False).search(
        [("model_id", "=like", "debt.%")]
    ).unlink()
