from odoo import api, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """New customer invoices: a hold warns on the form, or keeps them from being posted.

    Confirmed by a person, an invoice that may not go out joins the queue of held documents;
    posted by a program, it is refused. Nothing else of bookkeeping is touched.
    """

    _name = "account.move"
    _inherit = ["account.move", "debt.holdable"]

    @api.depends("move_type")
    def _compute_debt_credit(self):
        return super()._compute_debt_credit()

    def _get_credit_kind(self):
        return "invoice"

    def _is_credit_relevant(self):
        return self.state == "draft" and self.move_type == "out_invoice"

    def _get_credit_values(self):
        return {
            "amount": self.amount_total,
            "currency_id": self.currency_id.id,
            "user_id": self.invoice_user_id.id or self.env.uid,
        }

    def action_post(self):
        """Post what no credit hold stops; the rest waits in the queue of held documents."""
        held = self._hold_for_credit()
        free = self - held
        result = super(AccountMove, free).action_post() if free or not held else False
        return held._get_held_notification() if held else result

    def _post(self, soft=True):
        """Refuse new invoices to debtors whose hold says so, unless a person released them."""
        for move in self._get_credit_blocked():
            _effect, words = move._judge_credit()
            raise UserError(
                self.env._(
                    "%(partner)s gets no new invoice: %(reason)s. A credit manager can release "
                    "the credit hold with a reason; it ends by itself when the debt is paid.",
                    partner=move.partner_id.display_name,
                    reason=words,
                )
            )
        return super()._post(soft=soft)

    def button_cancel(self):
        """A cancelled draft does not wait any more."""
        result = super().button_cancel()
        self.filtered(lambda move: move.move_type == "out_invoice")._drop_from_credit_queue()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_drop_from_credit_queue(self):
        self.filtered(lambda move: move.move_type == "out_invoice")._drop_from_credit_queue()

    def _on_credit_released(self, reason):
        """A released invoice is posted."""
        result = super()._on_credit_released(reason)
        self.filtered(lambda move: move.state == "draft").action_post()
        return result
