"""The contact log of 19.0.1.0.0: other words, and corrections that nothing marked.

* ``outcome`` had ``will_pay`` for what is now ``promised``;
* an entry could be corrected more than once, each correction naming the first entry; now each
  correction replaces the one before it, and what was replaced is marked ``superseded``.
"""


def migrate(cr, version):
    """Rename the outcome, chain the corrections and mark what they replaced."""
    cr.execute("UPDATE debt_contact SET outcome = 'promised' WHERE outcome = 'will_pay'")
    cr.execute("ALTER TABLE debt_contact ADD COLUMN IF NOT EXISTS superseded boolean")
    cr.execute(
        """
        UPDATE debt_contact c SET corrects_id = chain.before
          FROM (SELECT id, lag(id) OVER (PARTITION BY corrects_id ORDER BY id) AS before
                  FROM debt_contact WHERE corrects_id IS NOT NULL) chain
         WHERE chain.id = c.id AND chain.before IS NOT NULL
        """
    )
    cr.execute(
        """
        UPDATE debt_contact c SET superseded = TRUE
         WHERE superseded IS NOT TRUE
           AND EXISTS (SELECT FROM debt_contact r WHERE r.corrects_id = c.id)
        """
    )
