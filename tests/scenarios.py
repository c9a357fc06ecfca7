"""What several scenarios on real databases share."""

# Open, paid and part paid invoices of a time before the addon.
LEDGER = """
from datetime import timedelta
from odoo import Command, fields

today = fields.Date.today()

def invoice(name, amount, days):
    partner = env["res.partner"].create(
        {"name": name, "is_company": True, "email": f"{name.lower()}@example.com"}
    )
    move = env["account.move"].create({
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_date": today - timedelta(days=days + 30),
        "invoice_date_due": today - timedelta(days=days),
        "invoice_payment_term_id": False,
        "invoice_line_ids": [Command.create({"name": "x", "price_unit": amount, "tax_ids": False})],
    })
    move.action_post()
    return move

def pay(move, amount):
    env["account.payment.register"].with_context(
        active_model="account.move", active_ids=move.ids
    ).create({"amount": amount})._create_payments()

invoice("Late", 100, 10)
pay(invoice("Settled", 70, 10), 70)
pay(invoice("Partial", 90, 25), 30)
invoice("Early", 40, -20)
env.cr.commit()
"""


def rows(store, database, sql):
    """Return the rows of a query, none for an empty answer."""
    return [line for line in store.query(sql, database).splitlines() if line]
