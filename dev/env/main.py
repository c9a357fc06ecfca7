"""The command line: ``./dev/run COMMAND``, called by the Makefile and the scripts beside it."""

import argparse
import os
import sys

from . import environment, postgres
from .console import Problem, complain


def passed_on(command):
    """Replace this process by a command run inside the environment."""
    environ = environment.prepare()
    os.execvpe(command[0], command, environ)


def odoo(arguments):
    """Run the odoo command."""
    passed_on(["python", "-m", "odoo", *arguments])


def python(arguments):
    """Run the environment's Python."""
    passed_on(["python", *arguments])


def psql(arguments):
    """Run psql."""
    passed_on([postgres.client("psql"), *arguments])


PASSED_ON = {"odoo": odoo, "python": python, "psql": psql}


def main(arguments=None):
    """Run one command; return the exit code. A problem is one line on the error stream."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        if arguments and arguments[0] in PASSED_ON:
            return PASSED_ON[arguments[0]](arguments[1:])
        parser = argparse.ArgumentParser(prog="dev/run", description=__doc__)
        parser.parse_args(arguments)
    except Problem as problem:
        complain(problem)
        return 1
    except KeyboardInterrupt:
        complain("interrupted")
        return 130
    return 0
