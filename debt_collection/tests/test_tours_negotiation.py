"""What debtors do with an offer in a browser, without a login."""

import json

from odoo.tests import tagged

from .test_notice_letter import has_wkhtmltopdf
from .test_tours import TourCommon


@tagged("post_install", "-at_install")
class TestToursNegotiation(TourCommon):
    def _offer(self):
        """A plan that was offered to the first debtor, and the path of its page."""
        case = self.env["debt.case"].search([("partner_id", "=", self.debtors[0].id)])
        plan = self.env["debt.plan"].with_user(self.manager).create({"case_id": case.id})
        plan.action_submit()
        return plan, plan.sudo().get_portal_url()

    def test_sign_online(self):
        """Looking at the page accepts nothing; name and signature do."""
        plan, path = self._offer()
        page = self.url_open(path)
        self.assertEqual(page.status_code, 200)
        self.assertIn(plan.reference, page.text)
        self.assertEqual(plan.state, "approved")
        if has_wkhtmltopdf():
            self.assertEqual(
                self.url_open(f"{path}&pdf=1").headers["Content-Type"], "application/pdf"
            )
        self.start_tour(path, "debt_collection_sign_online", login=None, timeout=240)
        self.assertRecordValues(plan, [{"state": "active", "accepted_by": "Jordan Blake"}])
        self.assertTrue(plan.signature)

    def test_only_by_its_link(self):
        """Without the key, with another's, before it is granted: there is no page."""
        plan, path = self._offer()
        base = path.split("?")[0]
        for wrong in (base, f"{base}?access_token=x", base.replace("debt.plan", "res.partner")):
            page = self.url_open(wrong)
            self.assertEqual(page.status_code, 404)
            self.assertNotIn(plan.reference, page.text)
        answer = self.url_open(
            f"{base}/accept",
            data=json.dumps({"params": {"name": "x", "signature": "eA==", "access_token": "x"}}),
            headers={"Content-Type": "application/json"},
        ).json()
        self.assertIn("does not work", answer["result"]["error"])
        self.assertEqual(plan.state, "approved")
        plan._do_cancel("Not any more")
        self.assertIn("not in force any more", self.url_open(path).text)
        draft = self.env["debt.plan"].create({"case_id": plan.case_id.id})
        self.assertEqual(self.url_open(draft.sudo().get_portal_url()).status_code, 404)
