"""The table of results."""

HEADERS = ("size", "step", "items", "seconds", "CPU s", "queries", "MiB", "µs/item", "ratio", "to")
LEFT = {"size", "step", "to"}


def format_table(rows):
    """Lay results out as one table of text.

    :param list[dict] rows: ``size``, ``step`` and whatever of ``items``, ``seconds``, ``queries``,
        ``memory_mib``, ``ratio``, ``to`` was measured; a row per line.
    :rtype: str
    """
    lines = [HEADERS, *(tuple(_cells(row)) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEADERS))]
    result = []
    for line in lines:
        cells = [
            cell.ljust(width) if header in LEFT else cell.rjust(width)
            for header, cell, width in zip(HEADERS, line, widths, strict=True)
        ]
        result.append("  ".join(cells).rstrip())
    result.insert(1, "-" * max(map(len, result)))
    return "\n".join(result)


def _cells(row):
    """Yield the texts of one row."""
    seconds, items = row.get("seconds"), row.get("items")
    yield row["size"]
    yield row["step"]
    yield f"{items:,}" if items is not None else ""
    yield f"{seconds:.3f}" if seconds is not None else ""
    cpu = row.get("cpu_seconds")
    yield f"{cpu:.3f}" if cpu is not None else ""
    yield f"{row['queries']:,}" if row.get("queries") is not None else ""
    yield f"{row['memory_mib']:.0f}" if row.get("memory_mib") is not None else ""
    yield f"{seconds / items * 1e6:,.1f}" if items and seconds is not None else ""
    yield f"{row['ratio']:.2f}" if row.get("ratio") is not None else ""
    yield row.get("to") or ""
