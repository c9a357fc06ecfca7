"""Make receivables in bulk: a small block through the ORM, then copies of it through SQL.

    ./dev/python bench/generate.py -d DB --debtors 1000

The block is 50 debtors with ten open invoices each (one in five partly paid), two paid ones, and
every tenth debtor an open credit note, all booked and reconciled by Odoo itself. It is then copied
with ``INSERT … SELECT`` until there are enough debtors. The foreign keys between the copied tables
are read from the catalogue, so columns that other addons brought along are carried over as well;
what differs per copy is names, numbers and dates: each invoice gets a due date of its own,
between 0 and 400 days before the day the benchmark looks at.

The same arguments give the same data. At the end invariants of the books are checked on all rows
and the ORM's own computations on a sample; if anything differs nothing is committed.
"""

import argparse
import datetime
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.session import quiet_environment, say

AS_OF = datetime.date(2026, 6, 30)
BLOCK = 50  # debtors made through the ORM
OPEN_PER_DEBTOR = 10
PAID_PER_DEBTOR = 2
PARTLY_PAID = 0.2
DEBTORS_PER_CREDIT = 10
WITHOUT_EMAIL = 0.1
TERM_DAYS = 30
PAID_AFTER_DAYS = 10
MAX_AGE_DAYS = 400
SEED = 19

# Parents before children: the order rows are inserted in.
TABLES = (
    "res_partner",
    "account_move",
    "account_full_reconcile",
    "account_move_line",
    "account_partial_reconcile",
)


class Block:
    """The documents of the first debtors, made by Odoo."""

    def __init__(self, env, seed=SEED):
        """Choose journals and accounts.

        :param env: environment of a user who may book; its company has a chart of accounts.
        :param int seed: start of the random numbers.
        """
        self.env = env
        self.random = random.Random(seed)
        company = env.company
        self.sales = self._journal("sale")
        self.bank = self._journal("bank")
        self.income = env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "in", company.ids)], limit=1
        )
        self.tax = company.account_sale_tax_id
        self.entries_of = {}  # id of an invoice -> ids of the entries that pay it
        self.groups = []  # documents that move in time together, the leading one first

    def _journal(self, kind):
        """Return the company's first journal of a type."""
        return self.env["account.journal"].search(
            [("type", "=", kind), ("company_id", "=", self.env.company.id)], limit=1
        )

    def make(self):
        """Create, post and pay everything."""
        partners = self.env["res.partner"].create(
            [self._partner_values(number) for number in range(BLOCK)]
        )
        plan = []
        for number, partner in enumerate(partners):
            kinds = ["open"] * OPEN_PER_DEBTOR + ["paid"] * PAID_PER_DEBTOR
            if number % DEBTORS_PER_CREDIT == 0:
                kinds.append("credit")
            for kind in kinds:
                if kind == "open" and self.random.random() < PARTLY_PAID:
                    kind = "partly"
                plan.append((kind, self._document_values(kind, partner)))
        documents = self.env["account.move"].create([values for _kind, values in plan])
        documents.action_post()
        paying = [
            (document, kind)
            for document, (kind, _values) in zip(documents, plan, strict=True)
            if kind in ("paid", "partly")
        ]
        entries = self.env["account.move"].create(
            [self._entry_values(document, kind) for document, kind in paying]
        )
        entries.action_post()
        payer = {
            document.id: entry for (document, _kind), entry in zip(paying, entries, strict=True)
        }
        self.env["account.move.line"]._reconcile_plan(
            [receivable(document) | receivable(payer[document.id]) for document, _kind in paying]
        )
        self.groups = [
            [document.id, *payer.get(document.id, self.env["account.move"]).ids]
            for document in documents
        ]
        self.env.flush_all()
        self.partners, self.documents, self.entries = partners, documents, entries

    def _partner_values(self, number):
        """Return the values of one debtor. Its token is what tells the copies' texts apart."""
        token = f"00000-{number:02d}"
        reachable = self.random.random() >= WITHOUT_EMAIL
        return {
            "name": f"Debtor {token}",
            "ref": f"D{token}",
            "is_company": True,
            "email": f"accounts@d{token}.example" if reachable else False,
            "phone": f"+32 2 555 {number:02d} 00",
            "street": f"{number + 1} Canal Street",
            "zip": f"{1000 + number}",
            "city": "Sampleton",
            "country_id": self.env.ref("base.be").id,
            "lang": "en_US",
            "customer_rank": 1,
        }

    def _document_values(self, kind, partner):
        """Return the values of one invoice or credit note."""
        due = AS_OF - datetime.timedelta(days=self.random.randint(0, MAX_AGE_DAYS))
        amount = round(self.random.uniform(30, 4000), 2)
        return {
            "move_type": "out_refund" if kind == "credit" else "out_invoice",
            "partner_id": partner.id,
            "journal_id": self.sales.id,
            "invoice_date": due - datetime.timedelta(days=TERM_DAYS),
            "invoice_payment_term_id": False,
            "invoice_date_due": due,
            "invoice_line_ids": [
                (
                    0,
                    0,
                    {
                        "name": "Goods delivered",
                        "quantity": 1,
                        # A credit smaller than what is owed: the debtor still owes on balance.
                        "price_unit": amount / 10 if kind == "credit" else amount,
                        "account_id": self.income.id,
                        "tax_ids": [(6, 0, self.tax.ids)],
                    },
                )
            ],
        }

    def _entry_values(self, document, kind):
        """Return the values of the bank entry that pays an invoice or part of it."""
        due = receivable(document)
        share = 1 if kind == "paid" else self.random.uniform(0.1, 0.9)
        amount = self.env.company.currency_id.round(due.balance * share)
        common = {"partner_id": document.partner_id.id, "name": "Transfer received"}
        return {
            "move_type": "entry",
            "journal_id": self.bank.id,
            "partner_id": document.partner_id.id,
            "date": document.invoice_date + datetime.timedelta(days=PAID_AFTER_DAYS),
            "ref": "Transfer received",
            "line_ids": [
                (
                    0,
                    0,
                    {
                        **common,
                        "account_id": self.bank.default_account_id.id,
                        "debit": amount,
                    },
                ),
                (0, 0, {**common, "account_id": due.account_id.id, "credit": amount}),
            ],
        }


def receivable(moves):
    """Return the receivable lines of documents.

    :param account.move moves: the documents.
    """
    return moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")


class Copier:
    """Copies a block of documents many times, in SQL."""

    def __init__(self, env, block, copies, seed=SEED):
        """Take the block.

        :param env: the environment it was made in; everything must be flushed.
        :param Block block: the documents.
        :param int copies: how many copies to add.
        :param int seed: start of the due dates.
        """
        self.env, self.cr = env, env.cr
        self.block, self.copies, self.seed = block, copies, seed
        self.links = self._read_links()

    def run(self):
        """Add the copies.

        :return: rows added, by table.
        :rtype: dict[str, int]
        """
        self._number_rows()
        self._draw_dates()
        self._name_moves()
        counts = {table: self._copy_table(table) for table in TABLES}
        counts.update(self._copy_relations())
        for table in TABLES:
            self.cr.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )
        self.env.invalidate_all(flush=False)
        return counts

    def _read_links(self):
        """Return {table: {column: table it points to}} for links between copied tables."""
        self.cr.execute(
            """
            SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text
              FROM pg_constraint c
              JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
             WHERE c.contype = 'f'
               AND cardinality(c.conkey) = 1
               AND c.confrelid = ANY(%s::regclass[])
            """,
            [list(TABLES)],
        )
        links = {}
        for table, column, target in self.cr.fetchall():
            links.setdefault(table, {})[column] = target
        return links

    def _columns(self, table):
        """Return {column: type} of a table, in its order."""
        self.cr.execute(
            """
            SELECT column_name, data_type FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = %s AND is_generated = 'NEVER'
             ORDER BY ordinal_position
            """,
            [table],
        )
        return dict(self.cr.fetchall())

    def _block_ids(self):
        """Return the ids of the block's rows, by table."""
        moves = self.block.documents | self.block.entries
        lines = moves.line_ids
        partials = lines.matched_debit_ids | lines.matched_credit_ids
        return {
            "res_partner": self.block.partners.ids,
            "account_move": moves.ids,
            "account_full_reconcile": lines.full_reconcile_id.ids,
            "account_move_line": lines.ids,
            "account_partial_reconcile": partials.ids,
        }

    def _number_rows(self):
        """Give every copied row its id: a table ``new_<table> (copy, old, new)`` each."""
        for table, ids in self._block_ids().items():
            self.cr.execute(f"SELECT max(id) FROM {table}")
            [top] = self.cr.fetchone()
            self.cr.execute(
                f"""
                CREATE TEMPORARY TABLE new_{table} ON COMMIT DROP AS
                SELECT copy, old, (%s + (copy - 1) * %s + place)::int AS new
                  FROM generate_series(1, %s) AS copy,
                       unnest(%s::int[]) WITH ORDINALITY AS source(old, place)
                """,
                [top, len(ids), self.copies, sorted(ids)],
            )
            self.cr.execute(f"CREATE UNIQUE INDEX ON new_{table} (copy, old)")
            self.cr.execute(f"CREATE INDEX ON new_{table} (old)")
            self.cr.execute(f"ANALYZE new_{table}")

    def _draw_dates(self):
        """Decide by how many days each copied document is moved; a payment goes with its invoice.

        The day is drawn from a hash of seed, copy and place, not from the server's generator, so
        that it does not depend on the order rows are visited in.
        """
        rows = [
            (member, group[0], place)
            for place, group in enumerate(self.block.groups)
            for member in group
        ]
        self.cr.execute(
            """
            CREATE TEMPORARY TABLE shift ON COMMIT DROP AS
            SELECT n.copy, n.old, n.new,
                   %s - leader.invoice_date_due
                   - mod(('x' || md5(concat_ws(':', %s, n.copy, g.place)))::bit(32)::bigint,
                         %s)::int AS days
              FROM unnest(%s::int[], %s::int[], %s::int[]) AS g(member, leader, place)
              JOIN new_account_move n ON n.old = g.member
              JOIN account_move leader ON leader.id = g.leader
            """,
            [AS_OF, self.seed, MAX_AGE_DAYS + 1, *map(list, zip(*rows, strict=True))],
        )
        self.cr.execute("CREATE UNIQUE INDEX ON shift (copy, old)")

    def _name_moves(self):
        """Number the copies on from the block's numbers, by journal and year as Odoo does."""
        self.cr.execute(
            r"""
            CREATE TEMPORARY TABLE named ON COMMIT DROP AS
            WITH placed AS (
                SELECT shift.*, m.journal_id, m.date + shift.days AS day,
                       length(m.name) - length(m.sequence_prefix) AS width,
                       regexp_replace(
                           m.sequence_prefix, '\d{4}/(\d\d/)?$',
                           to_char(m.date + shift.days,
                                   CASE WHEN m.sequence_prefix ~ '\d{4}/\d\d/$'
                                        THEN 'YYYY/MM/' ELSE 'YYYY/' END)) AS prefix
                  FROM shift JOIN account_move m ON m.id = shift.old
            ), top AS (
                SELECT journal_id, sequence_prefix AS prefix, max(sequence_number) AS number
                  FROM account_move GROUP BY 1, 2
            )
            SELECT copy, old, days, prefix, number, prefix
                   || lpad(number::text, greatest(width, length(number::text)), '0') AS name
              FROM (SELECT placed.*, (coalesce(top.number, 0) + row_number() OVER (
                               PARTITION BY journal_id, prefix ORDER BY day, new))::int AS number
                      FROM placed LEFT JOIN top USING (journal_id, prefix)) AS numbered
            """
        )
        self.cr.execute("CREATE UNIQUE INDEX ON named (copy, old)")
        self.cr.execute("ANALYZE named")

    def _copy_table(self, table):
        """Insert the copies of one table's rows; return how many."""
        expressions, joins = {}, []
        for place, (column, target) in enumerate(self.links.get(table, {}).items()):
            alias = f"link{place}"
            joins.append(
                f"LEFT JOIN new_{target} {alias}"
                f" ON {alias}.copy = n.copy AND {alias}.old = s.{column}"
            )
            expressions[column] = f"coalesce({alias}.new, s.{column})"
        columns = self._columns(table)
        # Documents and lines move in time with their document, a match with its payment.
        joins.append(
            {
                "account_move": "LEFT JOIN named d ON d.copy = n.copy AND d.old = s.id",
                "account_move_line": "LEFT JOIN named d ON d.copy = n.copy AND d.old = s.move_id",
                "account_partial_reconcile": "JOIN account_move_line side"
                " ON side.id = s.credit_move_id"
                " LEFT JOIN named d ON d.copy = n.copy AND d.old = side.move_id",
            }.get(table, "")
        )
        for column, kind in columns.items():
            if kind == "date" and joins[-1]:
                expressions[column] = f"s.{column} + d.days"
            elif kind in ("character varying", "text"):
                expressions.update(self._text(table, column))
        expressions.update(id="n.new", create_date="now() AT TIME ZONE 'UTC'")
        expressions["write_date"] = expressions["create_date"]
        if table == "account_move":
            expressions.update(sequence_number="d.number", made_sequence_gap="false")
        values = ", ".join(expressions.get(column, f's."{column}"') for column in columns)
        names = ", ".join(f'"{column}"' for column in columns)
        self.cr.execute(
            f"INSERT INTO {table} ({names}) SELECT {values}"
            f" FROM {table} s JOIN new_{table} n ON n.old = s.id {' '.join(joins)} ORDER BY n.new"
        )
        return self.cr.rowcount

    def _text(self, table, column):
        """Return the expression of a text column that differs per copy, as {column: SQL}."""
        if table == "res_partner" or column == "invoice_partner_display_name":
            return {
                column: f"regexp_replace(s.{column}, '00000-(\\d\\d)',"
                " lpad(n.copy::text, 5, '0') || '-\\1')"
            }
        if table == "account_move":
            known = {
                "name": "d.name",
                "sequence_prefix": "d.prefix",
                "payment_reference": "CASE WHEN s.payment_reference = s.name THEN d.name"
                " ELSE s.payment_reference END",
                "access_token": "NULL",
            }
            return {column: known[column]} if column in known else {}
        if table == "account_move_line":
            known = {
                "move_name": "d.name",
                "name": "CASE WHEN s.name = s.move_name THEN d.name ELSE s.name END",
                # P and the first match's id while open, the full match's id when closed.
                "matching_number": "coalesce((SELECT f.new::text FROM new_account_full_reconcile f"
                " WHERE f.copy = n.copy AND f.old = s.full_reconcile_id),"
                " (SELECT 'P' || p.new FROM new_account_partial_reconcile p"
                " WHERE p.copy = n.copy AND 'P' || p.old = s.matching_number))",
            }
            return {column: known[column]} if column in known else {}
        return {}

    def _copy_relations(self):
        """Copy the rows of many2many tables that hang on the copies; return counts by table."""
        counts = {}
        for table, links in self.links.items():
            columns = self._columns(table)
            if table in TABLES or "id" in columns or len(columns) != 2:
                continue
            for column, target in links.items():
                [other] = set(columns) - {column}
                value, join = f"s.{other}", ""
                if other in links:
                    value = f"coalesce(o.new, s.{other})"
                    join = (
                        f"LEFT JOIN new_{links[other]} o ON o.copy = n.copy AND o.old = s.{other}"
                    )
                self.cr.execute(
                    f"INSERT INTO {table} ({column}, {other}) SELECT n.new, {value}"
                    f" FROM {table} s JOIN new_{target} n ON n.old = s.{column} {join}"
                    " ON CONFLICT DO NOTHING"
                )
                if self.cr.rowcount:
                    counts[table] = counts.get(table, 0) + self.cr.rowcount
        return counts


# Each counts rows that contradict the books; all must be zero.
INVARIANTS = {
    "entries out of balance": """
        SELECT count(*) FROM (
            SELECT FROM account_move_line GROUP BY move_id HAVING sum(balance) <> 0) AS bad""",
    "residual is not balance less matches": """
        SELECT count(*) FROM account_move_line l
          JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
          LEFT JOIN LATERAL (SELECT sum(amount) AS amount FROM account_partial_reconcile
                              WHERE debit_move_id = l.id) AS paid ON true
          LEFT JOIN LATERAL (SELECT sum(amount) AS amount FROM account_partial_reconcile
                              WHERE credit_move_id = l.id) AS used ON true
         WHERE l.amount_residual
               <> l.balance - coalesce(paid.amount, 0) + coalesce(used.amount, 0)""",
    "reconciled without being zero, or the reverse": """
        SELECT count(*) FROM account_move_line l
          JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
         WHERE l.reconciled <> (l.amount_residual = 0)""",
    "document residual is not its lines'": """
        SELECT count(*) FROM account_move m
         WHERE m.move_type <> 'entry' AND m.amount_residual_signed <> (
               SELECT sum(l.amount_residual) FROM account_move_line l
                 JOIN account_account a ON a.id = l.account_id
                WHERE l.move_id = m.id AND a.account_type = 'asset_receivable')""",
    "line contradicts its document": """
        SELECT count(*) FROM account_move_line l JOIN account_move m ON m.id = l.move_id
         WHERE (l.move_name, l.date, l.parent_state, l.journal_id, l.company_id)
               IS DISTINCT FROM (m.name, m.date, m.state, m.journal_id, m.company_id)
            OR l.partner_id <> m.commercial_partner_id""",
    "due date differs between document and line": """
        SELECT count(*) FROM account_move_line l JOIN account_move m ON m.id = l.move_id
         WHERE l.display_type = 'payment_term' AND l.date_maturity <> m.invoice_date_due""",
    "match between different debtors or at a wrong date": """
        SELECT count(*) FROM account_partial_reconcile p
          JOIN account_move_line d ON d.id = p.debit_move_id
          JOIN account_move_line c ON c.id = p.credit_move_id
         WHERE d.partner_id <> c.partner_id OR p.max_date <> greatest(d.date, c.date)
            OR d.full_reconcile_id IS DISTINCT FROM p.full_reconcile_id
            OR c.full_reconcile_id IS DISTINCT FROM p.full_reconcile_id
            OR d.matching_number IS DISTINCT FROM
               coalesce(p.full_reconcile_id::text, 'P' || p.id)""",
    "number taken twice or out of its year": """
        SELECT (SELECT count(*) FROM (SELECT FROM account_move
                 GROUP BY journal_id, name HAVING count(*) > 1) AS twice)
             + (SELECT count(*) FROM account_move
                 WHERE name <> sequence_prefix || lpad(sequence_number::text,
                        greatest(5, length(sequence_number::text)), '0')
                    OR sequence_prefix NOT LIKE '%/' || to_char(date, 'YYYY') || '/%')""",
    "gap in the numbers": """
        SELECT count(*) FROM (SELECT FROM account_move GROUP BY journal_id, sequence_prefix
                              HAVING max(sequence_number) <> count(*)) AS gaps""",
    "debtor that is not its own commercial partner": """
        SELECT count(*) FROM res_partner WHERE customer_rank > 0 AND commercial_partner_id <> id""",
}

# What the ORM computes and stores, asked again on a sample of the copies.
RECOMPUTED = {
    "res.partner": ("commercial_partner_id", "complete_name", "email_normalized"),
    "account.move": (
        "amount_residual",
        "amount_total_signed",
        "amount_tax",
        "payment_state",
        "commercial_partner_id",
        "invoice_partner_display_name",
        "sequence_prefix",
        "sequence_number",
    ),
    "account.move.line": (
        "amount_residual",
        "amount_residual_currency",
        "reconciled",
        "date_maturity",
        "partner_id",
        "move_name",
        "matching_number",
    ),
}


def check(env, debtors, sample=60):
    """Count what contradicts the books.

    :param env: the environment; its record cache is dropped, nothing is written.
    :param int debtors: how many debtors there must be.
    :param int sample: copied documents on which the ORM's computations are repeated.
    :return: descriptions of what is wrong.
    :rtype: list[str]
    """
    faults = []
    for text, sql in INVARIANTS.items():
        env.cr.execute(sql)
        [count] = env.cr.fetchone()
        if count:
            faults.append(f"{text}: {count}")
    found = count_open(env)
    if found != (debtors * OPEN_PER_DEBTOR, debtors):
        faults.append(f"open items and debtors: {found}")
    env.cr.execute(
        "SELECT id FROM account_move WHERE move_type <> 'entry' ORDER BY md5(id::text) LIMIT %s",
        [sample],
    )
    moves = env["account.move"].browse([id_ for (id_,) in env.cr.fetchall()])
    by_model = (moves.partner_id, moves, moves.line_ids)
    for records in by_model:
        for name in RECOMPUTED[records._name]:
            field = records._fields[name]
            before = {record: record[name] for record in records}
            if not field.compute or not field.store:
                continue
            env.add_to_compute(field, records)
            faults.extend(
                f"{record} {name}: stored {before[record]}, computed {record[name]}"
                for record in records
                if before[record] != record[name]
            )
    env.invalidate_all(flush=False)
    return faults


def count_open(env):
    """Return (open items that are owed to the company, debtors who owe them).

    :param env: the environment.
    """
    env.cr.execute(
        """
        SELECT count(*), count(DISTINCT l.partner_id) FROM account_move_line l
          JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
         WHERE l.parent_state = 'posted' AND NOT l.reconciled AND l.amount_residual > 0
        """
    )
    return env.cr.fetchone()


def generate(env, debtors, seed=SEED):
    """Fill a database; the caller commits.

    :param env: environment of an accountant in a company with a chart and no documents.
    :param int debtors: a multiple of 50.
    :param int seed: start of everything random.
    :raises SystemExit: if the result contradicts the books.
    """
    start = time.monotonic()
    block = Block(env, seed)
    block.make()
    say(f"    {BLOCK} debtors through the ORM, {time.monotonic() - start:.0f} s")
    start = time.monotonic()
    if debtors > BLOCK:
        counts = Copier(env, block, debtors // BLOCK - 1, seed).run()
        rows = sum(counts.values())
        say(f"    {rows:,} rows through SQL, {time.monotonic() - start:.0f} s")
    start = time.monotonic()
    # Without statistics the checks below are planned for tables of a few rows.
    for table in TABLES:
        env.cr.execute(f"ANALYZE {table}")
    faults = check(env, debtors)
    if faults:
        raise SystemExit("the generated data is wrong:\n" + "\n".join(faults[:20]))
    say(f"    checked, {time.monotonic() - start:.0f} s")


def main():
    """Fill the database named on the command line."""
    parser = argparse.ArgumentParser(description="Make receivables in bulk.")
    parser.add_argument("-d", "--database", required=True)
    parser.add_argument("--debtors", type=int, default=1000)
    options = parser.parse_args()
    if options.debtors % BLOCK:
        parser.error(f"--debtors must be a multiple of {BLOCK}")
    with quiet_environment(options.database) as env:
        generate(env, options.debtors)
        env.cr.commit()


if __name__ == "__main__":
    main()
