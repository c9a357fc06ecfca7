"""Every case of our own file of compliance decisions, through the real models and the gate."""

from pathlib import Path
from tempfile import TemporaryDirectory

from odoo.tests import TransactionCase, tagged

from .compliance_cases import read_cases
from .conformance import Conformance, run

CASES = Path(__file__).parent / "data" / "compliance_cases.csv"


@tagged("post_install", "-at_install")
class TestConformance(TransactionCase):
    """What the rules say, row by row."""

    def test_cases(self):
        """The gate answers each case as expected."""
        runner = Conformance(self.env)
        for row in read_cases(CASES):
            with self.subTest(case=row["id"]):
                self.assertEqual(runner.differences(row), {})

    def test_runner_tells_differences(self):
        """A wrong expectation is found, said, and counted; a broken case does not stop others."""
        path = Path(self.enterContext(TemporaryDirectory())) / "cases.csv"
        path.write_text(
            "id,jurisdiction,rule,situation,expected,source\n"
            "A,US,WINDOW,rs=US-REGF;act=call;at=2026-06-10T12:00:00Z;tz=America/New_York,"
            "decision=block,x\n"
            "B,US,WINDOW,rs=NO-SUCH;act=call,decision=allow,x\n"
            "C,US,WINDOW,rs=US-REGF;act=call;at=2026-06-10T12:00:00Z;tz=America/New_York,"
            "decision=allow,x\n"
        )
        said = []
        self.assertEqual(run(self.env, path, said.append), 2)
        self.assertIn("FAILED A: decision: expected block, got allow", said)
        self.assertIn("unknown rule sets", said[1])
        self.assertIn("1 passed, 2 failed", said[2])
