"""A copy of a production database contacts nobody, whatever was waiting."""

import json

WAITING = """
from datetime import timedelta
from odoo import Command, fields

today = fields.Date.today()
env.company.debt_send_automatically = True

def debtor(name):
    partner = env["res.partner"].create(
        {"name": name, "is_company": True, "email": f"{name.lower()}@example.com"}
    )
    env["account.move"].create({
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_date": today - timedelta(days=40),
        "invoice_date_due": today - timedelta(days=10),
        "invoice_payment_term_id": False,
        "invoice_line_ids": [Command.create({"name": "x", "price_unit": 50, "tax_ids": False})],
    }).action_post()

debtor("Queued")
env["debt.run"].create({"date": today})._execute()
debtor("Ready")
env["debt.run"].create({"date": today}).sudo()._plan()
debtor("Approve")
env["debt.run"].create({"date": today})._execute(release=False, send=False)
states = env["debt.notice"].search([]).mapped("state")
assert sorted(states) == ["queued", "ready", "to_approve"], states
env["ir.mail_server"].create({"name": "real", "smtp_host": "mail.example.com"})
env.cr.commit()
"""

# Whatever could send is asked to, with the mail server only pretended.
PUSH = """
import json
from unittest.mock import patch

sent = []

def connect(self, *args, **kwargs):
    sent.append("connected")
    raise OSError("no server in tests")

with patch.object(env.registry["ir.mail_server"], "_connect__", connect):
    jobs = env["ir.cron"].with_context(active_test=False).search(
        [("cron_name", "like", "Debt collection")]
    )
    active = jobs.filtered("active").mapped("cron_name")
    env["debt.run"]._cron_run_collections()
    env["debt.notice"]._cron_dispatch()
    waiting = env["debt.notice"].search([])
    waiting.action_send()
    waiting.action_approve()
    env["mail.mail"].process_email_queue()
    env["mail.mail"].search([("model", "=", "debt.notice")]).send()
mails = env["mail.mail"].search([("model", "=", "debt.notice")])
print(json.dumps({
    "jobs": active,
    "switches": [env.company.debt_run_daily, env.company.debt_send_automatically],
    "notices": sorted(set(env["debt.notice"].search([]).mapped("state"))),
    "mails": sorted(set(mails.mapped("state"))),
    "sent": sent,
}))
"""


def test_nothing_leaves_a_neutralized_copy(make_db, run_odoo, shell):
    """Notices are cancelled, their e-mails too, jobs and switches are off."""
    database = make_db()
    shell(database, WAITING)
    run_odoo(["neutralize", "-d", database], check=True)
    assert json.loads(shell(database, PUSH).splitlines()[-1]) == {
        "jobs": [],
        "switches": [False, False],
        "notices": ["cancelled"],
        "mails": ["cancel"],
        "sent": [],
    }
