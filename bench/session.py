"""An Odoo environment on a database for one script."""

import contextlib
import logging

QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}


def say(text=""):
    """Print one line at once, even into a pipe.

    :param str text: the line.
    """
    print(text, flush=True)


@contextlib.contextmanager
def environment(database, context=None, addons=""):
    """Open a database as the superuser; everything not committed is rolled back.

    :param str database: its name.
    :param dict context: context of the environment.
    :param str addons: folders with more addons, separated by commas; default: as configured.
    :return: the environment.
    """
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    arguments = ["-d", database, "--no-http", "--log-level=error"]
    if addons:
        arguments += ["--addons-path", addons]
    config.parse_config(arguments, setup_logging=True)
    # Notices of deprecations and of the test machine (root) are nobody's concern here.
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    with Registry(database).cursor() as cr:
        context = {"lang": "en_US", **(context or {})}
        try:
            yield api.Environment(cr, SUPERUSER_ID, context)
        finally:
            cr.rollback()


def quiet_environment(database):
    """Open a database for bulk work: no tracking, no followers, no log notes.

    :param str database: its name.
    """
    return environment(database, QUIET)
