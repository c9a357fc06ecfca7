"""The addon's terms, merged into every language: what ``make translations`` runs.

    ./dev/python dev/translations.py --database NAME [--output FILE]

The database has the addon in its present state. With ``--output`` only the list of terms is
written, to that file; else ``i18n/debt_collection.pot`` and the languages beside it are brought in
line: new terms are added untranslated, terms that are gone leave.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import polib

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dev.env import settings

FOLDER = settings.addon_path() / "i18n"
TEMPLATE = FOLDER / f"{settings.ADDON}.pot"
# Dates of the export would make each export a change.
DATES = ("POT-Creation-Date", "PO-Revision-Date")


def export(database, target):
    """Write the terms of the addon in a database to a file and return them.

    :rtype: polib.POFile
    """
    command = [sys.executable, "-m", "odoo", "i18n", "export", "-d", database]
    done = subprocess.run(
        [*command, "-o", str(target), settings.ADDON], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"error: Odoo exported no terms\n{done.stderr[-2000:]}")
    terms = polib.pofile(str(target), wrapwidth=78)
    for name in DATES:
        terms.metadata.pop(name, None)
    terms.save(str(target))
    return terms


def get_left(language):
    """Return the entries of a language that nobody has translated yet, or not finally."""
    return [*language.untranslated_entries(), *language.fuzzy_entries()]


def main():
    """Export the terms, bring the languages in line, print what is left to translate."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", required=True)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    if options.output:
        export(options.database, options.output)
        return
    FOLDER.mkdir(exist_ok=True)
    terms = export(options.database, TEMPLATE)
    print(f"{len(terms):,} terms")
    for path in sorted(FOLDER.glob("*.po")):
        language = polib.pofile(str(path), wrapwidth=78)
        language.merge(terms)
        for entry in language.obsolete_entries():
            language.remove(entry)
        language.save()
        left = len(get_left(language))
        print(f"    {path.stem}: {f'{left:,} to translate' if left else 'complete'}")


if __name__ == "__main__":
    main()
