"""Indexes of cases that 19.0.1.1.0 had and nothing needs: each run had to write them anew.

Companies and states are found by the indexes of open cases, references among few rows.
"""


def migrate(cr, version):
    """Drop them; Odoo leaves indexes of fields that have none any more."""
    cr.execute(
        """
        DROP INDEX IF EXISTS debt_case__reference_index, debt_case__company_id_index,
                             debt_case__state_index
        """
    )
