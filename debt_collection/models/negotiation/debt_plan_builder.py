"""The schedule of a plan: built from a few figures, in the dialog and when it is saved."""

from odoo import Command, api, fields, models

from ...tools import instalments as maths
from ...tools.promise import next_business_day

# What the schedule is built from.
BUILDER_FIELDS = (
    "amount",
    "date_first",
    "every",
    "every_unit",
    "split",
    "number",
    "part",
    "down_payment",
    "date_down",
    "end_of_month",
    "business_days",
    "yearly_rate",
)


class DebtPlan(models.Model):
    _inherit = "debt.plan"

    # === BUILDING ===

    @api.onchange(*BUILDER_FIELDS)
    def _onchange_builder(self):
        """Show the schedule that follows from what was entered."""
        if self.split != "free" and self.currency_id and self.date_first:
            self.installment_ids = [Command.clear(), *self._prepare_installments()]

    @api.onchange("amount")
    def _onchange_amount(self):
        return super()._onchange_amount()

    def _prepare_installments(self):
        """Commands that make the schedule.

        :return: list of Command
        """
        self.ensure_one()
        currency, amount = self.currency_id, self.amount
        start = fields.Date.context_today(self)
        down = min(max(self.down_payment, 0.0), amount)
        rest = currency.round(amount - down)
        unit = currency.rounding
        parts = []
        if rest:
            if self.split == "amount" and self.part > 0:
                parts = maths.split_by_amount(rest, self.part, unit)
            else:
                parts = maths.split_equally(rest, min(max(self.number, 1), maths.LONGEST), unit)
        days = maths.due_days(
            self.date_first,
            len(parts),
            max(self.every, 1),
            self.every_unit,
            self.end_of_month,
            self._get_move_day() if self.business_days else lambda day: day,
        )
        if down:
            parts = [down, *parts]
            days = [self.date_down or start, *days]
        return [
            Command.create(
                {
                    "date": part.day,
                    "principal": part.principal,
                    "interest": part.interest,
                    "amount": part.amount,
                    "is_down_payment": bool(down) and index == 0,
                }
            )
            for index, part in enumerate(maths.build(parts, days, start, self.yearly_rate, unit))
        ]

    def _get_move_day(self):
        """Function that moves a day to one on which the company works."""
        company = self.company_id or self.case_id.company_id or self.env.company
        last = fields.Date.add(self.date_first, years=20)
        holidays, weekend = company._get_days_off(self.date_first, last)
        return lambda day: next_business_day(day, holidays, weekend)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            # what the dialog shows is what is made here again: one producer of schedules
            if vals.get("split", "number") != "free":
                vals.pop("installment_ids", None)
        plans = super().create(vals_list)
        for plan in plans:
            values = {}
            if not plan.reference:
                sequence = self.env["ir.sequence"].sudo().with_company(plan.company_id)
                values["reference"] = sequence.next_by_code("debt.plan")
            if not plan.installment_ids:
                values["installment_ids"] = plan._prepare_installments()
            plan.sudo().write(values)
        return plans

    @api.model
    def _get_free_fields(self):
        return super()._get_free_fields() | {"date_expire"}

    def write(self, vals):
        """A draft is built on; what was submitted stays as it is."""
        if not self.env.su and all(plan.state == "draft" for plan in self):
            self._check_may_work()
            allowed = {*BUILDER_FIELDS, "legal_form", "grace_days", "missed_max", "installment_ids"}
            if vals.keys() <= allowed | self._get_free_fields():
                # what the form shows is what is made here again: one producer of schedules
                built = self.sudo().filtered(lambda plan: plan._is_built(vals))
                if built:
                    vals = {key: value for key, value in vals.items() if key != "installment_ids"}
                result = super(DebtPlan, self.sudo()).write(vals)
                for plan in built:
                    plan.installment_ids = [Command.clear(), *plan._prepare_installments()]
                return result
        return super().write(vals)

    def _is_built(self, vals):
        """Whether the schedule follows from what is being changed."""
        self.ensure_one()
        return bool(set(BUILDER_FIELDS) & vals.keys()) and vals.get("split", self.split) != "free"
