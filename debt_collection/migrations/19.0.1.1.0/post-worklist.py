"""Portfolio rules of 19.0.1.0.0 knew officers but no substitutes.

They are data that updates leave alone: those that still say what that version said are brought to
``is_mine``, which stands for the officer and for whoever stands in today. Edited ones stay.
"""

OLD = {
    "[('user_id', 'in', [user.id, False])]": (
        "['|', ('is_mine', '=', True), ('user_id', '=', False)]"
    ),
    "[('case_id.user_id', 'in', [user.id, False])]": (
        "['|', ('case_id.is_mine', '=', True), ('case_id.user_id', '=', False)]"
    ),
    "['|', ('case_id', '=', False), ('case_id.user_id', 'in', [user.id, False])]": (
        "['|', '|', ('case_id', '=', False), ('case_id.is_mine', '=', True),"
        " ('case_id.user_id', '=', False)]"
    ),
    (
        "['|', ('notice_id.case_id', '=', False),"
        " ('notice_id.case_id.user_id', 'in', [user.id, False])]"
    ): (
        "['|', '|', ('notice_id.case_id', '=', False), ('notice_id.case_id.is_mine', '=', True),"
        " ('notice_id.case_id.user_id', '=', False)]"
    ),
}


def migrate(cr, version):
    """Bring the portfolio rules nobody has edited to the new wording."""
    cr.execute(
        """
        UPDATE ir_rule r SET domain_force = words.new
          FROM unnest(%s::text[], %s::text[]) AS words(old, new), ir_model_data d
         WHERE r.domain_force = words.old AND d.model = 'ir.rule' AND d.res_id = r.id
           AND d.module = 'debt_collection'
        """,
        (list(OLD), list(OLD.values())),
    )
