"""Run a file of compliance cases through the gate of a database; nothing of it is kept.

    ./dev/python dev/conformance.py --database DB --cases FILE.csv

Prints each case that differs with what was expected and answered, then the sum. The exit code is
1 when a case failed.
"""

import argparse
import logging
import sys
from pathlib import Path

# The interpreter may be told not to look beside the script for modules.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def main(arguments=None):
    """Run the cases and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--cases", required=True)
    options = parser.parse_args(arguments)

    from odoo import SUPERUSER_ID, api

    from dev.load_ledger import open_registry

    registry = open_registry(options.database)
    logging.getLogger("odoo").setLevel(logging.CRITICAL)
    from odoo.addons.debt_collection.tests import conformance

    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        failed = conformance.run(env, options.cases, lambda line: print(line, flush=True))
        cr.rollback()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
