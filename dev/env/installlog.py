"""The log of an installation must be clean: what is in it that should not be."""

import re

RECORD = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (WARNING|ERROR|CRITICAL) \S+ (.*)$")
DATED = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ [A-Z]+ ")
# Messages of Odoo itself that any installation on such a machine shows.
NOISE = (re.compile(r"Running as user 'root' is a security risk"),)


def complaints(text):
    """Return the warnings and errors of a log, without Odoo's well-known noise."""
    found = []
    for line in text.splitlines():
        match = RECORD.match(line)
        if match and not any(noise.search(line) for noise in NOISE):
            found.append(f"{match.group(1)} {match.group(2)}")
    return found


def failures(text, limit=80):
    """Return the errors of a log with the lines that follow each, such as tracebacks."""
    kept = []
    keep = False
    for line in text.splitlines():
        if DATED.match(line):
            match = RECORD.match(line)
            keep = bool(match) and match.group(1) != "WARNING"
        if keep:
            kept.append(line)
    return "\n".join(kept[-limit:])


def name(template):
    """Return the name of the log that tells how a template's addon was installed."""
    return f"install-{template.rsplit('_', 1)[-1]}"
