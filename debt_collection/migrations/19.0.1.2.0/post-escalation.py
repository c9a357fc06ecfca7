"""Write-off rules of 19.0.1.1.0 counted months after the end of the year: the law says it now.

A rule with ``limitation_months`` above zero becomes one that asks the compliance rules whether the
debt is time-barred; it stays as active or inactive as it was.
"""


def migrate(cr, version):
    """Let rules on limitation ask the compliance rules."""
    cr.execute(
        """
        SELECT 1 FROM information_schema.columns
         WHERE table_name = 'debt_writeoff_rule' AND column_name = 'limitation_months'
        """
    )
    if cr.fetchone():
        cr.execute("UPDATE debt_writeoff_rule SET limitation = TRUE WHERE limitation_months > 0")
