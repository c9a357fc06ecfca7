"""Following the ledger by day: once a transaction, before anybody looks, at the latest at commit.

A payment run books hundreds of documents in one transaction; bringing the cases up to date at each
of them would cost more than the booking. So a movement is only remembered, and followed when one
of our records is searched or read again, or before the commit: the same transaction either way.
"""

from contextlib import contextmanager

from odoo import api, models

MOVEMENTS = "debt_collection.movements"
FOLLOWERS = (
    "debt.case",
    "debt.case.item",
    "debt.hold",
    "debt.notice",
    "debt.notice.item",
    "debt.promise",
    "debt.promise.line",
    "debt.concession",
    "debt.concession.line",
    "debt.plan",
    "debt.plan.line",
    "debt.plan.installment",
    "debt.dispute",
    "debt.dispute.line",
    "debt.credit.hold",
    "debt.held.document",
    "debt.referral",
    "debt.referral.payment",
    "debt.agency.contract",
)


@contextmanager
def followed(records, field):
    """Follow the ledger before ``field`` of ``records`` is read from the database.

    Following may drop all caches (deleting a record does), while the reader of a field holds on to
    the field's cache as it was: what is fetched has to be found there too.

    :param records: records of any model
    :param field: the field that is being fetched
    """
    if MOVEMENTS not in records.env.cr.precommit.data:
        yield
        return
    held = field._get_cache(records.env)
    records.env["debt.case"]._follow_movements()
    yield
    fresh = field._get_cache(records.env)
    if fresh is not held:
        held.update(fresh)


class DebtLedgerFollower(models.AbstractModel):
    """Records that depend on the ledger: remembered movements are followed before they are read."""

    _name = "debt.ledger.follower"
    _description = "Follows the ledger"

    @api.model
    def _search(
        self,
        domain,
        offset=0,
        limit=None,
        order=None,
        *,
        active_test=True,
        bypass_access=False,
    ):
        self._follow_movements()
        return super()._search(
            domain,
            offset,
            limit,
            order,
            active_test=active_test,
            bypass_access=bypass_access,
        )

    @api.model_create_multi
    def create(self, vals_list):
        """What moved before a record was made has nothing to do with it."""
        self._follow_movements()
        return super().create(vals_list)

    def _fetch_field(self, field):
        with followed(self, field):
            return super()._fetch_field(field)

    @api.model
    def _remember_movement(self, pairs, line_ids, money=False, returning=True):
        """Remember that the ledger of some debtors moved.

        :param pairs: set of (company id, commercial partner id)
        :param line_ids: ids of the receivable lines that moved; cases about them are looked at
            even where the debtor changed
        :param money: money or a credit arrived, it is not only a document that changed
        :param returning: something may be owed again; False: it can only have become less
        """
        precommit = self.env.cr.precommit
        waiting = precommit.data.get(MOVEMENTS)
        if waiting is None:
            waiting = precommit.data[MOVEMENTS] = {
                "pairs": set(),
                "lines": set(),
                "paid": set(),
                "returning": False,
            }
            precommit.add(self.sudo()._follow_movements)
        waiting["pairs"] |= pairs
        waiting["lines"].update(line_ids)
        waiting["returning"] |= returning
        if money:
            waiting["paid"] |= pairs
        for model in FOLLOWERS:
            self.env[model].invalidate_model()

    @api.model
    def _follow_movements(self):
        """Bring the cases of the remembered movements up to date, if there are any."""
        waiting = self.env.cr.precommit.data.pop(MOVEMENTS, None)
        if waiting:
            cases = self.env["debt.case"].sudo()
            cases._refresh_debtors(
                waiting["pairs"], waiting["lines"], waiting["paid"], waiting["returning"]
            )
            self.env.flush_all()
