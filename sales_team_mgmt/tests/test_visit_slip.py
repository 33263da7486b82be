from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Datetime
from odoo.tests import Form, freeze_time, tagged

from .test_visit_exception import ProofCase
from .test_visit_phone import NOW


class SlipCase(ProofCase):
    """Slips of Monday, 2 March, from 10:00 to 18:00 in Shanghai."""

    def slip(self, user=None, partners=None, submit=True, **values):
        partners = self.shop if partners is None else partners
        slip = (
            self.env["stm.visit.slip"]
            .with_user(user or self.ann)
            .create(
                {
                    "destination": "Hangzhou",
                    "purpose": "Spring order",
                    "out_from": "2026-03-02 02:00:00",
                    "out_to": "2026-03-02 10:00:00",
                    "line_ids": [
                        Command.create(
                            {
                                "partner_id": partner.id,
                                "start_at": "2026-03-02 03:00:00",
                                "purpose": "Samples",
                            }
                        )
                        for partner in partners
                    ],
                    **values,
                }
            )
        )
        if submit:
            slip.action_submit()
        return slip

    def approved(self, user=None, **values):
        slip = self.slip(user, **values)
        slip.with_user(self.city).action_approve()
        return slip


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestVisitSlip(SlipCase):
    """The slip before leaving, its approval, and the way back (VIS-05)."""

    def test_at_vis_05_approving_makes_the_visits(self):
        slip = self.slip(partners=self.customers[:2])
        self.assertRegex(slip.name, r"^VS/2026/\d{5}$")
        self.assertEqual(str(slip.date), "2026-03-02")
        self.assertFalse(slip.visit_ids)
        self.assertTrue(slip.with_user(self.city).can_decide)
        slip.with_user(self.city).action_approve()
        visits = slip.visit_ids
        self.assertEqual(visits.partner_id, self.customers[:2])
        self.assertEqual(visits.user_id, self.ann)
        self.assertEqual(set(visits.mapped("purpose")), {"Samples"})
        self.assertEqual(set(visits.mapped("state")), {"planned"})

    def test_another_customer_has_other_people(self):
        person = self.env["res.partner"].create(
            {"name": "Mr. Li", "parent_id": self.shop.id}
        )
        slip = self.slip(submit=False)
        with Form(slip) as form, form.line_ids.edit(0) as line:
            line.contact_id = person
        self.assertEqual(slip.line_ids.contact_id, person)
        with Form(slip) as form, form.line_ids.edit(0) as line:
            line.partner_id = self.customers[1]
        self.assertFalse(slip.line_ids.contact_id)

    def test_the_leader_may_change_before_approving(self):
        slip = self.slip()
        decided = slip.with_user(self.city)
        decided.line_ids.purpose = "Complaint of January"
        decided.out_to = "2026-03-02 09:00:00"
        with self.assertRaises(UserError):
            slip.purpose = "Something else"
        decided.action_approve()
        self.assertEqual(slip.visit_ids.purpose, "Complaint of January")

    def test_a_change_afterwards_makes_it_void(self):
        slip = self.approved(partners=self.customers[:2])
        slip.action_reopen()
        self.assertEqual(slip.state, "draft")
        slip.line_ids[1].unlink()
        slip.action_submit()
        slip.with_user(self.city).action_approve()
        states = {visit.partner_id: visit.state for visit in slip.visit_ids}
        self.assertEqual(
            states, {self.customers[0]: "planned", self.customers[1]: "cancelled"}
        )

    def test_a_visit_entered_before_is_taken_onto_the_slip(self):
        visit = self.planned()
        self.assertTrue(visit.with_context().needs_slip is False)
        self.company.stm_visit_notice = "exception"
        visit.invalidate_recordset()
        self.assertTrue(visit.needs_slip)
        slip = self.env["stm.visit.slip"].browse(visit.action_ask_slip()["res_id"])
        slip.action_submit()
        slip.with_user(self.city).action_approve()
        self.assertEqual(slip.visit_ids, visit)
        self.assertFalse(visit.needs_slip)

    def test_att_06_who_approves_is_data(self):
        route = self.env.ref("sales_team_mgmt.route_visit_slip").copy()
        route.step_ids.write(
            {
                "kind": "group",
                "group_id": self.env.ref("sales_team_mgmt.group_general_manager").id,
            }
        )
        route.sequence = 1
        route.action_release()
        slip = self.slip()
        with self.assertRaises(UserError):
            slip.with_user(self.city).action_approve()
        slip.with_user(self.gm).action_approve()
        self.assertEqual(slip.state, "approved")

    def test_nobody_approves_the_own_slip(self):
        slip = self.slip(self.city)
        with self.assertRaises(UserError):
            slip.action_approve()
        slip.with_user(self.east).action_approve()

    def test_back_again(self):
        slip = self.approved()
        self.assertTrue(slip.can_come_back)
        with self.assertRaises(AccessError):
            slip.with_user(self.city).action_come_back()
        with self.assertRaises(AccessError):
            slip.returned_at = "2026-03-02 09:30:00"
        with freeze_time("2026-03-02 09:30:00"):
            slip.action_come_back()
        self.assertEqual(str(slip.returned_at), "2026-03-02 09:30:00")
        self.assertEqual(slip.state, "approved")
        with self.assertRaisesRegex(UserError, "already"):
            slip.action_come_back()

    def test_times_that_cannot_be(self):
        with self.assertRaisesRegex(UserError, "outside the time"):
            self.slip(out_from="2026-03-02 04:00:00", submit=False)

    def test_customers_and_people_of_others_are_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.env["res.partner"].create(
            {"name": "Theirs", "company_id": other.id}
        )
        line = self.slip(submit=False).line_ids
        with self.assertRaises(ValidationError) as refused:
            line.partner_id = theirs
        self.assertIn("customer of Other", str(refused.exception))
        with self.assertRaises(ValidationError) as refused:
            line.contact_id = self.customers[1]
        self.assertIn("no contact of", str(refused.exception))
        self.assertEqual((line.partner_id, len(line.contact_id)), (self.shop, 0))

    def test_slips_have_one_series_of_numbers(self):
        first, second = self.slip(submit=False), self.slip(self.ben, submit=False)
        numbers = [int(slip.name.rpartition("/")[2]) for slip in (first, second)]
        self.assertEqual(numbers[1], numbers[0] + 1)
        with self.assertRaises(AccessError):
            first.name = "VS/1"

    def test_frm_01_has_the_columns_of_the_form(self):
        slip = self.approved(partners=self.customers[:1])
        visit = slip.visit_ids.with_user(self.ann)
        visit.write({"content": "x", "result": "x", "problem": "none"})
        visit.action_done()
        action = visit.with_user(self.city).action_spot_check()
        check = self.env["stm.spot.check"].with_user(self.city)
        check = check.browse(action["res_id"])
        check.write({"asked": "Ms. Wang", "result": "true"})
        check.action_check()
        with freeze_time("2026-03-02 09:30:00"):
            slip.action_come_back()
        sheet = slip.with_user(self.city)._get_sheet()
        [table] = sheet["tables"]
        self.assertEqual(len(table["columns"]), 12)
        self.assertEqual(len(table["widths"]), 12)
        row = dict(zip(table["columns"], table["rows"][0], strict=True))
        self.assertEqual(row["No."], "1")
        self.assertIn("10:00", row["Time Out"].replace("\u202f", " "))
        self.assertEqual(row["Salesperson"], "Ann")
        self.assertIn("City", row["Leader’s Knowledge"])
        self.assertIn("5:30", row["Actual Return"])
        self.assertEqual(row["Check Result"], "True")
        report = self.env["ir.actions.report"].with_user(self.city)
        html = report._render_qweb_html(
            "sales_team_mgmt.report_stm_visit_slip", slip.ids
        )[0].decode()
        self.assertIn("Ann", html)
        self.assertIn(slip.name, html)
        with self.assertRaises(AccessError):
            slip.with_user(self.wei).action_xlsx()

    # ------------------------------------------------------------
    # The basis for expenses
    # ------------------------------------------------------------

    def test_at_vis_02_no_approved_plan_or_slip_no_basis(self):
        Slip = self.env["stm.visit.slip"]

        def basis(day, user=self.ann, company=None):
            return Slip._stm_is_approved_basis(user, day, company)

        monday, friday = date(2026, 3, 2), date(2026, 3, 6)
        slip = self.slip()
        self.assertFalse(basis(monday))
        slip.with_user(self.city).action_approve()
        self.assertTrue(basis(monday))
        self.assertFalse(basis(monday, self.ben))
        self.assertFalse(basis(monday + timedelta(days=1)))
        other = self.env["res.company"].create({"name": "Sister"})
        self.assertFalse(basis(monday, company=other))
        plan = self.plan(self.ann, days=5)
        self.assertFalse(basis(friday))
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        self.assertTrue(basis(friday))
        self.assertFalse(basis(date(2026, 3, 7)))
        plan.action_reopen()
        self.assertFalse(basis(friday))


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestNotice(SlipCase):
    """Going out needs notice: a plan or a slip that was approved (ATT-06)."""

    def test_at_att_06_a_visit_without_notice_is_noted(self):
        self.company.stm_visit_notice = "exception"
        visit = self.planned()
        self.check_in(visit)
        self.assertEqual(visit.state, "started")
        self.assertEqual(self.kinds(), ["no_notice"])

    def test_at_att_06_nothing_happens_if_the_company_does_not_care(self):
        self.check_in(self.planned())
        self.assertFalse(self.raised())

    def test_at_att_06_a_plan_gives_notice_while_it_is_approved(self):
        self.company.stm_visit_notice = "exception"
        plan = self.plan(self.ann, days=2)
        plan.action_submit()
        self.assertEqual(plan.visit_ids._stm_without_notice(), plan.visit_ids)
        plan.with_user(self.city).action_approve()
        visits = plan.visit_ids
        self.assertFalse(visits._stm_without_notice())
        plan.action_reopen()
        self.assertEqual(visits._stm_without_notice(), visits)

    def test_at_att_06_a_plan_covers_what_was_carried_over_from_it(self):
        self.company.stm_visit_notice = "refuse"
        plan = self.plan(self.ann)
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        plan.visit_ids.action_carry_over("2026-03-04")
        first = plan.visit_ids.carried_to_ids
        first.action_carry_over("2026-03-10")
        second = first.carried_to_ids
        self.assertFalse(second._stm_without_notice())
        with freeze_time("2026-03-10 02:00:00"):
            self.check_in(second)
            self.assertEqual(second.state, "started")
            second.action_cancel("Nobody there")
        # To whom was approved, and to nobody else
        other = second.copy().with_user(self.ann)
        other.sudo().carried_from_id = first
        self.assertFalse(other._stm_without_notice())
        other.partner_id = self.customers[7]
        self.assertEqual(other._stm_without_notice(), other)
        plan.action_reopen()
        self.assertEqual(second._stm_without_notice(), second)

    def test_a_slip_covers_no_other_days_than_those_it_says(self):
        slip = self.slip()
        for values in ({"date_to": "2030-12-31"}, {"date": "2026-01-01"}):
            with self.assertRaises(AccessError):
                slip.write(values)

    def test_at_att_06_a_slip_covers_the_customers_that_it_names(self):
        self.company.stm_visit_notice = "exception"
        slip = self.slip()
        named, other = self.planned(), self.planned(partner=self.customers[5])
        theirs = self.planned(user=self.ben)
        later = self.planned(start_at="2026-03-03 02:00:00")
        visits = named | other | theirs | later
        self.assertEqual(visits._stm_without_notice(), visits)
        slip.with_user(self.city).action_approve()
        self.assertEqual(visits._stm_without_notice(), other | theirs | later)

    def test_at_att_06_no_check_in_without_notice(self):
        self.company.stm_visit_notice = "refuse"
        visit = self.planned()
        message = self.refused("check_in", visit, position=self.position())
        self.assertIn("Ask for a visit slip", message)
        self.assertEqual(visit.state, "planned")
        self.assertFalse(self.raised())
        # Sent later by a phone that was offline: the same.
        with freeze_time("2026-03-02 08:00:00"):
            at = self.stamp(Datetime.to_datetime(NOW))
            action = self.action(
                "check_in", visit, at=at, position=self.position(at=at)
            )
            self.assertEqual(self.send(action)["state"], "refused")
        slip = self.env["stm.visit.slip"].browse(visit.action_ask_slip()["res_id"])
        slip.action_submit()
        slip.with_user(self.city).action_approve()
        self.check_in(visit)
        self.assertEqual(visit.state, "started")
        self.assertFalse(self.raised())

    def test_at_att_06_at_the_desk_too(self):
        self.company.stm_visit_notice = "refuse"
        visit = self.planned()
        with self.assertRaisesRegex(UserError, "Ask for a visit slip"):
            visit.action_check_in("No phone")


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 02:00:00")
class TestEmptyTrip(SlipCase):
    """Days on a trip without a visit (VIS-09, CRN-29)."""

    def trip(self, first="2026-03-02", last="2026-03-13"):
        return self.approved(
            partners=self.customers[:0],
            out_from=f"{first} 01:00:00",
            out_to=f"{last} 09:00:00",
        )

    def found(self):
        vals_list = self.env["stm.visit.exception"]._prepare_daily(
            self.company, date(2026, 2, 13), date(2026, 3, 16)
        )
        return [(vals["kind"], str(vals["date"])) for vals in vals_list]

    def test_at_vis_09_three_working_days_without_a_visit(self):
        self.trip()
        self.visit(self.ann, self.shop, "2026-03-03 02:00:00")
        self.visit(self.ann, self.shop, "2026-03-06 02:00:00")
        # Two days before and between, five after: the weekend parts nothing.
        self.assertEqual(self.found(), [("empty_trip", "2026-03-13")])
        self.company.stm_empty_days = 6
        self.assertFalse(self.found())

    def test_a_false_visit_is_none_and_an_absence_is_no_empty_day(self):
        self.trip(last="2026-03-04")
        visit = self.visit(self.ann, self.shop, "2026-03-03 02:00:00")
        self.assertFalse(self.found())
        visit.sudo().is_counted = False
        self.assertEqual(self.found(), [("empty_trip", "2026-03-04")])
        self.env["stm.absence"].with_user(self.city).create(
            {"user_id": self.ann.id, "date": "2026-03-02"}
        )
        self.assertFalse(self.found())

    def test_who_is_back_is_on_no_trip_and_days_to_come_are_not_empty(self):
        slip = self.trip()
        with freeze_time("2026-03-03 02:00:00"):
            slip.action_come_back()
        self.assertFalse(self.found())
        self.trip("2026-03-12", "2026-03-20")
        self.assertFalse(self.found())

    def test_a_slip_that_nobody_approved_is_no_trip(self):
        self.slip(
            partners=self.customers[:0],
            out_from="2026-03-02 01:00:00",
            out_to="2026-03-13 09:00:00",
        )
        self.assertFalse(self.found())

    def test_the_cron_raises_once_and_takes_back_what_came_late(self):
        self.trip(last="2026-03-04")
        cron = self.env.ref("sales_team_mgmt.ir_cron_visit_exceptions")
        for _again in range(2):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.assertEqual(self.kinds(), ["empty_trip"])
        self.assertEqual(self.raised().state, "open")
        self.visit(self.ann, self.shop, "2026-03-03 02:00:00")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(self.raised().state, "accepted")
        self.assertFalse(self.raised().decided_by_id)
