import io

import openpyxl

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time, tagged

from .test_promise import ContactCase

# Thursday noon in Shanghai.
THURSDAY = "2026-03-05 04:00:00"


class LedgerCase(ContactCase):
    def setUp(self):
        super().setUp()
        with freeze_time(THURSDAY):
            self.done = self.visit(self.ann, self.customers[0])
            self.planned = self.visit(
                self.ann, self.customers[0], "2026-03-09 02:00:00", done=False
            )
            self.call = self.log(
                result="Orders in May", wishes="Cheaper", next_date="2026-03-20"
            )
            self.theirs = self.log(self.wei, self.customers[1])

    def ledger(self, user, domain=()):
        return self.env["stm.customer.ledger"].with_user(user).search(list(domain))


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestCustomerLedger(LedgerCase):
    """Visits and contacts of customers in one list (VIS-17)."""

    def test_vis_17_finished_visits_and_contacts_are_one_list(self):
        mine = self.customers[0].with_user(self.ann).action_stm_ledger()["domain"]
        rows = self.ledger(self.ann, mine)
        self.assertEqual(rows.visit_id, self.done)
        self.assertEqual(rows.contact_log_id, self.call)
        call, visit = rows
        self.assertEqual((visit.way, visit.problem), ("visit", "none"))
        self.assertEqual((call.way, call.problem), ("phone_out", "Cheaper"))
        self.assertEqual(str(visit.next_date), "2026-03-09")
        self.assertEqual(str(call.next_date), "2026-03-20")
        self.assertEqual(call.action_open_document()["res_id"], self.call.id)
        self.assertEqual(visit.action_open_document()["res_id"], self.done.id)
        # The cancelled visit comes never
        self.planned.action_cancel("Closed")
        self.env.invalidate_all()
        self.assertFalse(visit.next_date)

    def test_who_reads_the_documents_reads_their_rows(self):
        ours, theirs = {self.done, self.call}, {self.theirs}
        for user, expected in (
            (self.ann, ours),
            (self.city, ours),
            (self.east, ours),
            (self.manager, ours | theirs),
            (self.gm, ours | theirs),
            (self.ben, set()),
            (self.wei, theirs),
            (self.west, theirs),
        ):
            found = {r.visit_id or r.contact_log_id for r in self.ledger(user)}
            with self.subTest(user=user.login):
                self.assertEqual(found, expected)
        for user in (self.finance, self.hr):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.ledger(user)

    def test_rows_of_another_company_stay_there(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        rows = self.env["stm.customer.ledger"].with_user(self.gm)
        self.gm.company_ids |= sister
        there = rows.with_context(allowed_company_ids=sister.ids)
        self.assertFalse(there.search([("user_id", "=", self.ann.id)]))
        self.assertTrue(rows.search([("user_id", "=", self.ann.id)]))

    def test_a_page_costs_as_many_statements_at_every_size(self):
        counts = []
        for size in (3, 3, 40):
            for number in range(size):
                self.log(partner=self.customers[number % 20])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows = self.env["stm.customer.ledger"].with_user(self.ann).search([])
            rows.mapped("content")
            rows.mapped("next_date")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1], counts)

    def test_rep_33_says_what_is_owed_and_how_late_it_was(self):
        in_time, late, open_, overdue, off = (
            self.promise(due=f"2026-03-{day:02}") for day in (6, 6, 30, 6, 6)
        )
        issue = self.issue(name="Glue", kind="question", solution="White")
        in_time.action_keep()
        off.with_user(self.city).action_cancel("Not needed")
        with freeze_time("2026-03-09 15:59:00"):
            self.run_duties()
            late.action_keep()
        with freeze_time("2026-03-10 16:00:00"):
            issue.action_solve()
            rows = self.env["stm.obligation"].with_user(self.ann).search([])
            found = {
                row.promise_id or row.issue_id: (row.outcome, row.days_late)
                for row in rows
            }
            self.assertEqual(
                found,
                {
                    in_time: ("in_time", 0),
                    late: ("late", 3),
                    open_: ("open", 0),
                    overdue: ("overdue", 5),
                    off: ("cancelled", 0),
                    # Due on the 11th now, the day on which the customer is told
                    issue: ("in_time", 0),
                },
            )
            self.assertFalse(self.env["stm.obligation"].with_user(self.ben).search([]))
            team = self.env["stm.obligation"].with_user(self.city)
            sums = team._read_group([], ["user_id"], ["days_late:sum"])
            self.assertEqual(sums, [(self.ann.with_user(self.city), 8)])
            row = rows.filtered(lambda r: r.promise_id == overdue)
            self.assertEqual(row.action_open_document()["res_id"], overdue.id)


@tagged("post_install", "-at_install")
class TestContactForms(LedgerCase, HttpCase):
    """The forms on paper and as workbooks, from the same rows."""

    FORMS = {
        "analysis": ("Customer Analysis", "More space"),
        "record": ("Record of a Follow-up Call", "Cheaper"),
        "calls": ("Register of Follow-up Calls", "Orders in May"),
        "letters": ("Register of Follow-up Letters", "Open day"),
    }

    def setUp(self):
        super().setUp()
        with freeze_time(THURSDAY):
            self.call.need = "More space"
            self.letter = self.log(
                way="letter_out", letter_kind="invitation", subject="Open day"
            )
        self.logs = self.call | self.letter

    def download(self, user, url):
        self.authenticate(user.login, user.login.ljust(8, "x"))
        return self.url_open(url)

    def cells(self, response):
        book = openpyxl.load_workbook(io.BytesIO(response.content))
        return [cell.value for page in book for row in page.iter_rows() for cell in row]

    def test_every_form_is_a_workbook_and_a_sheet_of_the_same_rows(self):
        ids = ",".join(map(str, self.logs.ids))
        for form, (title, text) in self.FORMS.items():
            for user in (self.ann, self.city, self.gm):
                response = self.download(
                    user, f"/stm/contact_log.xlsx?form={form}&ids={ids}"
                )
                with self.subTest(form=form, user=user.login):
                    self.assertEqual(response.status_code, 200)
                    self.assertIn(title, self.cells(response))
                    self.assertIn(text, self.cells(response))
            html, _kind = (
                self.env["ir.actions.report"]
                .with_user(self.ann)
                ._render_qweb_html(
                    f"sales_team_mgmt.report_stm_contact_log_{form}", self.logs.ids
                )
            )
            with self.subTest(form=form):
                self.assertIn(title, html.decode())
                self.assertIn(text, html.decode())

    def test_frm_03_the_ledger(self):
        rows = self.ledger(self.ann)
        ids = ",".join(map(str, rows.ids))
        response = self.download(self.ann, f"/stm/customer_ledger.xlsx?ids={ids}")
        cells = self.cells(response)
        html, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.ann)
            ._render_qweb_html("sales_team_mgmt.report_stm_customer_ledger", rows.ids)
        )
        for text in ("Terminal Customer Visit Ledger", "Will order", "Orders in May"):
            self.assertIn(text, cells)
            self.assertIn(text, html.decode())
        self.assertIn(3, cells)
        self.assertIn(f"ids={ids}", rows.action_xlsx()["url"])

    def test_a_register_holds_what_belongs_there(self):
        [calls] = self.logs._get_form_sheets("calls")
        [letters] = self.logs._get_form_sheets("letters")
        [analysis] = self.logs._get_form_sheets("analysis")
        self.assertEqual(len(calls["tables"][0]["rows"]), 1)
        self.assertEqual(len(letters["tables"][0]["rows"]), 1)
        self.assertEqual(letters["tables"][0]["rows"][0][3], "Invitation")
        self.assertEqual(len(analysis["tables"][0]["rows"]), 1)
        self.assertEqual(len(self.logs._get_form_sheets("record")), 2)

    def test_nobody_else_gets_one(self):
        ids = ",".join(map(str, self.logs.ids))
        rows = ",".join(map(str, self.ledger(self.ann).ids))
        for user in (self.ben, self.wei, self.west, self.finance, self.hr):
            for url in (
                f"/stm/contact_log.xlsx?form=calls&ids={ids}",
                f"/stm/customer_ledger.xlsx?ids={rows}",
            ):
                response = self.download(user, url)
                with self.subTest(user=user.login, url=url):
                    self.assertGreaterEqual(response.status_code, 400)
                    self.assertNotIn(b"xl/workbook.xml", response.content)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["ir.actions.report"].with_user(user)._render_qweb_html(
                    "sales_team_mgmt.report_stm_contact_log_calls", self.logs.ids
                )

    def test_nonsense_is_not_found(self):
        for url in (
            "/stm/contact_log.xlsx?form=calls&ids=",
            "/stm/contact_log.xlsx?form=calls&ids=999999999",
            f"/stm/contact_log.xlsx?form=nothing&ids={self.call.id}",
            "/stm/customer_ledger.xlsx?ids=x",
        ):
            with self.subTest(url=url):
                self.assertEqual(self.download(self.ann, url).status_code, 404)
