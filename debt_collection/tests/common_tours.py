"""What every test in a real browser stands on."""

from unittest.mock import patch

from odoo import Command
from odoo.tests import HttpCase, new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


class BrowserCommon(AccountTestInvoicingCommon, HttpCase):
    """A company with a chart and a browser, on the real clock: a frozen one would stop the browser
    too.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A busy machine may need more than ten seconds to start a browser; a skip would hide it.
        cls.startClassPatcher(patch("odoo.tests.common.CHECK_BROWSER_ITERATIONS", 900))
        # Debian's package lacks this file; its absence alone would fail every tour.
        cls.env["ir.asset"].create(
            {
                "name": "test: file absent from the Debian package",
                "bundle": "web.assets_backend",
                "directive": "remove",
                "path": "mail/static/lib/selfie_segmentation/selfie_segmentation.js",
            }
        )
        cls.company = cls.company_data["company"]

    @classmethod
    def get_default_groups(cls):
        """The test user manages collections, beside what accounting tests need."""
        return super().get_default_groups() | cls.quick_ref("debt_collection.group_manager")

    @classmethod
    def _create_tour_user(cls, login, groups):
        """A user of the test company who walks tours.

        :param groups: xml ids, comma separated, beside that of internal users
        """
        return new_test_user(
            cls.env,
            login=login,
            groups=f"base.group_user,{groups}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _start(self, path, tour, login="debt_tour_officer"):
        """Walk a tour; a busy machine gets time."""
        self.start_tour(path, tour, login=login, timeout=240)
