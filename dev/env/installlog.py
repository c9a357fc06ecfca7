"""The log of an installation must be clean: what is in it that should not be."""

import re

RECORD = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (WARNING|ERROR|CRITICAL) \S+ (.*)$")
DOCUTILS = re.compile(r"^<string>:\d+: \((?:ERROR|WARNING|SEVERE)/\d\)")
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
    """Return the lines of a log that tell which of Odoo's tests failed and why."""
    lines = text.splitlines()
    kept = [
        line
        for number, line in enumerate(lines)
        if any(RECORD.match(near) for near in lines[max(0, number - 12) : number + 1])
        and not any(noise.search(line) for noise in NOISE)
    ]
    return "\n".join(kept[:limit])


def name(template):
    """Return the name of the log that tells how a template's addon was installed."""
    return f"install-{template.rsplit('_', 1)[-1]}"
