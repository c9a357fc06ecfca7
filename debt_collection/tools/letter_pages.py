"""Long tables of letters cut into pages, each with the head of the table.

Builds of wkhtmltopdf without patched Qt repeat no heads and cut rows in two where a page ends. So
the table is cut here, by the measures of ``LETTER_STYLE``: a page that is not quite full looks
better than half a row.
"""

import copy
import math

import lxml.html
from markupsafe import Markup

# Points. Rows and lines as they are drawn (measured); what stands above the text of a letter.
ROW = 18.5
LINE = 12.9
GAP = 5.7
ABOVE_TEXT = 252.0
POINTS_OF_MM = 72 / 25.4
# Characters that surely fit a line of text, and the cell of a document's number.
TEXT_WIDTH = 92
CELL_WIDTH = 34
# Fewer rows than these do not begin a table at the end of a page.
FEW = 3
# No letter with fewer rows needs a second page for its table alone.
SHORT = 9
COLUMNS = ("32%", "16%", "17%", "14%", "21%")
BLOCKS = frozenset(("p", "div", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol"))


def break_table(body, table_class, page_height):
    """Cut the first table within the element of a class, so that no page ends within a row.

    :param body: HTML of the text of a letter
    :param table_class: class of the element that holds the table
    :param page_height: height of a page between its margins (mm)
    :return: Markup; the body itself where the table is short
    """
    text = str(body or "")
    if text.count("<tr") <= SHORT:
        return Markup(text)
    tree = lxml.html.fragment_fromstring(text, create_parent="div")
    table = next(
        (found for node in tree.find_class(table_class) for found in node.iter("table")), None
    )
    if table is None or table.find("tbody") is None:
        return Markup(text)
    height = page_height * POINTS_OF_MM
    rows = table.find("tbody").findall("tr")
    space = height - ABOVE_TEXT - get_height_before(tree, table) - GAP * 2 - ROW
    chunks = split_rows([get_row_height(row) for row in rows], space, height - ROW)
    if len(chunks) > 1:
        cut(table, rows, chunks)
    return Markup("".join(lxml.html.tostring(child, encoding="unicode") for child in tree))


def get_height_before(tree, table):
    """Return the height (points) of what stands before a table in a text, rather too much."""
    above = set(table.iterancestors())
    height = 0.0
    for node in tree.iter():
        if node is table:
            break
        if node in above or not isinstance(node.tag, str):
            continue
        if node.tag == "tr":
            height += ROW
        elif node.tag in BLOCKS and not any(child.tag in BLOCKS for child in node):
            lines = math.ceil(len(node.text_content().strip()) / TEXT_WIDTH)
            height += (lines + len(node.findall(".//br"))) * LINE + GAP
    return height


def get_row_height(row):
    """Return the height (points) of a row of the table."""
    cells = row.findall("td")
    if len(cells) < len(COLUMNS):
        return ROW
    lines = math.ceil(len(" ".join(cells[0].text_content().split())) / CELL_WIDTH)
    return ROW + max(lines - 1, 0) * LINE


def split_rows(heights, first, others):
    """Return how many rows stand on each page.

    :param heights: list of the heights of the rows
    :param first: height left on the first page; a few rows alone do not begin there
    :param others: height of the other pages
    :return: list of int, 0 first where the table begins on the second page
    """
    chunks, left = [0], first
    for height in heights:
        if height > left:
            chunks.append(0)
            left = others
        chunks[-1] += 1
        left -= height
    if len(chunks) > 1 and chunks[0] < FEW:
        return [0, *split_rows(heights, others, others)]
    if len(chunks) > 1 and chunks[-1] < FEW and chunks[-2] > FEW * 2:
        # totals do not stand alone
        chunks[-2] -= FEW
        chunks[-1] += FEW
    return chunks


def cut(table, rows, chunks):
    """Let each chunk of rows be a table of its own, on a page of its own but for the first."""
    head = table.find("thead")
    if head is not None:
        for cell, width in zip(head.iter("th"), COLUMNS, strict=False):
            cell.set("width", width)
    start = chunks[0]
    place = table
    for count in chunks[1:]:
        part = copy.copy(table)
        body = lxml.html.Element("tbody")
        for child in list(part):
            part.remove(child)
        if head is not None:
            part.append(copy.deepcopy(head))
        for row in rows[start : start + count]:
            body.append(row)
        part.append(body)
        part.tail = None
        page = lxml.html.Element("div", style="page-break-before: always;")
        page.append(part)
        place.addnext(page)
        place = page
        start += count
    tail, table.tail = table.tail, None
    place.tail = tail
    if not chunks[0]:
        table.getparent().remove(table)
