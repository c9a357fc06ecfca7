"""Languages: every term is translated, and nothing that a program fills in gets lost on the way."""

import re

import polib
import pytest

from dev.env import settings
from dev.translations import LANGUAGES, get_left, is_current, template

FILES = [
    template(addon).with_name(f"{code}.po")
    for addon in (settings.ADDON, *settings.bridges())
    for code in LANGUAGES
]
# What a program replaces, and the tags of templates: the same in every language.
FILLED_IN = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\{.*?\}\}|<[a-z/][^>]*>|\$\{.*?\}")
# Attributes that people read, and their words.
READ = re.compile(r"""\b(title|placeholder|alt|string|aria-label|data-tooltip)=(["']).*?\2""")
# Tags a translator may add or leave out.
FREE = {"<br/>", "<br />", "<b>", "</b>", "<strong>", "</strong>", "<em>", "</em>"}


def filled_in(text):
    """Return what a term holds for programs, sorted."""
    tags = FILLED_IN.findall(READ.sub(r"\1", text))
    return sorted(part for part in tags if part not in FREE)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_language_is_complete(path):
    """All terms of the list are there and translated."""
    language = polib.pofile(str(path))
    known = {entry.msgid for entry in language if not entry.obsolete}
    terms = polib.pofile(str(template(path.parts[-3])))
    missing = {entry.msgid for entry in terms} - known
    assert not missing, f"make translations; then translate {len(missing)} terms"
    left = [entry.msgid[:60] for entry in get_left(language)]
    assert not left, f"{len(left)} terms to translate, such as {left[:5]}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_placeholders_stay(path):
    """A translation holds the same placeholders and tags as the term."""
    wrong = [
        entry.msgid[:80]
        for entry in polib.pofile(str(path)).translated_entries()
        if filled_in(entry.msgid) != filled_in(entry.msgstr)
    ]
    assert not wrong


def test_terms_are_up_to_date(make_db):
    """The list of terms is the one that Odoo finds in the addon now (bridges: with their tests)."""
    assert is_current(make_db(), settings.ADDON), "make translations"
