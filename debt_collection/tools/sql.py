"""Rows of Python as a derived table of a statement: one parameter a column, whatever the length."""

from odoo.tools import SQL

# PostgreSQL array type of each kind of column.
ARRAYS = {
    "int": SQL("int[]"),
    "bool": SQL("bool[]"),
    "date": SQL("date[]"),
    "timestamp": SQL("timestamp[]"),
    "numeric": SQL("numeric[]"),
    "text": SQL("text[]"),
}


def values_table(alias, columns, rows):
    """Return SQL of a table made of rows, to be used after FROM or JOIN.

    :param str alias: name of the table in the statement
    :param dict columns: name of each column → key of ``ARRAYS``
    :param rows: sequences of values in the order of the columns; none: an empty table
    :rtype: SQL
    """
    values = zip(*rows, strict=True) if rows else [()] * len(columns)
    return SQL(
        "unnest(%s) AS %s(%s)",
        SQL(", ").join(
            SQL("%s::%s", list(column), ARRAYS[kind])
            for column, kind in zip(values, columns.values(), strict=True)
        ),
        SQL.identifier(alias),
        SQL(", ").join(map(SQL.identifier, columns)),
    )
