"""Channel "activity" of levels and notices is called "call" now, as in the contact log.

Before: ``debt_level.channel``, ``.fallback_channel``, ``.repeat_channel`` and
``debt_notice.channel`` held ``activity`` for a call by the officer.
"""

from odoo.tools import SQL

COLUMNS = {
    "debt_level": ("channel", "fallback_channel", "repeat_channel"),
    "debt_notice": ("channel",),
}


def migrate(cr, version):
    """Rename the value where it is stored."""
    for table, columns in COLUMNS.items():
        for column in columns:
            cr.execute(
                SQL(
                    "UPDATE %(table)s SET %(column)s = 'call' WHERE %(column)s = 'activity'",
                    table=SQL.identifier(table),
                    column=SQL.identifier(column),
                )
            )
