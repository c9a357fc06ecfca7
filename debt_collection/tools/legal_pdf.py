"""A file of sections as PDF with cover, index and page numbers; same input, same bytes.

Nothing of the moment is written: no time of creation, no random identifier.
"""

import io
import zipfile
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)
from reportlab.platypus.tableofcontents import TableOfContents

# No file of a ZIP carries a later time than this, the earliest a ZIP can say.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
REGULAR, BOLD = "DebtRegular", "DebtBold"
WIDTH = A4[0] - 36 * mm


def use_fonts(regular, bold):
    """Register the fonts of the file; without them the built-in ones are used.

    :param str regular: path of a TrueType font
    :param str bold: path of its bold form
    :return: (name of the regular font, name of the bold one)
    """
    try:
        pdfmetrics.registerFont(TTFont(REGULAR, regular))
        pdfmetrics.registerFont(TTFont(BOLD, bold))
    except (OSError, TTFError, TypeError):
        return "Helvetica", "Helvetica-Bold"
    return REGULAR, BOLD


class _Document(BaseDocTemplate):
    """Pages with a foot, and headings that reach the index."""

    def __init__(self, stream, title, foot, font):
        """Prepare the pages.

        :param stream: binary file to write to
        :param title: title of the document
        :param foot: text on the foot of every page
        :param font: name of the font of the foot
        """
        super().__init__(
            stream,
            pagesize=A4,
            leftMargin=18 * mm,
            rightMargin=18 * mm,
            topMargin=16 * mm,
            bottomMargin=18 * mm,
            title=title,
            author=foot,
            invariant=1,
        )
        self.foot, self.foot_font = foot, font
        frame = Frame(self.leftMargin, self.bottomMargin, self.width, self.height, id="page")
        self.addPageTemplates([PageTemplate(id="page", frames=[frame], onPage=self._draw_foot)])

    def _draw_foot(self, canvas, _document):
        canvas.saveState()
        canvas.setFont(self.foot_font, 7.5)
        canvas.setFillColor(colors.grey)
        canvas.drawString(18 * mm, 10 * mm, self.foot[:110])
        canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, str(canvas.getPageNumber()))
        canvas.restoreState()

    def afterFlowable(self, flowable):
        """Tell the index where a heading has come to stand."""
        key = getattr(flowable, "heading_key", None)
        if key:
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.getPlainText(), key, 0, False)
            self.notify("TOCEntry", (0, flowable.getPlainText(), self.page, key))


def render(title, facts, sections, foot, index_title="", fonts=("Helvetica", "Helvetica-Bold")):
    """Return the PDF of a file.

    :param str title: on the cover
    :param facts: list of (label, text) on the cover
    :param sections: list of dicts with ``title``, ``text`` (list of paragraphs) and ``tables``
        (list of dicts with ``title``, ``columns``, ``rows`` of texts, ``right``: numbers of the
        columns aligned right, ``widths``: shares)
    :param str foot: on each page
    :param str index_title: heading of the index; empty: a short paper, without cover and index
    :param fonts: names of the regular and the bold font
    :rtype: bytes
    """
    regular, bold = fonts
    body = ParagraphStyle("body", fontName=regular, fontSize=9, leading=12, spaceAfter=4)
    cell = ParagraphStyle("cell", fontName=regular, fontSize=7.5, leading=9.5)
    cell_right = ParagraphStyle("cell_right", parent=cell, alignment=2)
    head = ParagraphStyle("head", parent=cell, fontName=bold)
    head_right = ParagraphStyle("head_right", parent=head, alignment=2)
    heading = ParagraphStyle(
        "heading", fontName=bold, fontSize=13, leading=17, spaceBefore=14, spaceAfter=6
    )
    small = ParagraphStyle("small", fontName=bold, fontSize=9.5, leading=13, spaceBefore=6)
    cover = ParagraphStyle("cover", fontName=bold, fontSize=22, leading=28, spaceAfter=14)

    def paragraph(text, style):
        return Paragraph(escape(str(text or "")).replace("\n", "<br/>"), style)

    def table(data):
        right = set(data.get("right") or ())
        shares = data.get("widths") or [1] * len(data["columns"])
        widths = [WIDTH * share / sum(shares) for share in shares]
        rows = [
            [
                paragraph(text, head_right if place in right else head)
                for place, text in enumerate(data["columns"])
            ]
        ]
        rows += [
            [
                paragraph(text, cell_right if place in right else cell)
                for place, text in enumerate(row)
            ]
            for row in data["rows"]
        ]
        drawn = Table(rows, colWidths=widths, repeatRows=1)
        drawn.setStyle(
            TableStyle(
                [
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
                    ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.lightgrey),
                    ("LEFTPADDING", (0, 0), (-1, -1), 2),
                    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                ]
            )
        )
        return drawn

    index = TableOfContents()
    index.levelStyles = [
        ParagraphStyle("index", fontName=regular, fontSize=10, leading=16, leftIndent=0)
    ]
    story = [Spacer(1, (40 if index_title else 4) * mm), paragraph(title, cover)]
    facts_table = Table(
        [[paragraph(label, head), paragraph(text, body)] for label, text in facts],
        colWidths=[WIDTH * 0.28, WIDTH * 0.72],
    )
    facts_table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP")]))
    story += [facts_table, Spacer(1, 10 * mm)]
    if index_title:
        story += [paragraph(index_title, small), index]
    for place, section in enumerate(sections, 1):
        words = f"{place}. {section['title']}" if index_title else section["title"]
        top = paragraph(words, heading)
        top.heading_key = f"section-{place}"
        if index_title:
            # the index has a page of its own; a section begins where at least its head fits
            story.append(PageBreak() if place == 1 else CondPageBreak(70 * mm))
        story.append(top)
        story += [paragraph(text, body) for text in section.get("text") or ()]
        for data in section.get("tables") or ():
            if data.get("title"):
                story += [CondPageBreak(25 * mm), paragraph(data["title"], small)]
            story += [table(data), Spacer(1, 4 * mm)]
    stream = io.BytesIO()
    _Document(stream, title, foot, regular).multiBuild(story)
    return stream.getvalue()


def number(files):
    """Return files in the order of a ZIP, those whose names repeat numbered.

    :param files: list of (name, bytes)
    :return: list of (name, bytes), each name once
    """
    seen, result = {}, []
    for name, content in sorted(files, key=lambda file: (file[0], file[1])):
        count = seen[name] = seen.get(name, 0) + 1
        if count > 1:
            stem, dot, ending = name.rpartition(".")
            name = f"{stem} ({count}).{ending}" if dot else f"{name} ({count})"
        result.append((name, content))
    return result


def pack(files):
    """Return a ZIP of files whose bytes depend on names and contents alone.

    :param files: list of (name, bytes); names that repeat are numbered
    :rtype: bytes
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in number(files):
            info = zipfile.ZipInfo(name, ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return stream.getvalue()
