"""Codes to scan, drawn without any graphics library beneath reportlab."""

import io

from PIL import Image
from reportlab.graphics.barcode import qr

# Light modules around a code, as its norm asks for.
BORDER = 4


def draw_qr(value, width, level="L", border=BORDER, mask=None):
    """Return a QR code as PNG.

    :param value: str to encode
    :param width: pixels the picture is to have at least about; a module is a whole number of them
    :param level: error correction: L, M, Q or H
    :param border: light modules around it
    :param mask: pattern (0 to 7) laid over the data; None: the one that is read best, which takes
        five times as long to find. Readers know from the code which one it is.
    """
    code = qr.QrCodeWidget(value, barLevel=level).qr
    if mask is not None:
        code.getBestMaskPattern = lambda: mask
    code.make()
    count = code.getModuleCount()
    side = count + 2 * border
    picture = Image.new("1", (side, side), 1)
    for row in range(count):
        for column in range(count):
            if code.isDark(row, column):
                picture.putpixel((column + border, row + border), 0)
    scale = max(round(width / side), 1)
    stream = io.BytesIO()
    picture.resize((side * scale, side * scale)).save(stream, "PNG")
    return stream.getvalue()
