"""Cutting, joining and numbering PDF files; written for the classes Odoo chooses among."""

import base64
import io
import struct
import zlib

from reportlab.pdfgen.canvas import Canvas

from odoo.tools.pdf import ArrayObject, NameObject, NumberObject, PdfFileReader, PdfFileWriter

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
    :param foot: bytes of a PDF whose page is laid over each page
    :return: list of (bytes of a PDF, number of its pages)
    """
    reader = PdfFileReader(io.BytesIO(data), strict=False)
    foot_page = get_strip(PdfFileReader(io.BytesIO(foot), strict=False).getPage(0))
    parts = []
    for index in range(reader.numPages):
        page = reader.getPage(index)
        if is_marked(page) or not parts:
            parts.append([])
        parts[-1].append(page)
    return [(write_pages(pages, foot_page), len(pages)) for pages in parts]


def get_strip(page):
    """Return a page of which merging takes over the lowest part alone.

    Pages of wkhtmltopdf are opaque: laid over another one they would hide it.
    """
    width = float(page.mediaBox.getWidth())
    corners = (0, 0, int(width) + 1, FOOT_STRIP)
    for box in ("/MediaBox", "/CropBox", "/TrimBox"):  # releases differ in which they heed
        page[NameObject(box)] = ArrayObject(NumberObject(number) for number in corners)
    return page


def write_pages(pages, foot):
    """Return bytes of a PDF of these pages with a foot; several of them are numbered."""
    writer = PdfFileWriter()
    for index, page in enumerate(pages):
        writer.addPage(page)
        writer.getPage(index).mergePage(foot)
        if len(pages) > 1:
            text = f"{index + 1} / {len(pages)}"
            writer.getPage(index).mergePage(get_number_page(page, text))
        # merging leaves the drawing uncompressed; releases differ in the name of the method
        merged = writer.getPage(index)
        compress = getattr(merged, "compress_content_streams", None)
        (compress or merged.compressContentStreams)()
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def get_number_page(page, text):
    """Return a page of the same size with nothing but a text in the corner."""
    width, height = float(page.mediaBox.getWidth()), float(page.mediaBox.getHeight())
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(width, height))
    canvas.setFont("Helvetica", 8)
    canvas.setFillGray(0.4)
    canvas.drawRightString(width - NUMBER_PLACE[0], NUMBER_PLACE[1], text)
    canvas.save()
    stream.seek(0)
    return PdfFileReader(stream, strict=False).getPage(0)


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
