"""Formal notices of 19.0.1.0.0: the shipped level asked for payment without saying what it was.

* the level "Formal notice" of the shipped strategy had no ``legal_kind``;
* its notices that left had a deadline that nobody tracked: one that is still ahead runs now, one
  that is over is marked by the next run.
"""


def migrate(cr, version):
    """Say what kind the shipped formal notice is, and let the deadlines of what left run."""
    cr.execute(
        """
        UPDATE debt_level v SET legal_kind = 'default_notice'
          FROM ir_model_data d
         WHERE d.module = 'debt_collection' AND d.name = 'level_formal_notice'
           AND d.model = 'debt.level' AND d.res_id = v.id AND v.legal_kind IS NULL
        """
    )
    cr.execute(
        """
        UPDATE debt_notice n SET legal_kind = v.legal_kind, deadline_state =
               CASE WHEN n.deadline < current_date THEN 'passed' ELSE 'running' END
          FROM debt_level v
         WHERE v.id = n.level_id AND v.legal_kind IS NOT NULL AND n.legal_kind IS NULL
           AND n.state = 'sent' AND n.deadline IS NOT NULL
        """
    )
