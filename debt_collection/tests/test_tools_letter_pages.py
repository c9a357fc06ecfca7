"""Long tables of letters: cut between rows, each page with the head; codes to scan."""

import io

from lxml import html
from PIL import Image

from odoo.tests import BaseCase, tagged

from odoo.addons.debt_collection.tools.letter_pages import break_table, split_rows
from odoo.addons.debt_collection.tools.qr import BORDER, draw_qr

HEAD = (
    "<thead><tr><th>Document</th><th>Date</th><th>Due</th><th>Late</th><th>Open</th></tr></thead>"
)
A4_TEXT, US_TEXT = 259.0, 241.4


def make_text(rows, intro="Dear Sir or Madam,"):
    """The text of a letter with so many rows of items and a total."""
    items = "".join(
        f"<tr><td>INV/{number}</td><td/><td/><td/><td>1.00</td></tr>" for number in range(rows)
    )
    total = '<tr><td colspan="4">Total</td><td>1.00</td></tr>'
    return (
        f'<p>{intro}</p><div class="items"><table>{HEAD}<tbody>{items}{total}</tbody></table>'
        "<p>How to pay</p></div><p>Regards</p>"
    )


@tagged("post_install", "-at_install")
class TestLetterPages(BaseCase):
    """Pure functions."""

    def _get_pages(self, rows, height=A4_TEXT, **kwargs):
        """The number of rows of each table of the text that is cut."""
        tree = html.fragment_fromstring(
            str(break_table(make_text(rows, **kwargs), "items", height)), create_parent="div"
        )
        tables = tree.findall(".//table")
        for table in tables:
            self.assertEqual([cell.text for cell in table.iter("th")][0], "Document")
        told = [cell.text for cell in tree.iter("td") if (cell.text or "").startswith("INV")]
        self.assertEqual(told, [f"INV/{number}" for number in range(rows)], "each once, in order")
        self.assertTrue(tree.text_content().endswith("How to payRegards"), "the rest follows")
        return [len(table.findall("tbody/tr")) for table in tables]

    def test_pages(self):
        """Short tables are left alone; long ones fill their pages and never more."""
        self.assertEqual(self._get_pages(5), [6])
        self.assertEqual(self._get_pages(15), [16])
        for height in (A4_TEXT, US_TEXT):
            pages = self._get_pages(60, height)
            self.assertEqual(sum(pages), 61)
            self.assertIn(len(pages), (2, 3))
            for count in pages[1:]:
                self.assertLessEqual((count + 1) * 6.5, height)
        self.assertEqual(sum(self._get_pages(400)), 401)

    def test_long_text_before(self):
        """A long text leaves less room; where hardly any is left the table begins a page."""
        self.assertLess(self._get_pages(60, intro="word " * 150)[0], self._get_pages(60)[0])
        self.assertGreater(self._get_pages(60, intro="word " * 700)[0], 30)

    def test_total_is_not_alone(self):
        """The last page never shows totals without an item."""
        self.assertEqual(split_rows([10] * 21, 100, 100), [10, 7, 4])
        self.assertEqual(split_rows([10] * 20, 100, 100), [10, 10])
        self.assertEqual(split_rows([10] * 12, 20, 100), [0, 7, 5])

    def test_text_without_table(self):
        """A text somebody wrote without the table stays as it is."""
        self.assertEqual(break_table("<p>Hello</p>", "items", A4_TEXT), "<p>Hello</p>")
        text = "<table>" + "<tr><td>x</td></tr>" * 20 + "</table>"
        self.assertEqual(break_table(text, "items", A4_TEXT), text)

    def test_code(self):
        """A square of whole modules with a light border; any mask gives the same size."""
        for mask in (None, 0, 7):
            picture = Image.open(io.BytesIO(draw_qr("https://example.com/pay?x=1", 180, mask=mask)))
            side = picture.width
            self.assertEqual(picture.width, picture.height)
            scale = side // (25 + 2 * BORDER)
            self.assertEqual(side, scale * (25 + 2 * BORDER))
            self.assertEqual(picture.getpixel((0, 0)), 255)
            corner = BORDER * scale
            self.assertEqual(picture.getpixel((corner, corner)), 0)
