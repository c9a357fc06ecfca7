"""Cutting, joining and numbering PDF files; written for the classes Odoo chooses among."""

import base64
import io
import struct
import zlib

from odoo.tools.pdf import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    PdfFileReader,
    PdfFileWriter,
)

# Width and height of the picture that marks the first page of a letter: nobody sees it, and no
# other picture has this shape. Builds of wkhtmltopdf without patched Qt write no bookmarks.
MARK_SIZE = (7, 1)
# Height in points of the part of a page that holds its foot.
FOOT_STRIP = 62
# Points from the edges of the page to the number of the page.
NUMBER_PLACE = (36, 20)


def get_mark():
    """Return the picture that marks a first page, as address of data."""

    def chunk(kind, data):
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    width, height = MARK_SIZE
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\xff\xff\xfe" * width) * height
    picture = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def is_marked(page):
    """Tell whether a page holds the mark."""
    pictures = page["/Resources"].get("/XObject") or {}
    for name in pictures:
        picture = pictures[name].getObject()
        if (picture.get("/Width"), picture.get("/Height")) == MARK_SIZE:
            return True
    return False


def split_marked(data, foot):
    """Cut a PDF at its marked pages, give them a foot, and number the pages of longer parts.

    :param data: bytes of a PDF whose first page is marked
    :param foot: bytes of a PDF, the lowest part of whose page is laid over each page
    :return: list of (bytes of a PDF, number of its pages)
    """
    reader = PdfFileReader(io.BytesIO(data), strict=False)
    foot_page = PdfFileReader(io.BytesIO(foot), strict=False).getPage(0)
    parts = []
    for index in range(reader.numPages):
        page = reader.getPage(index)
        if is_marked(page) or not parts:
            parts.append([])
        parts[-1].append(page)
    return [(write_pages(pages, foot_page), len(pages)) for pages in parts]


def write_pages(pages, foot):
    """Return bytes of a PDF of these pages with a foot; several of them are numbered.

    What a page draws itself is neither read nor changed, which takes a tenth of merging.
    """
    writer = PdfFileWriter()
    form = add_form(writer, foot)
    for index, page in enumerate(pages):
        writer.addPage(page)
        number = f"{index + 1} / {len(pages)}" if len(pages) > 1 else ""
        draw_over(writer, writer.getPage(index), form, number)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def add_form(writer, page):
    """Add the lowest part of a page to a file as a form its pages can draw.

    Pages of wkhtmltopdf are opaque: the box of the form cuts off what would hide the other page.

    :param writer: PdfFileWriter that gets the form
    :param page: page of another file
    :return: reference of the form
    """
    resources = page["/Resources"]
    # older releases take what another file holds along when they write, newer ones want a copy
    resources = resources.clone(writer) if hasattr(resources, "clone") else resources
    form = DecodedStreamObject()
    form.setData(page["/Contents"].getObject().getData())
    width = int(float(page.mediaBox.getWidth())) + 1
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(map(NumberObject, (0, 0, width, FOOT_STRIP))),
            NameObject("/Resources"): resources,
        }
    )
    return writer._add_object(form)


def draw_over(writer, page, form, number):
    """Let a page draw the foot and its number after what it draws itself.

    :param writer: PdfFileWriter of the page
    :param page: page of the writer
    :param form: of ``add_form``
    :param number: str of digits and signs, may be empty
    """

    def add_stream(text):
        stream = DecodedStreamObject()
        stream.setData(text.encode())
        return writer._add_object(stream)

    resources = page["/Resources"].getObject()
    named = DictionaryObject(resources.get("/XObject") or {})
    named[NameObject("/DebtFoot")] = form
    resources[NameObject("/XObject")] = named
    drawing = "Q q /DebtFoot Do Q"
    if number:
        fonts = DictionaryObject(resources.get("/Font") or {})
        fonts[NameObject("/DebtNumber")] = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        resources[NameObject("/Font")] = fonts
        left = float(page.mediaBox.getWidth()) - NUMBER_PLACE[0] - 4 * len(number)
        drawing += f" BT 0.4 g /DebtNumber 8 Tf {left:.2f} {NUMBER_PLACE[1]} Td ({number}) Tj ET"
    before = page.raw_get("/Contents") if hasattr(page, "raw_get") else page["/Contents"]
    own = before.getObject()
    parts = list(own) if isinstance(own, ArrayObject) else [before]
    page[NameObject("/Contents")] = ArrayObject([add_stream("q"), *parts, add_stream(drawing)])


def join(files):
    """Return bytes of one PDF of the pages of several.

    :param files: list of bytes
    """
    writer = PdfFileWriter()
    for data in files:
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        for index in range(reader.numPages):
            writer.addPage(reader.getPage(index))
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()
