"""The terms of the addons, merged into every language: what ``make translations`` runs.

    ./dev/python dev/translations.py --database NAME [--check] ADDON...

The database has the addons in their present state. ``i18n/ADDON.pot`` and the languages beside it
are brought in line: new terms are added untranslated, terms that are gone leave. With ``--check``
nothing is written: the exit code tells whether the list of terms is the present one.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dev.env import settings

LANGUAGES = ("de", "es", "fr")
# Dates of the export would make each export a change.
DATES = ("POT-Creation-Date", "PO-Revision-Date")


def template(addon):
    """Return the file with the terms of an addon; its languages lie beside it."""
    return settings.REPO / addon / "i18n" / f"{addon}.pot"


def export(database, addon, target):
    """Write the terms of an addon in a database to a file and return them.

    :rtype: polib.POFile
    """
    command = [sys.executable, "-m", "odoo", "i18n", "export", "-d", database]
    done = subprocess.run(
        [*command, "-o", str(target), addon], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"error: Odoo exported no terms\n{done.stderr[-2000:]}")
    terms = polib.pofile(str(target), wrapwidth=78)
    for name in DATES:
        terms.metadata.pop(name, None)
    terms.save(str(target))
    return terms


def is_current(database, addon):
    """Tell whether the list of an addon's terms is the one that Odoo finds in it now."""
    with tempfile.TemporaryDirectory() as folder:
        now = {entry.msgid for entry in export(database, addon, Path(folder) / "now.pot")}
    return now == {entry.msgid for entry in polib.pofile(str(template(addon)))}


def get_left(language):
    """Return the entries of a language that nobody has translated yet, or not finally."""
    return [*language.untranslated_entries(), *language.fuzzy_entries()]


def bring_in_line(database, addon):
    """Export the terms of an addon, bring its languages in line, print what is left."""
    target = template(addon)
    target.parent.mkdir(exist_ok=True)
    terms = export(database, addon, target)
    print(f"{addon}: {len(terms):,} terms")
    for code in LANGUAGES:
        path = target.parent / f"{code}.po"
        language = polib.pofile(str(path), wrapwidth=78) if path.exists() else polib.POFile()
        language.metadata = language.metadata or {**terms.metadata, "Language": code}
        language.merge(terms)
        for entry in language.obsolete_entries():
            language.remove(entry)
        language.save(str(path))
        left = len(get_left(language))
        print(f"    {code}: {f'{left:,} to translate' if left else 'complete'}")


def main():
    """Bring the languages of the addons in line, or check whether they are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", required=True)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("addons", nargs="+")
    options = parser.parse_args()
    for addon in options.addons:
        if not options.check:
            bring_in_line(options.database, addon)
        elif not is_current(options.database, addon):
            sys.exit(f"error: {addon}: make translations")


if __name__ == "__main__":
    main()
