import io

import openpyxl

from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from .common import StmCase


@tagged("post_install", "-at_install")
class TestWorkReportDownload(StmCase, HttpCase):
    """The report on paper and as a workbook, for those who may read it."""

    def setUp(self):
        super().setUp()
        self.env.ref("sales_team_mgmt.report_template_weekly").needs_next_plan = False
        with freeze_time("2026-03-06 08:00:00"):
            self.visit(self.ann, self.customers[0])
            self.own = self.report(self.ann)

    def download(self, user, ids):
        # new_test_user pads the login to a password of eight characters.
        self.authenticate(user.login, user.login.ljust(8, "x"))
        return self.url_open(f"/stm/work_report.xlsx?ids={ids}")

    def test_the_owner_and_the_leader_get_the_workbook(self):
        for user in (self.ann, self.city, self.manager, self.gm):
            response = self.download(user, self.own.id)
            self.assertEqual(response.status_code, 200)
            book = openpyxl.load_workbook(io.BytesIO(response.content))
            cells = [c.value for row in book.active.iter_rows() for c in row]
            self.assertIn("Will order", cells)

    def test_nobody_else_does(self):
        for user in (self.ben, self.wei, self.west, self.finance, self.hr):
            response = self.download(user, self.own.id)
            self.assertGreaterEqual(response.status_code, 400, user.login)
            self.assertNotIn(b"xl/workbook.xml", response.content)

    def test_nonsense_is_not_found(self):
        for ids in ("", "abc", "999999999"):
            self.assertEqual(self.download(self.ann, ids).status_code, 404)

    def test_the_sheet_on_paper_says_what_the_report_says(self):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "sales_team_mgmt.report_stm_work_report", self.own.ids
        )
        for text in ("Will order", "Customer 01", "Ann", "Key customers"):
            self.assertIn(text, html.decode())

    def test_a_second_report_is_refused_with_a_sentence(self):
        self.authenticate(self.ann.login, self.ann.login.ljust(8, "x"))
        with mute_logger("odoo.sql_db", "odoo.http"):
            response = self.url_open(
                "/web/dataset/call_kw",
                json={
                    "params": {
                        "model": "stm.work.report",
                        "method": "web_save",
                        "args": [[], {"date_from": "2026-03-02"}],
                        "kwargs": {"specification": {}},
                    }
                },
            )
        message = response.json()["error"]["data"]["message"]
        self.assertIn("There is a report of this person for this period", message)
