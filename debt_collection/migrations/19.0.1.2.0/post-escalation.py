"""Write-off rules and legal files of 19.0.1.1.0.

* Rules on limitation counted months after the end of the year: one with ``limitation_months`` above
  zero asks the compliance rules now; it stays as active or inactive as it was.
* Legal files with an ability-to-pay sheet could be read by whoever read the case: the two record
  rules that let them are narrowed, unless somebody has changed them.
"""

OWN = "'|', ('case_id.is_mine', '=', True), ('case_id.user_id', '=', False)]"
NARROWED = {
    "rule_debt_legal_file_officer": (f"[{OWN}", f"['&', ('with_research', '=', False), {OWN}"),
    "rule_debt_legal_file_read": ("[(1, '=', 1)]", "[('with_research', '=', False)]"),
}


def migrate(cr, version):
    """Let rules on limitation ask the compliance rules; keep research to those who may see it."""
    for name, (before, after) in NARROWED.items():
        cr.execute(
            """
            UPDATE ir_rule r SET domain_force = %s
              FROM ir_model_data d
             WHERE d.module = 'debt_collection' AND d.model = 'ir.rule' AND d.name = %s
               AND d.res_id = r.id AND r.domain_force = %s
            """,
            [after, name, before],
        )
    cr.execute(
        """
        SELECT 1 FROM information_schema.columns
         WHERE table_name = 'debt_writeoff_rule' AND column_name = 'limitation_months'
        """
    )
    if cr.fetchone():
        cr.execute("UPDATE debt_writeoff_rule SET limitation = TRUE WHERE limitation_months > 0")
