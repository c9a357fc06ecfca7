"""Texts of notices are compiled once, not once for each debtor."""

from lxml import etree

from odoo import models

CONTEXT_KEY = "debt_notice_text"


class IrQweb(models.AbstractModel):
    _inherit = "ir.qweb"

    def _compile(self, template):
        """Keep what a text of notices was compiled to for the rest of the transaction.

        Odoo renders the text of a template for one record after the other and compiles it anew for
        each of them, which takes as long as all the rest of it.
        """
        context = self.env.context
        if not context.get(CONTEXT_KEY) or not isinstance(template, etree._Element):
            return super()._compile(template)
        known = self.env.cr.cache.setdefault("debt_collection.compiled", {})
        key = (
            etree.tostring(template),
            context.get("raise_on_forbidden_code_for_model"),
            context.get("profile"),
            *(context.get(name) or False for name in self._get_template_cache_keys()),
        )
        if key not in known:
            known[key] = super()._compile(template)
        return known[key]
