"""Run the benchmark and print one table of what was measured.

    make bench [SIZE=s|m|l]        ./dev/python bench/run.py --size s m

Sizes: s 10,000 open items of 1,000 debtors, m 50,000 of 5,000, l 200,000 of 20,000. The generated
database of each size is kept and used again; everything else is made for the run and dropped.
Every result is also a line of JSON in ``.odoo/bench/results.jsonl``.
"""

import argparse
import configparser
import contextlib
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import generate
from bench.measure import add_up, get_median
from bench.session import say
from bench.table import format_table
from dev.env import databases, processes, settings
from dev.env.console import Problem, complain, run_logged

FOLDER = settings.REPO / "bench"
RESULTS = settings.HOME / "bench" / "results.jsonl"
PEERS = settings.HOME / "peers"
PEER_LOCK = FOLDER / "peers.lock"
PEER_MODULE = "account_credit_control"
PEER_REPORTS = "account_financial_report"

DEBTORS = {"s": 1_000, "m": 5_000, "l": 20_000}
PARTS = ("notices", "peer", "payments", "reports")
PEER_SIZE = "s"  # beyond it the peer's last step takes many minutes
FIRST_RUNS = {"s": 3, "m": 1, "l": 1}
RERUNS = 3
# A plan made for empty tables costs the square of the items, where the addon falls for it.
ANALYZED_SIZES = ("s", "m")
# Payments of a paired comparison: (label, payments a wizard call, calls a round, rounds).
PAYMENT_ROUNDS = (("one by one", 1, 1, 100), ("50 at a time", 50, 1, 20))


class Bench:
    """One benchmark of one size."""

    def __init__(self, store, size, addons, state):
        """Take the size.

        :param Databases store: the databases of this checkout.
        :param str size: a key of ``DEBTORS``.
        :param str addons: addons folders with the addon, separated by commas.
        :param str state: hash of the addon measured.
        """
        self.store, self.size, self.addons, self.state = store, size, addons, state
        self.debtors = DEBTORS[size]
        self.made, self.rows = [], []

    def run(self, parts):
        """Measure; return the table's rows.

        :param parts: members of ``PARTS`` to measure beside SQL, installation and runs, which
            the others need.
        :rtype: list[dict]
        """
        self.data = self._data()
        self._measure_sql()
        try:
            empty = self._copy(self._base())
            addon = self._copy(self.data)
            self._measure_install(empty, addon)
            self._measure_runs(addon)
            if "reports" in parts:
                self._measure_reports(addon)
            if "notices" in parts:
                self._measure_notices(addon)
            if "peer" in parts and self.size == PEER_SIZE:
                self._measure_peer()
            if "payments" in parts:
                self._measure_payments(self._copy(self.data), addon)
        finally:
            for name in list(self.made):
                self._drop(name)
        return self.rows

    # === DATABASES

    def _base(self):
        """Return the name of the template with what the addon depends on."""
        with processes.lock("templates", "building template databases"):
            return self.store.base_template(False)

    def _data(self):
        """Return the name of the generated database, made when it is not there yet."""
        prefix = f"bench{settings.clone_id()}_{self.size}_"
        base = self._base()
        name = prefix + settings.digest(
            databases.base_state(False), FOLDER / "generate.py", self.debtors
        )
        if self.store.exists(name):
            return name
        half = self.store.fresh_name("bench")
        try:
            self.store.copy(base, half)
            say(f"==> generating {self.debtors:,} debtors (kept for later benchmarks)")
            command = ["python", FOLDER / "generate.py", "-d", half, "--debtors", self.debtors]
            subprocess.run([str(part) for part in command], check=True, cwd=settings.REPO)
            self.store.query("vacuum analyze", half)
            for old in self.store.names():
                if old.startswith(prefix):
                    self.store.drop(old)
            self.store.query(f'alter database "{half}" rename to "{name}"')
            settings.DATA.joinpath("filestore", half).rename(databases.filestore(name))
        except BaseException:
            self.store.drop(half)
            raise
        return name

    def _copy(self, source):
        """Copy a database; it is dropped at the end at the latest."""
        name = self.store.fresh_name("bench")
        self.made.append(name)
        self.store.copy(source, name)
        return name

    def _drop(self, name):
        """Drop a copy."""
        self.made.remove(name)
        self.store.drop(name)

    # === MEASUREMENTS

    def _case(self, case, database, addons=None):
        """Run a case in a process of its own; return its results, one dictionary a line."""
        command = case_command(case, database, addons or self.addons)
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=settings.REPO
        )
        if done.returncode:
            raise Problem(f"benchmark {case} failed:\n{(done.stdout + done.stderr)[-3000:]}")
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def _add(self, step, figures, ratio=None, to=""):
        """Note one row of the table.

        :param str step: what was measured.
        :param dict figures: seconds, queries, memory_mib, items where they are known.
        :param float ratio: how many times the seconds of ``to``.
        :param str to: what it is compared with.
        """
        row = {"size": self.size, **figures, "step": step, "ratio": ratio, "to": to}
        self.rows.append(row)
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        with RESULTS.open("a") as file:
            stamp = {"at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")}
            stamp["addon"] = self.state
            file.write(json.dumps({**stamp, **row}) + "\n")

    def _measure_sql(self):
        """Measure the floor."""
        say("==> raw SQL")
        self.fetched, self.written = self._case("raw_sql", self.data)
        self._add("raw SQL: due level of every overdue line, fetched", self.fetched)
        self._add("raw SQL: the same, written to a table", self.written)

    def _measure_install(self, empty, data):
        """Measure what installing takes on an empty database and on the generated one."""
        seconds = []
        for text, name in (("empty", empty), ("full", data)):
            start = time.perf_counter()
            self.store.odoo(
                f"installing on the {text} database",
                name,
                *["-i", settings.ADDON, "--addons-path", self.addons, "--log-level=warn"],
                log=f"bench-install-{text}",
            )
            seconds.append(time.perf_counter() - start)
        self._add("install the addon on an empty database", {"seconds": seconds[0]})
        self._add(
            "install the addon on this database",
            {"seconds": seconds[1], "items": self.written["items"]},
            seconds[1] / seconds[0],
            "on an empty one",
        )
        self._add("  seconds more than on an empty one", {"seconds": seconds[1] - seconds[0]})

    def _measure_runs(self, database):
        """Measure first runs and the same day's rerun; one first run stays in the database."""
        say("==> first run")
        # Each on a copy of its own: rows of a run taken back would still lie in the tables.
        runs = [self._first_run(database) for _ in range(FIRST_RUNS[self.size] - 1)]
        planner = None
        if self.size in ANALYZED_SIZES:
            planner = self._first_run(database, analyzed=True)
        runs.append(self._case("prepare", database)[-1])
        self.first = self._median(runs)
        floor = self.written["seconds"]
        step = "daily run without sending: first, everything new"
        self._add(step, self.first, self.first["seconds"] / floor, "raw SQL written")
        if planner:
            step = "  the same, tables analysed while still empty"
            self._add(step, planner, planner["seconds"] / floor, "raw SQL written")
        # What autovacuum does within a minute.
        self.store.query("vacuum analyze", database)
        say("==> rerun")
        again = self._median([self._case("run", database)[-1] for _ in range(RERUNS)])
        if again["new_items"]:
            raise Problem(f"the unchanged rerun took in {again['new_items']} items")
        self._add(
            "daily run without sending: same day again",
            again,
            again["seconds"] / self.fetched["seconds"],
            "raw SQL fetched",
        )
        say("==> compliance gate")
        rows = [self._case("gate", database) for _ in range(RERUNS)]
        gate = self._median([row[-1] for row in rows])
        step = "  the compliance gate, every debtor judged anew"
        self._add(step, gate, gate["seconds"] / self.first["seconds"], "the first run")
        gate = self._median([row[-2] for row in rows])
        step = "  the compliance gate, nothing has changed"
        self._add(step, gate, gate["seconds"] / again["seconds"], "the rerun")

    def _first_run(self, database, analyzed=False):
        """Measure a first run on a copy of a database where nothing was run yet."""
        copy = self._copy(database)
        if analyzed:
            # The server then believes the tables to be empty, and plans for that.
            self.store.query("vacuum analyze", copy)
        result = self._case("run", copy)[-1]
        self._drop(copy)
        return result

    @staticmethod
    def _median(runs):
        """Return the run with the median time, with the highest memory of all."""
        runs = sorted(runs, key=lambda result: result["seconds"])
        memory = max(result["memory_mib"] for result in runs)
        return {**runs[len(runs) // 2], "memory_mib": memory}

    def _measure_notices(self, database):
        """Measure what leaves: e-mails, e-mails with a PDF, letters."""
        say("==> notices")
        labels = {
            "emails": "queue e-mails",
            "emails_with_pdf": "queue e-mails, each with a statement as PDF",
            "letters": "letters into one PDF",
        }
        for result in self._case("notices", database):
            step = result.pop("step")
            count = result["items"]
            self._add(f"{labels[step]} ({count})", result)

    def _measure_reports(self, database):
        """Measure the aged balance beside raw SQL and a peer, and a snapshot."""
        say("==> reports")
        [floor] = self._case("raw_aged", self.data)
        self._add("raw SQL: aged balance by debtor, today", floor)
        labels = {
            "aged": "aged balance by debtor, today",
            "aged_past": "aged balance by debtor, 180 days ago",
            "unfold": "aged balance: unfold one debtor",
            "xlsx": "aged balance: XLSX, debtors",
            "xlsx_details": "aged balance: XLSX with all items",
            "snapshot": "snapshot of a month",
        }
        ours = {figures.pop("step"): figures for figures in self._case("reports", database)}
        for step, figures in ours.items():
            ratio = (figures["seconds"] / floor["seconds"], "raw SQL") if step == "aged" else ()
            self._add(labels[step], figures, *ratio)
        addons = fetch_peer()
        if not addons:
            self._add(f"OCA {PEER_REPORTS}: peer not available", {})
            return
        copy = self._copy(self.data)
        paths = f"{self.addons},{addons}"
        self.store.odoo(
            f"installing {PEER_REPORTS}",
            copy,
            *["-i", PEER_REPORTS, "--addons-path", paths, "--log-level=warn"],
            log="bench-install-peer-reports",
        )
        say("==> the peer's reports")
        for figures in self._case("peer_reports", copy, paths):
            step = figures.pop("step")
            label = f"OCA {PEER_REPORTS}: {labels[step].removeprefix('aged balance: ')}"
            self._add(label, figures, figures["seconds"] / ours[step]["seconds"], "ours")
        self._drop(copy)

    def _measure_peer(self):
        """Measure the peer on the same data, if it can be had."""
        addons = fetch_peer()
        if not addons:
            self._add("OCA account_credit_control: peer not available", {})
            return
        database = self._copy(self.data)
        paths = f"{self.addons},{addons}"
        self.store.odoo(
            f"installing {PEER_MODULE}",
            database,
            *["-i", PEER_MODULE, "--addons-path", paths, "--log-level=warn"],
            log="bench-install-peer",
        )
        say("==> the peer's chain, about a minute")
        steps = self._case("peer", database, paths)
        labels = {"generate": "generate lines", "ready": "set to ready", "group": "group"}
        key, clock = comparable([self.first, *steps])
        ours, to = self.first[key], f"our first run, {clock}"
        for step in steps:
            label = f"OCA account_credit_control: {labels[step.pop('step')]}"
            self._add(label, step, step[key] / ours, to)
        total = add_up(steps)
        self._add("OCA account_credit_control: the chain", total, total[key] / ours, to)

    def _measure_payments(self, plain, addon):
        """Register the same payments with and without the addon, turn by turn."""
        players = Player(plain, self.addons), Player(addon, self.addons)
        with players[0] as without, players[1] as with_addon:
            for label, size, calls, rounds in PAYMENT_ROUNDS:
                say(f"==> payments {label}, {rounds} rounds in turn")
                pairs = []
                for number in range(rounds + 1):
                    # Who goes first changes, so that a machine getting slower harms both.
                    order = (without, with_addon) if number % 2 else (with_addon, without)
                    results = {player: player.play(label, size, calls) for player in order}
                    pairs.append((results[without], results[with_addon]))
                    if number and number % (rounds // 5) == 0:
                        say(f"    {number} of {rounds}")
                # The first round also loads code and fills caches.
                self._add_payments(label, size * calls * rounds, pairs[1:])

    def _add_payments(self, label, count, pairs):
        """Note the rows of one paired comparison: totals, and the median of the rounds' ratios."""
        sides = [add_up(side) for side in zip(*pairs, strict=True)]
        key, clock = comparable(sides)
        ratio, low, high = get_median([pair[1][key] / pair[0][key] for pair in pairs])
        for name, figures in zip(("without", "with"), sides, strict=True):
            figures.update(items=count, memory_mib=None)
            step = f"{count:,} payments, wizard, {label}, {name} the addon"
            to = f"without, {clock}, median of {len(pairs)} pairs, 95 % {low:.2f}-{high:.2f}"
            self._add(step, figures, *((ratio, to) if name == "with" else ()))


class Player:
    """A process that registers payments in one database whenever it is told to."""

    def __init__(self, database, addons):
        """Start it.

        :param str database: name.
        :param str addons: addons folders, separated by commas.
        """
        self.output = []  # what is no result, to be shown if it fails
        self.process = subprocess.Popen(
            case_command("payments", database, addons),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=settings.REPO,
        )

    def __enter__(self):
        self._read()
        return self

    def __exit__(self, *_error):
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def play(self, label, size, calls):
        """Register one round of payments.

        :param str label: name of the round.
        :param int size: invoices paid by one call of the wizard.
        :param int calls: calls of the wizard.
        :return: its figures.
        :rtype: dict
        """
        self.process.stdin.write(f"{label.replace(' ', '_')} {size} {calls}\n")
        self.process.stdin.flush()
        result = self._read()
        if result["unpaid"]:
            raise Problem(f"{result['unpaid']} invoices were not paid in full")
        return result

    def _read(self):
        """Return the next result; other lines are passed over."""
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
            self.output.append(line)
        raise Problem("benchmark payments failed:\n" + "".join(self.output[-30:]))


def comparable(results):
    """Choose the time results are compared by: the processor's where it is known for all.

    On a busy machine the clock tells more of the others.

    :param list[dict] results: figures.
    :return: (key of the figure, its name in the table)
    """
    known = all(result.get("cpu_seconds") for result in results)
    return ("cpu_seconds", "CPU") if known else ("seconds", "clock")


def case_command(case, database, addons):
    """Return the command that runs a case.

    :param str case: name of the case.
    :param str database: name of the database.
    :param str addons: addons folders, separated by commas.
    """
    command = ["python", FOLDER / "cases.py", case, "-d", database, "--addons-path", addons]
    return [str(part) for part in command]


@contextlib.contextmanager
def frozen_addon():
    """Copy the addon, so that somebody may work on it while it is measured.

    :return: the addons folders to use, separated by commas: as configured, ours being the copy;
        and the hash of the addon.
    """
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(os.environ["ODOO_RC"])
    configured = parser["options"]["addons_path"].split(",")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / settings.ADDON
        shutil.copytree(settings.addon_path(), copy)
        paths = [path.strip() for path in configured]
        paths = [folder if path == str(settings.REPO) else path for path in paths]
        yield ",".join(paths), databases.addon_state(copy)


def fetch_peer():
    """Return the folder with the peer's addons, downloaded when it is not there yet.

    :return: the folder, or None where it cannot be had.
    """
    folder = PEERS / settings.digest(PEER_LOCK)
    addons = folder / "odoo" / "addons"
    if (addons / PEER_MODULE).is_dir() and (addons / PEER_REPORTS).is_dir():
        return addons
    half = folder.with_suffix(f".{os.getpid()}")
    PEERS.mkdir(parents=True, exist_ok=True)
    options = ["--no-deps", "--require-hashes", "--progress-bar=off", "--retries=1"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", half]
    try:
        run_logged("fetching the peer", [*command, "-r", PEER_LOCK], "bench-peer")
        half.rename(folder)
    except Problem as problem:
        say(f"    {problem}")
        shutil.rmtree(half, ignore_errors=True)
        return None
    return addons


def main():
    """Run the benchmark; return the exit code."""
    parser = argparse.ArgumentParser(description="Run the benchmark.")
    parser.add_argument("--size", nargs="+", choices=DEBTORS, default=["s"])
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS, help="default: all")
    options = parser.parse_args()
    try:
        with processes.lock("bench", "measuring"):
            store = databases.Databases(dict(os.environ))
            store.sweep()
            with frozen_addon() as addon:
                benches = [Bench(store, size, *addon) for size in options.size]
                rows = [row for bench in benches for row in bench.run(options.parts)]
    except (Problem, subprocess.CalledProcessError) as problem:
        complain(problem)
        return 1
    say()
    say(format_table(rows))
    say(f"\n{generate.AS_OF}: the day looked at. Results: {RESULTS.relative_to(settings.REPO)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
