"""Every case of our own file of compliance decisions, through the real models and the gate."""

from pathlib import Path
from tempfile import TemporaryDirectory

from odoo.tests import TransactionCase, tagged

from .compliance_cases import read_cases
from .conformance import Conformance, run

HEADER = "id,jurisdiction,rule,situation,expected,source\n"
NOON = "rs=US-REGF;act=call;at=2026-06-10T12:00:00Z;tz=America/New_York"
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

    def run_file(self, text):
        """Run a file of this text; return the number that failed and what was said."""
        path = Path(self.enterContext(TemporaryDirectory())) / "cases.csv"
        path.write_text(text)
        said = []
        return run(self.env, path, said.append), said

    def test_runner_tells_differences(self):
        """A wrong expectation is found, said, and counted; a broken case does not stop others."""
        failed, said = self.run_file(
            HEADER + f"A,US,WINDOW,{NOON},decision=block,x\n"
            "B,US,WINDOW,rs=NO-SUCH;act=call,decision=allow,x\n"
            f"C,US,WINDOW,{NOON},decision=allow,x\n"
        )
        self.assertEqual(failed, 2)
        self.assertEqual(
            said[:2],
            [
                "FAILED line 2 A: decision: expected block, got allow",
                "FAILED line 3 B: rs: unknown rule sets: NO-SUCH",
            ],
        )
        self.assertIn("1 passed, 2 failed", said[2])

    def test_malformed_rows(self):
        """Each row that cannot be read gives one error with its line; the others are asked."""
        broken = {
            "A,US,WINDOW,rs=US-REGF;act=call;at=yesterday,decision=allow,x": (
                "at: 'yesterday' is no moment; write 2026-06-10T12:00:00Z"
            ),
            "B,US,WINDOW,rs=US-REGF;act=call;on=2026-13-01,decision=allow,x": (
                "on: '2026-13-01' is no date; write 2026-06-10"
            ),
            "C,US,WINDOW,rs=US-REGF;act=call;tz=Mars/Olympus,decision=allow,x": (
                "There is no time zone 'Mars/Olympus'."
            ),
            "D,XX,WINDOW,rs=US-REGF;act=call,decision=allow,x": "unknown jurisdiction: XX",
            "E,US,WINDOW,rs=US-REGF;call,decision=allow,x": "situation: 'call' is no key=value",
            "F,US,WINDOW,rs=US-REGF,decision=allow,x": (
                "situation: act is missing; say what is to be done, such as act=call"
            ),
            "G,US,WINDOW,rs=US-REGF;act=call,,x": (
                "expected: decision is missing, such as decision=allow"
            ),
            "H,US,WINDOW,rs=US-REGF;act=call": "the column expected is missing",
            "I,US,FREQ,rs=US-REGF;act=call;hist=call@2026-04-01,decision=allow,x": (
                "hist: 'call@2026-04-01' is no contact; "
                "write kind@moment/debt/result/in or out/person"
            ),
            "J,US,FREQ,rs=US-REGF;act=call;"
            "hist=call@2026-04-01T16:00:00Z/D1/sung/out/P1,decision=allow,x": (
                "hist: 'sung' is no result; it is one of"
            ),
            "K,EU,LATE_CHARGE,rs=EU-LPD;act=interest;amount=ten,decision=allow,x": (
                "amount: 'ten' is no number; write 1234.50"
            ),
            "L,US,WINDOW,rs=US-REGF;act=call;act=sms,decision=allow,x": (
                "situation: act is given twice"
            ),
            "M,US,WINDOW,rs=US-REGF;act=call,decision=allow;mood=good,x": (
                "expected: mood is unknown; it is one of"
            ),
            f"Z,US,WINDOW,{NOON},decision=allow,x,y": "too many columns",
        }
        failed, said = self.run_file(
            HEADER + "\n".join(broken) + f"\nZ,US,WINDOW,{NOON};sky=blue,decision=allow,x\n"
        )
        self.assertEqual(failed, len(broken) + 1)
        told = [line for line in said if line.startswith("FAILED")]
        for number, (line, problem) in enumerate(zip(told, broken.values(), strict=False), start=2):
            self.assertTrue(line.startswith(f"FAILED line {number} "), line)
            self.assertIn(problem, line)
        self.assertIn("the id Z is that of line 15 too", told[-1])

    def test_words_nothing_knows(self):
        """A key that nothing knows is told, and the case is asked without it."""
        failed, said = self.run_file(HEADER + f"A,US,WINDOW,{NOON};sky=blue,decision=allow,x\n")
        self.assertEqual(failed, 0)
        self.assertEqual(said[0], "note: line 2 A: nothing is known of sky; it is left out")

    def test_no_file_of_cases(self):
        """A file of something else, or none at all, gives one error."""
        failed, said = self.run_file("a,b\n1,2\n")
        self.assertEqual(failed, 1)
        self.assertIn("line 1: these columns are missing: id, jurisdiction", said[0])
        said = []
        self.assertEqual(run(self.env, "/no/such/file.csv", said.append), 1)
        self.assertIn("No such file", said[0])
