"""The developer environment's own decisions, without starting anything."""

import os
import smtplib
import socket
import threading

import pytest

from dev.env import (
    databases,
    demo,
    filestores,
    installlog,
    mailbox,
    main,
    packages,
    processes,
    settings,
    source,
    system,
)
from dev.env.console import Problem


def test_lock_file_is_exact():
    """The real lock file parses and pins what matters."""
    pins = packages.parse_lock(settings.LOCK.read_text())
    assert {"psycopg2-binary", "pytest-odoo", "pylint-odoo", "ruff", "werkzeug"} <= set(pins)


def test_lock_covers_every_wanted_package():
    """Each package of requirements.in has its pin."""
    wanted = {
        line.strip().lower().replace("_", "-")
        for line in settings.LOCK.with_suffix(".in").read_text().splitlines()
        if line.strip() and not line.startswith("#")
    }
    assert wanted - set(packages.parse_lock(settings.LOCK.read_text())) == set()


@pytest.mark.parametrize("line", ["lxml", "lxml>=5", "lxml @ file:///lxml.whl", "--no-binary lxml"])
def test_lock_refuses_what_is_not_a_pin(line):
    """Anything but name==version stops with the line's number."""
    with pytest.raises(Problem, match="line 2"):
        packages.parse_lock(f"# comment\n{line}\n")


def test_lock_names_are_normalized():
    """Case and underscores do not make another package."""
    assert packages.parse_lock("Lxml_Html_Clean==1.0  # why") == {"lxml-html-clean": "1.0"}


def test_port_taken():
    """A port somebody listens on is taken, and the message says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert processes.port_taken(port)
        assert processes.listening(port)
        with pytest.raises(Problem, match=f"port {port} .* PORT="):
            demo.check_free(port, None)
    assert not processes.listening(port)


def test_second_demo_is_refused():
    """A demo that runs already is named with its address and how to stop it."""
    now = {"pid": 1, "port": 8123, "database": "debt_demo"}
    with pytest.raises(Problem, match=r"already runs at http://127\.0\.0\.1:8123 .*make stop"):
        demo.check_free(8069, now)


def test_pid_file_of_another_process(tmp_path):
    """A pid that now belongs to another program is not taken for ours."""
    path = tmp_path / "demo.pid"
    path.write_text(str(os.getpid()))
    assert processes.read_pid(path, "no such mark") is None
    assert processes.read_pid(path, "python") == os.getpid()
    path.write_text("rubbish")
    assert processes.read_pid(path, "") is None
    assert processes.read_pid(tmp_path / "absent", "") is None


def test_second_make_waits(tmp_path, monkeypatch, capsys):
    """The second of two that want the same lock says so and gets it afterwards."""
    monkeypatch.setattr(settings, "RUN", tmp_path / "run")
    monkeypatch.setattr(settings, "REPO", tmp_path)
    order = []
    held = threading.Event()
    release = threading.Event()

    def first():
        with processes.lock("one", "first"):
            held.set()
            release.wait(10)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    assert held.wait(10)
    threading.Timer(0.3, release.set).start()
    with processes.lock("one", "second"):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]
    assert "waiting: process" in capsys.readouterr().out


def test_odoo_home_must_hold_odoo(tmp_path):
    """A folder without Odoo, or with another version, is refused in words."""
    with pytest.raises(Problem, match="no odoo/release.py"):
        source.check_given(tmp_path)
    release = tmp_path / "odoo" / "release.py"
    release.parent.mkdir()
    release.write_text("version_info = (18, 0, 0, FINAL, 0, '')\n")
    with pytest.raises(Problem, match=r"needs Odoo 19\.0"):
        source.check_given(tmp_path)
    release.write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
    assert source.check_given(tmp_path) == tmp_path


def test_checkout_has_its_core_addons_beside(tmp_path):
    """Of a source checkout the folder addons/ goes on the addons path; a package needs nothing."""
    assert source.core_addons(tmp_path) == []
    (tmp_path / "addons").mkdir()
    assert source.core_addons(tmp_path) == []
    (tmp_path / "odoo-bin").touch()
    assert source.core_addons(tmp_path) == [tmp_path / "addons"]


def test_given_variables_come_first():
    """ODOO_HOME and any of the PG* variables turn the private ones off."""
    assert settings.given_odoo({}) is None
    assert settings.given_odoo({"ODOO_HOME": "/"}) is not None
    assert not settings.given_postgres({"PGDATABASE": "x"})
    for name in settings.PG_VARIABLES:
        assert settings.given_postgres({name: "x"})


def test_another_build_is_said_once(capsys):
    """Another 19.0 build than the pinned one is used and named; another series is refused."""
    pinned = {"package": "odoo-19", "version": "19.0.0+dfsg-1"}
    assert source.choose_build(pinned, "19.0.0+dfsg-1") == "19.0.0+dfsg-1"
    assert capsys.readouterr().out == ""
    assert source.choose_build(pinned, "19.0.9+dfsg-1") == "19.0.9+dfsg-1"
    assert len(capsys.readouterr().out.splitlines()) == 1
    with pytest.raises(Problem, match="not 19.0"):
        source.choose_build(pinned, "19.1+dfsg-1")


def test_gaps_are_filled(tmp_path):
    """A file the package leaves out is made empty; one that is there stays as it is."""
    (tmp_path / "mail" / "static").mkdir(parents=True)
    source.fill_gaps(tmp_path, ["mail/static/lib/a.js", "gone/b.js"])
    gap = tmp_path / "mail" / "static" / "lib" / "a.js"
    assert gap.read_text() == ""
    assert not (tmp_path / "gone").exists()
    gap.write_text("code")
    source.fill_gaps(tmp_path, ["mail/static/lib/a.js"])
    assert gap.read_text() == "code"


def test_missing_packages_are_named_once(monkeypatch):
    """Only what is absent is asked for; without root and sudo the line names it all."""
    assert system.missing({"sh": "dash", "/etc/hostname": "base"}) in ([], ["base"])
    assert system.missing({"no-such-program": "one", "/no/such/file": "two"}) == ["one", "two"]
    monkeypatch.setattr(system, "root_prefix", lambda: None)
    with pytest.raises(Problem, match="apt-get install .* one two"):
        system.install(["one", "two"])
    system.install([])


def test_addon_state_follows_what_is_installed(tmp_path):
    """Code, views and data change the state of a database; tests, pages and documents do not."""
    for name in ("models/a.py", "static/src/a.js", "tests/test_a.py", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    before = databases.addon_state(tmp_path)
    for name in ("static/src/a.js", "tests/test_a.py", "README.md"):
        (tmp_path / name).write_text("2")
    assert databases.addon_state(tmp_path) == before
    (tmp_path / "models/a.py").write_text("2")
    changed = databases.addon_state(tmp_path)
    assert changed != before
    (tmp_path / "models/a.py").rename(tmp_path / "models/b.py")
    assert databases.addon_state(tmp_path) != changed


LOG = """\
2026-01-01 10:00:00,000 12 INFO db odoo.modules.loading: loading
2026-01-01 10:00:00,001 12 WARNING ? odoo: Running as user 'root' is a security risk.
<string>:38: (ERROR/3) Unexpected indentation.
2026-01-01 10:00:00,002 12 WARNING db odoo.fields: Field debt.case.x: unknown parameter
2026-01-01 10:00:00,003 12 ERROR db odoo.addons.test_lint: FAIL: TestIndex
Traceback (most recent call last):
AssertionError: no index
2026-01-01 10:00:00,004 12 INFO db odoo.modules.loading: done
"""


def test_installation_log():
    """Warnings and errors are found, Odoo's own noise is not."""
    assert installlog.complaints(LOG) == [
        "WARNING odoo.fields: Field debt.case.x: unknown parameter",
        "ERROR odoo.addons.test_lint: FAIL: TestIndex",
    ]


def test_failures_keep_their_traceback():
    """An error of a test run is shown with what follows it, and nothing else is."""
    shown = installlog.failures(LOG)
    assert "AssertionError: no index" in shown
    assert "loading" not in shown


def test_literals_are_quoted():
    """A quote in a name does not end an SQL text."""
    assert databases.literal("o'clock") == "'o''clock'"


@pytest.mark.parametrize("arguments", [["db"], ["ledger", "--db", "x"]])
def test_what_is_not_said_is_asked_for(arguments, capsys):
    """A target called without what it needs says so in one line, before it does anything."""
    assert main.main(arguments) == 1
    assert capsys.readouterr().err.startswith("error: say ")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--ledger", "no/such/file.csv"], "LEDGER=no/such/file.csv: no such file"),
        (["--ledger", __file__, "--as-of", "31/01/2026"], "AS_OF=31/01/2026: not a date"),
    ],
)
def test_ledger_is_checked_first(arguments, message, capsys):
    """A wrong file or date is said before a database is made."""
    assert main.main(["ledger", "--db", "x", *arguments]) == 1
    assert message in capsys.readouterr().err


def test_mailbox_keeps_messages(tmp_path):
    """What a client sends is a file, dots at the start of lines included; nothing is delivered."""
    with mailbox.Mailbox(0, tmp_path) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with smtplib.SMTP("127.0.0.1", server.server_address[1]) as client:
            client.sendmail("a@example.com", ["b@example.com"], "Subject: one\n\n.dot\n..two\n")
            client.sendmail("a@example.com", ["c@example.com"], "Subject: two\n\nlast\n")
        server.shutdown()
    first, second = sorted(tmp_path.glob("*.eml"))
    assert first.read_text().splitlines() == ["Subject: one", "", ".dot", "..two"]
    assert second.read_text().startswith("Subject: two")


def test_workers_share_no_files(tmp_path):
    """What one test process deletes or writes is not missed or found by another."""
    original = tmp_path / "filestore" / "main" / "ab"
    original.mkdir(parents=True)
    (original / "file").write_text("kept")
    with (
        filestores.own_filestore(tmp_path, "main", "main-gw0"),
        filestores.own_filestore(tmp_path, "main", "main-gw1"),
    ):
        first, second = (tmp_path / "filestore" / f"main-gw{n}" / "ab" for n in (0, 1))
        (first / "file").unlink()
        (first / "new").write_text("x")
        assert [path.name for path in second.iterdir()] == ["file"]
        assert (original / "file").read_text() == "kept"
    assert [path.name for path in (tmp_path / "filestore").iterdir()] == ["main"]
