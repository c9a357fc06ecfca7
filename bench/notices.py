"""What leaving notices cost: e-mails into the queue, with and without a PDF, and letters."""

from bench.measure import measure

EMAILS = 200
EMAILS_WITH_PDF = 50
LETTERS = 200


def measure_notices(env, emit):
    """Queue e-mails without and with a statement, and make letters into one file.

    :param env: environment on a database after a first run without sending
    :param emit: function that prints one result
    """
    ready = env["debt.notice"].search(
        [("state", "in", ("ready", "to_approve")), ("case_id", "!=", False)],
        limit=EMAILS + EMAILS_WITH_PDF + LETTERS,
        order="id",
    )
    address = {"street": "Long Road 1", "zip": "12345", "city": "Old Town"}
    for partner in ready.partner_id:
        partner.write({**address, "email": f"debtor{partner.id}@example.com"})
    ready.write({"state": "ready"})
    company = ready.company_id
    env["res.partner.bank"].create(
        {"acc_number": "DE89370400440532013000", "partner_id": company.partner_id.id}
    )
    ready.level_id.write({"attach_statement": False})
    warm, rest = ready[:5], ready[5:]
    warm._dispatch_batch()

    def take(count):
        nonlocal rest
        part, rest = rest[:count], rest[count:]
        return part

    def queue(notices):
        for start in range(0, len(notices), 50):
            notices[start : start + 50]._dispatch_batch()
        assert set(notices.mapped("state")) == {"queued"}, notices.mapped("error_message")

    emails = take(EMAILS)
    emails.write({"channel": "email"})
    _result, figures = measure(env, lambda: queue(emails))
    emit("emails", items=len(emails), **figures)

    company.debt_attach_statement = True
    emails = take(EMAILS_WITH_PDF)
    emails.write({"channel": "email"})
    _result, figures = measure(env, lambda: queue(emails))
    assert all(emails.mapped("page_count"))
    emit("emails_with_pdf", items=len(emails), **figures)

    letters = take(LETTERS)
    letters.write({"channel": "letter"})

    def print_all():
        queue(letters)
        wizard = env["debt.notice.print"].browse(letters.action_print()["res_id"])
        return len(wizard._join()), wizard.page_count

    (size, pages), figures = measure(env, print_all)
    emit("letters", items=len(letters), pages=pages, megabytes=size / 1e6, **figures)
