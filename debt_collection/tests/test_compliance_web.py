"""The gate in a browser, and what debtors reach without a login."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .test_tours import TourCommon


@tagged("post_install", "-at_install")
class TestComplianceWeb(TourCommon):
    """A refused call with its override; the link and the endpoint for answers."""

    def test_override(self):
        """A call is refused, permitted once by the compliance role, and logged."""
        self.env["debt.debtor.flag"].create(
            {
                "partner_id": self.debtors[0].id,
                "kind": "attorney",
                "date_from": fields.Date.today() - timedelta(days=1),
            }
        )
        self.start_tour(
            "/odoo/collections-worklist",
            "debt_collection_override",
            login="debt_tour_manager",
            timeout=240,
        )
        override = self.env["debt.override"].search([("partner_id", "=", self.debtors[0].id)])
        self.assertTrue(override.used_on)
        self.assertFalse(override.contact_id.near_miss)

    def test_opt_out(self):
        """The link opens without a login, asks, and opts out; nothing is done by looking at it."""
        consents = self.env["debt.consent"]
        url = consents._get_opt_out_url("large@example.com", self.company)
        path = url[url.index("/collections") :]
        self.assertEqual(self.url_open(path).status_code, 200)
        self.assertFalse(consents.search([("address", "=", "large@example.com")]))
        with patch.object(type(self.env["res.company"]), "get_base_url", lambda _self: ""):
            self.start_tour(path, "debt_collection_opt_out", login=None, timeout=120)
        consent = consents.search([("address", "=", "large@example.com")])
        self.assertEqual(
            (consent.decision, consent.way, consent.partner_id), ("out", "link", self.debtors[0])
        )
        forged = path.replace("large%40example.com", "b%40example.com")
        self.assertEqual(self.url_open(forged).status_code, 404)
        self.assertEqual(self.url_open(forged, data={"x": "1"}).status_code, 404)
        self.assertFalse(consents.search([("address", "=", "b@example.com")]))

    def test_one_click(self):
        """A mail program's one-click POST needs no page and no session (RFC 8058)."""
        url = self.env["debt.consent"]._get_opt_out_url("large@example.com", self.company)
        path = url[url.index("/collections") :]
        answer = self.url_open(path, data={"List-Unsubscribe": "One-Click"})
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(self.env["debt.consent"].search([("address", "=", "large@example.com")]))

    def test_sms_endpoint(self):
        """A gateway needs the token; then STOP is an opt-out at once."""
        values = {"From": "+12025550100", "Body": "STOP"}
        self.assertEqual(self.url_open("/collections/sms/reply", data=values).status_code, 403)
        self.env["ir.config_parameter"].set_param("debt_collection.sms_token", "s3cret")
        values["token"] = "s3cret"
        self.assertEqual(self.url_open("/collections/sms/reply", data=values).text, "logged")
        consent = self.env["debt.consent"].search([("address", "=", "+12025550100")])
        self.assertEqual(consent.partner_id, self.debtors[0])

    def test_debtor_file(self):
        """The file is for the compliance role; others are refused."""
        path = f"/collections/debtor-file/{self.debtors[0].id}"
        self.authenticate("debt_tour_officer", "debt_tour_officer")
        self.assertNotEqual(self.url_open(path).headers.get("Content-Type"), "application/zip")
        self.authenticate("debt_tour_manager", "debt_tour_manager")
        answer = self.url_open(path)
        self.assertEqual(answer.headers["Content-Type"], "application/zip")
        self.assertTrue(answer.content.startswith(b"PK"))
