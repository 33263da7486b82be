from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import StmCase

APRIL_2 = "2026-04-02 02:00:00"


class AppraisalCase(StmCase):
    """The department with the months of 2026, in the first days of April."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["stm.period"].action_create_year(2026, cls.company.ids)
        cls.march = cls.month(3)

    @classmethod
    def month(cls, number):
        return cls.env["stm.period"].search(
            [
                ("kind", "=", "month"),
                ("company_id", "=", cls.company.id),
                ("date_from", "=", date(2026, number, 1)),
            ]
        )

    def open_sheets(self, period=None):
        """What the cron opens when the period is over: {user: sheet}."""
        sheets = self.env["stm.appraisal"]._open_all(period or self.march)
        return {sheet.user_id: sheet for sheet in sheets}

    def line(self, sheet, code):
        """The line of an item by the end of its xml id."""
        template = sheet.template_id.code
        item = self.env.ref(f"sales_team_mgmt.appraisal_{template}_{code}")
        return sheet.line_ids.filtered(lambda line: line.item_id == item)

    def give(self, leader, sheet, **points):
        """The leader types points into the sheet."""
        for code, number in points.items():
            self.line(sheet, code).with_user(leader).write({"given": str(number)})

    def event(self, leader, user, code, day="2026-03-10", confirm=True, **values):
        event = (
            self.env["stm.event"]
            .with_user(leader)
            .create(
                {
                    "user_id": user.id,
                    "type_id": self.env.ref(f"sales_team_mgmt.event_type_{code}").id,
                    "date": day,
                    "note": "As seen",
                    **values,
                }
            )
        )
        if confirm and event.state == "proposed":
            event.action_confirm()
        return event

    def absent(self, leader, user, day, part="full"):
        return (
            self.env["stm.absence"]
            .with_user(leader)
            .create(
                {"user_id": user.id, "date": day, "part": part, "reason": "Not there"}
            )
        )

    def share(self, leader, sheet):
        sheet = sheet.with_user(leader)
        sheet.write(
            {"interview_date": "2026-04-01", "interview_comment": "Plan earlier."}
        )
        sheet.action_share()
        return sheet

    def score_ann(self, sheet, points=(10, 30, 25)):
        """Give Ann's leader's points: weekly report 40, other 25."""
        names = ("weekly_summary", "weekly_plan", "own")
        self.give(self.city, sheet, **dict(zip(names, points, strict=True)))


@tagged("post_install", "-at_install")
@freeze_time(APRIL_2)
class TestAppraisalExamples(AppraisalCase):
    """The worked examples of the rulebook, through the sheet's own methods."""

    def test_at_app_03_area_manager(self):
        """78 of daily work and full attendance make 84.6."""
        self.env["stm.event"]._raise(
            [
                {
                    "key": "test:late",
                    "type": "monthly_report_late",
                    "user_id": self.east.id,
                    "company_id": self.company.id,
                    "date": "2026-03-30",
                }
            ]
        )
        sheet = self.open_sheets()[self.east]
        self.assertEqual(sheet.template_id.code, "t2")
        self.give(
            self.manager,
            sheet,
            summary=18,
            plan=17,
            proposal=15,
            review=8,
            responsibility=10,
        )
        self.assertEqual(self.line(sheet, "in_time").points, 0)
        self.assertEqual(sheet.part_ids.mapped("points"), [78, 100])
        self.assertEqual(sheet.score, 84.6)
        self.assertEqual(sheet.score_why, "78 × 70 % + 100 × 30 % = 84.6.")

    def test_at_app_03_second_month_in_a_row_weighs_double(self):
        """Missing again: item 4 contributes −10, the section adds it up."""
        self.env["stm.event"]._raise(
            [
                {
                    "key": "test:missing",
                    "type": "monthly_report_late",
                    "user_id": self.east.id,
                    "company_id": self.company.id,
                    "date": "2026-03-30",
                    "factor": 2,
                }
            ]
        )
        sheet = self.open_sheets()[self.east]
        self.give(
            self.manager,
            sheet,
            summary=18,
            plan=17,
            proposal=15,
            review=8,
            responsibility=10,
        )
        self.assertEqual(self.line(sheet, "in_time").points, -10)
        self.assertEqual(sheet.part_ids.mapped("points"), [68, 100])
        self.assertEqual(sheet.score, 77.6)
        # With nothing else the section ends at zero, not below.
        self.give(
            self.manager,
            sheet,
            summary=0,
            plan=0,
            proposal=0,
            review=0,
            responsibility=0,
        )
        self.event(self.manager, self.east, "training_missing")
        sheet.with_user(self.manager).action_refresh()
        self.assertEqual(sheet.part_ids.mapped("points"), [0, 100])
        self.assertEqual(sheet.score, 30)

    def test_at_app_04_salesperson(self):
        """Two events of a distributor, 92 of attendance: 87.1."""
        self.absent(self.city, self.ann, "2026-03-03")
        self.absent(self.city, self.ann, "2026-03-04", "half")
        self.event(self.city, self.ann, "distributor_report_late")
        self.event(self.city, self.ann, "policy_not_executed")
        sheet = self.open_sheets()[self.ann]
        self.score_ann(sheet)
        self.assertEqual(self.line(sheet, "distributor").points, 20)
        self.assertEqual(sheet.part_ids.mapped("points"), [85, 92])
        self.assertEqual(sheet.score, 87.1)
        self.assertEqual(sheet.result, "Pass")
        self.assertFalse(sheet.weak_reason)

    def test_at_app_04_one_weekly_report_late(self):
        """The weekly report is worth nothing: 59.1, which is weak (APP-08)."""
        self.absent(self.city, self.ann, "2026-03-03")
        self.absent(self.city, self.ann, "2026-03-04", "half")
        self.event(self.city, self.ann, "distributor_report_late")
        self.event(self.city, self.ann, "policy_not_executed")
        self.event(self.city, self.ann, "weekly_report_late")
        sheet = self.open_sheets()[self.ann]
        # The lost items need not be judged any more.
        self.give(self.city, sheet, own=25)
        self.assertEqual(sheet.part_ids.mapped("points"), [45, 92])
        self.assertEqual(sheet.score, 59.1)
        self.assertEqual(sheet.weak_reason, "59.1 is below 60.")
        sheet = self.share(self.city, sheet)
        sheet.with_user(self.ann).action_acknowledge()
        sheet.action_send()
        sheet.with_user(self.hr).action_close()
        event = self.env["stm.event"].search(
            [("user_id", "=", self.ann.id), ("type_id.code", "=", "weak_score")]
        )
        self.assertEqual(event.note, "59.1 is below 60.")
        self.assertEqual(event.date, date(2026, 4, 2))

    def test_at_app_04_seven_events_floor_at_zero(self):
        for day in range(10, 17):
            self.event(self.city, self.ann, "end_user_problem_late", f"2026-03-{day}")
        sheet = self.open_sheets()[self.ann]
        line = self.line(sheet, "distributor")
        self.assertEqual((line.points, line.event_count), (0, 7))
        self.assertIn("Not below 0", line.why)

    def test_at_app_14_process_score_and_coefficient(self):
        """90 % / 95 % / 100 % / 80 % → 92.5 → 1.15625."""
        template = self.env.ref("sales_team_mgmt.appraisal_t1")
        draft = template.browse(template.action_new_version()["res_id"])
        draft.write({"user_ids": [Command.set(self.ann.ids)], "post_ids": False})
        draft.date_from = "2026-03-01"
        draft.action_release()
        self.month_of_ann()
        sheet = self.open_sheets()[self.ann]
        self.assertEqual(sheet.template_id, draft)
        lines = sheet.line_ids
        self.assertEqual(lines.mapped("points"), [36, 28.5, 20, 0])
        lines[3].with_user(self.city).given = "8"
        self.assertEqual(sheet.score, 92.5)
        self.assertEqual(sheet.coefficient, 1.15625)

    def month_of_ann(self):
        """19 of 20 planned visits, 27 of 30 planned things, all reports in time."""
        with freeze_time("2026-02-27 02:00:00"):
            self.open_duties("2026-03-02")
            plan = self.plan(
                self.ann,
                line_ids=[
                    Command.create(
                        {"partner_id": c.id, "date": f"2026-03-0{2 + n % 5}"}
                    )
                    for n, c in enumerate(self.customers[:20])
                ],
                point_ids=[Command.create({"name": f"Point {n}"}) for n in range(10)],
            )
            plan.action_submit()
            plan.with_user(self.city).action_approve()
        with freeze_time("2026-03-06 09:00:00"):
            visits = self.env["stm.visit"].with_user(self.ann)
            visits = visits.search([("plan_id", "=", plan.id)], limit=19)
            visits.write({"content": "Samples", "result": "Fine", "problem": "none"})
            visits.action_done()
            plan.point_ids[:8].write({"outcome": "done"})
            plan.point_ids[8:].write({"outcome": "not_done"})
            following = self.plan(self.ann, monday="2026-03-09")
            following.action_submit()
            self.report(self.ann).action_submit()
        self.env["stm.duty.item"].search(
            [("user_id", "=", self.ann.id), ("state", "!=", "on_time")]
        ).unlink()

    def test_at_att_01_attendance(self):
        """1 day and a half day count as 2: 92; half a day alone 96; 26 days 0."""
        self.absent(self.city, self.ann, "2026-03-03")
        self.absent(self.city, self.ann, "2026-03-04", "half")
        self.absent(self.city, self.ben, "2026-03-03", "half")
        for day in range(1, 32):
            if date(2026, 3, day).weekday() < 5:
                self.absent(self.west, self.wei, f"2026-03-{day:02}")
        sheets = self.open_sheets()
        weighted = {
            user: sheets[user].part_ids[1].weighted
            for user in (self.ann, self.ben, self.wei)
        }
        self.assertEqual(self.line(sheets[self.ann], "absence").points, 92)
        self.assertEqual(self.line(sheets[self.ben], "absence").points, 96)
        self.assertAlmostEqual(weighted[self.ann], 27.6)
        self.assertAlmostEqual(weighted[self.ben], 28.8)
        # 22 working days of March are missed; the 26 of the example make 0 as well.
        self.assertEqual(self.line(sheets[self.wei], "absence").points, 12)

    def test_at_att_01_never_negative(self):
        six_days = self.env["resource.calendar"].create(
            {
                "name": "Six days",
                "attendance_ids": [
                    Command.create(
                        {
                            "name": str(day),
                            "dayofweek": str(day),
                            "hour_from": 8,
                            "hour_to": 16,
                        }
                    )
                    for day in range(6)
                ],
            }
        )
        self.company.resource_calendar_id = six_days
        for day in range(1, 32):
            if date(2026, 3, day).weekday() < 6:
                self.absent(self.west, self.wei, f"2026-03-{day:02}")
        sheet = self.open_sheets()[self.wei]
        line = self.line(sheet, "absence")
        self.assertEqual((line.numerator, line.points), (26, 0))


@tagged("post_install", "-at_install")
@freeze_time(APRIL_2)
class TestAppraisalFlow(AppraisalCase):
    """From the first draft to the closed sheet, as each role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sheets = {
            sheet.user_id: sheet
            for sheet in cls.env["stm.appraisal"]._open_all(cls.march)
        }
        cls.sheet = cls.sheets[cls.ann]

    def scored(self):
        self.score_ann(self.sheet)
        return self.sheet

    def acknowledged(self):
        sheet = self.share(self.city, self.scored())
        sheet.with_user(self.ann).action_acknowledge()
        return sheet

    def closed(self):
        sheet = self.acknowledged()
        sheet.action_send()
        sheet.with_user(self.hr).action_close()
        return sheet

    def test_whole_month(self):
        sheet = self.acknowledged()
        self.assertEqual(sheet.state, "acknowledged")
        self.assertEqual(sheet.interviewed_by_id, self.city)
        duty = self.duties(self.city, "appraisal", about_user_id=self.ann.id)
        self.assertEqual(duty.state, "open")
        sheet.action_send()
        self.assertEqual(duty.state, "on_time")
        sheet.with_user(self.hr).action_close()
        self.assertEqual(sheet.state, "closed")

    def test_templates_fit_posts(self):
        codes = {user.name: s.template_id.code for user, s in self.sheets.items()}
        self.assertEqual(
            codes,
            {"East": "t2", "West": "t2", "City": "t2"}
            | {"Ann": "t3", "Ben": "t3", "Wei": "t3"},
        )

    def test_opening_again_opens_nothing(self):
        self.assertFalse(self.env["stm.appraisal"]._open_all(self.march))

    def test_due_on_the_8th(self):
        """APP-04: the sheet of March is due on 8 April, that day included."""
        duty = self.duties(self.city, "appraisal", about_user_id=self.ann.id)
        # 18:00 in Shanghai
        self.assertEqual(str(duty.due_at), "2026-04-08 10:00:00")
        self.assertEqual(duty.user_id, self.city)
        sheet = self.acknowledged()
        with freeze_time("2026-04-08 10:00:01"):
            sheet.action_send()
        self.assertEqual(duty.state, "late")

    def test_draft_is_hidden_from_its_person(self):
        Sheet = self.env["stm.appraisal"].with_user(self.ann)
        self.assertFalse(Sheet.search([]))
        self.assertFalse(self.env["stm.appraisal.line"].with_user(self.ann).search([]))
        self.assertFalse(self.env["stm.appraisal.part"].with_user(self.ann).search([]))
        with (
            self.assertRaises(AccessError),
            mute_logger("odoo.addons.base.models.ir_rule"),
        ):
            Sheet.browse(self.sheet.id).read(["score"])
        self.share(self.city, self.scored())
        self.assertEqual(Sheet.search([]), self.sheet)
        self.assertEqual(len(Sheet.search([]).line_ids), 5)

    def test_others_never_see_it(self):
        self.closed()
        for user in (self.ben, self.wei, self.west, self.finance):
            with self.subTest(user=user.name):
                Sheet = self.env["stm.appraisal"].with_user(user)
                if Sheet.has_access("read"):
                    self.assertNotIn(self.sheet, Sheet.search([]))

    def test_deputy_does_not_see_the_leader(self):
        """Who acts for a leader sees the team, but not the leader's own sheet."""
        self.team_city.stm_deputy_id = self.ben
        Sheet = self.env["stm.appraisal"].with_user(self.ben)
        self.assertIn(self.sheet, Sheet.search([]))
        self.assertNotIn(self.sheets[self.city], Sheet.search([]))
        self.assertNotIn(self.sheets[self.ben], Sheet.search([]))
        with (
            self.assertRaises(AccessError),
            mute_logger("odoo.addons.base.models.ir_rule"),
        ):
            self.sheets[self.city].with_user(self.ben).read(["score"])
        self.line(self.sheet, "own").with_user(self.ben).given = "20"

    def test_nobody_scores_oneself(self):
        mine = self.sheets[self.city]
        with (
            self.assertRaises(AccessError),
            mute_logger("odoo.addons.base.models.ir_rule"),
        ):
            self.line(mine, "summary").with_user(self.city).write({"given": "20"})
        with (
            self.assertRaises(AccessError),
            mute_logger("odoo.addons.base.models.ir_rule"),
        ):
            mine.with_user(self.city).action_share()

    def test_only_leaders_score(self):
        for user, error in (
            (self.hr, UserError),
            (self.gm, UserError),
            (self.ben, AccessError),
            (self.west, AccessError),
        ):
            with (
                self.subTest(user=user.name),
                self.assertRaises(error),
                mute_logger("odoo.addons.base.models.ir_rule"),
            ):
                self.line(self.sheet, "own").with_user(user).write({"given": "30"})
            self.assertFalse(self.line(self.sheet, "own").is_given)

    def test_system_fields_are_refused(self):
        leader = self.sheet.with_user(self.city)
        for vals in (
            {"state": "closed"},
            {"score": 100},
            {"template_id": self.env.ref("sales_team_mgmt.appraisal_t1").id},
            {"user_id": self.ben.id},
            {"period_id": self.month(2).id},
            {"answer": "I agree"},
            {"hr_comment": "Fine"},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                leader.write(vals)
        line = self.line(self.sheet, "own").with_user(self.city)
        for vals in (
            {"points": 30},
            {"numerator": 1},
            {"points_given": 30},
            {"event_ids": [Command.clear()]},
            {"item_id": self.line(self.sheet, "weekly_plan").item_id.id},
            {"appraisal_id": self.sheets[self.ben].id},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                line.write(vals)

    def test_not_shared_before_everything_is_there(self):
        """APP-06: judged, decided, discussed; each reason in its own words."""
        self.event(self.city, self.ann, "complaint", confirm=False)
        with self.assertRaises(UserError) as refusal:
            self.sheet.with_user(self.city).action_share()
        message = str(refusal.exception)
        self.assertIn("have no points yet", message)
        self.assertIn("Events of Ann", message)
        self.assertIn("face to face", message)
        self.assertEqual(self.sheet.state, "scoring")

    def test_talk_cannot_be_tomorrow(self):
        with self.assertRaises(ValidationError):
            self.sheet.with_user(self.city).interview_date = "2026-04-03"
        with self.assertRaises(ValidationError):
            self.sheet.with_user(self.city).interview_date = "2026-02-28"

    def test_shared_sheet_does_not_follow_the_facts(self):
        sheet = self.share(self.city, self.scored())
        before = sheet.score
        self.absent(self.city, self.ann, "2026-03-05")
        with self.assertRaises(UserError):
            sheet.action_refresh()
        stale = self.env["stm.appraisal"]._take_stale("2100-01-01 00:00:00", 100)
        self.assertNotIn(sheet, stale)
        with self.assertRaises(UserError):
            self.line(sheet, "own").with_user(self.city).write({"given": "30"})
        self.assertEqual(sheet.score, before)

    def test_closed_sheet_is_closed_for_everybody(self):
        sheet = self.closed()
        score = sheet.score
        for user in (self.ann, self.city, self.east, self.manager, self.hr, self.gm):
            for vals in (
                {"interview_comment": "x"},
                {"answer": "x"},
                {"hr_comment": "x"},
                {"score": 1},
                {"state": "scoring"},
            ):
                with (
                    self.subTest(user=user.name, vals=vals),
                    self.assertRaises(UserError),
                    mute_logger("odoo.addons.base.models.ir_rule"),
                ):
                    sheet.with_user(user).write(vals)
            for line_vals in ({"given": "1"}, {"comment": "x"}, {"self_given": "1"}):
                with (
                    self.subTest(user=user.name, vals=line_vals),
                    self.assertRaises(UserError),
                    mute_logger("odoo.addons.base.models.ir_rule"),
                ):
                    self.line(sheet, "own").with_user(user).write(line_vals)
            with (
                self.assertRaises(UserError),
                mute_logger("odoo.addons.base.models.ir_rule"),
                mute_logger("odoo.addons.base.models.ir_model"),
            ):
                sheet.with_user(user).unlink()
        self.assertEqual((sheet.state, sheet.score), ("closed", score))

    def test_closed_period(self):
        """A period closed in between refuses, and nothing is lost."""
        self.scored()
        self.env["stm.period.closing"].create(
            {"period_id": self.march.id, "area": "appraisal"}
        )
        with self.assertRaisesRegex(UserError, "which is closed"):
            self.line(self.sheet, "own").with_user(self.city).write({"given": "1"})
        with self.assertRaisesRegex(UserError, "which is closed"):
            self.share(self.city, self.sheet)
        self.assertEqual(self.line(self.sheet, "own").points, 25)
        stale = self.env["stm.appraisal"]._take_stale("2100-01-01 00:00:00", 100)
        self.assertFalse(stale & self.sheet)
        self.assertFalse(self.env["stm.appraisal"]._open_period(self.march))

    def test_period_closes_when_its_sheets_are_closed(self):
        """The gate of the period: sheets and events first, or an exception."""
        self.event(self.city, self.ann, "complaint", confirm=False)
        period = self.march.with_user(self.manager)
        with self.assertRaises(UserError) as refusal:
            period.action_close("appraisal")
        self.assertIn("6 appraisal sheets are not closed", str(refusal.exception))
        self.assertIn("1 events are neither", str(refusal.exception))
        self.assertFalse(self.march.closing_ids)
        # What concerns other areas of work is not held up.
        period.action_close("work")
        action = period.action_ask_exception("close_appraisal")
        exception = (
            self.env["stm.gate.exception"]
            .with_user(self.manager)
            .with_context(**action["context"])
            .create({"reason": "The department is closed down."})
        )
        exception.sudo()._stm_check_can_submit()
        self.env["stm.event"].search([("state", "=", "proposed")]).with_user(
            self.city
        ).action_confirm()
        for sheet in self.sheets.values():
            sheet.sudo().write({"state": "closed"})
        period.action_close("appraisal")
        self.assertEqual(
            set(self.march.closing_ids.mapped("area")), {"work", "appraisal"}
        )

    def test_closed_month_leaves_the_quarter_open(self):
        template = self.env.ref("sales_team_mgmt.appraisal_t3").copy(
            {"period_kind": "quarter", "name": "Quarter"}
        )
        template.date_from = "2026-01-01"
        template.action_release()
        quarter = self.env["stm.period"].search(
            [
                ("kind", "=", "quarter"),
                ("company_id", "=", self.company.id),
                ("date_to", "=", "2026-03-31"),
            ]
        )
        sheet = self.open_sheets(quarter)[self.ann]
        Closing = self.env["stm.period.closing"]
        Closing.create({"period_id": self.march.id, "area": "appraisal"})
        sheet.line_ids[3].with_user(self.city).given = "20"
        self.assertIn(sheet, sheet._take_stale("2100-01-01 00:00:00", 100))
        with self.assertRaisesRegex(UserError, "appraisal sheets are not closed"):
            quarter.with_user(self.manager).action_close("appraisal")
        Closing.create({"period_id": quarter.id, "area": "appraisal"})
        with self.assertRaisesRegex(UserError, "which is closed"):
            sheet.line_ids[3].with_user(self.city).given = "21"

    def test_bad_points(self):
        """A clear sentence, and the points stay what they were."""
        line = self.line(self.sheet, "own").with_user(self.city)
        line.given = "25"
        for text, sentence in (
            ("-1", "Give from 0 to 30 points, not −1"),
            ("31", "Give from 0 to 30 points, not 31"),
            ("many", "“many” is not a number"),
            ("nan", "is not a number"),
            ("1e400", "is not a number|Give from"),
        ):
            with (
                self.subTest(text=text),
                self.cr.savepoint(),
                self.assertRaisesRegex(UserError, sentence),
            ):
                line.write({"given": text})
            self.env.invalidate_all()
            self.assertEqual(line.points, 25)
        line.given = "２７，５"
        self.assertEqual(line.points, 27.5)
        line.given = ""
        self.assertFalse(line.has_points)
        line.given = "0"
        self.assertTrue(line.has_points)

    def test_second_sheet_is_refused(self):
        with (
            self.assertRaisesRegex(IntegrityError, "stm_appraisal_uniq"),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.env["stm.appraisal"].with_user(self.city).create(
                {"user_id": self.ann.id, "period_id": self.march.id}
            )

    def test_leader_opens_a_sheet_by_hand(self):
        february = self.month(2)
        with Form(self.env["stm.appraisal"].with_user(self.city)) as form:
            form.user_id = self.ann
            form.period_id = february
        sheet = form.record
        self.assertEqual(sheet.template_id.code, "t3")
        self.assertEqual(len(sheet.line_ids), 5)
        for user, person in ((self.ann, self.ann), (self.west, self.ben)):
            with (
                self.subTest(user=user.name),
                self.assertRaises(AccessError),
                mute_logger("odoo.addons.base.models.ir_rule"),
                mute_logger("odoo.addons.base.models.ir_model"),
            ):
                self.env["stm.appraisal"].with_user(user).create(
                    {"user_id": person.id, "period_id": february.id}
                )

    def test_nobody_without_template(self):
        with self.assertRaisesRegex(UserError, "No appraisal template in force fits"):
            self.env["stm.appraisal"].with_user(self.gm).create(
                {"user_id": self.manager.id, "period_id": self.march.id}
            )

    def test_appeal_upheld(self):
        sheet = self.share(self.city, self.scored())
        action = sheet.with_user(self.ann).action_appeal()
        appeal = (
            self.env["stm.appraisal.appeal"]
            .with_user(self.ann)
            .with_context(**action["context"])
            .create({"reason": "I was on leave."})
        )
        appeal.action_submit()
        self.assertEqual(sheet.state, "appealed")
        with self.assertRaises(UserError):
            sheet.action_send()
        with self.assertRaises(UserError):
            appeal.with_user(self.city).action_approve("No")
        with self.assertRaises(AccessError):
            appeal.with_user(self.east).reason = "I agree with everything."
        appeal.with_user(self.east).action_approve("She was.")
        self.assertEqual(sheet.state, "scoring")
        self.assertFalse(self.env["stm.appraisal"].with_user(self.ann).search([]))

    def test_appeal_not_upheld(self):
        sheet = self.share(self.city, self.scored())
        appeal = (
            self.env["stm.appraisal.appeal"]
            .with_user(self.ann)
            .create({"appraisal_id": sheet.id, "reason": "Too few."})
        )
        appeal.action_submit()
        appeal.with_user(self.east).action_return("Seen with own eyes.")
        self.assertEqual(sheet.state, "acknowledged")
        with self.assertRaises(UserError):
            appeal.action_submit()
        with self.assertRaises(UserError):
            self.env["stm.appraisal.appeal"].with_user(self.ann).create(
                {"appraisal_id": sheet.id, "reason": "Again."}
            )

    def test_only_the_person_appeals(self):
        sheet = self.share(self.city, self.scored())
        for user in (self.ben, self.city, self.hr, self.gm):
            with (
                self.subTest(user=user.name),
                self.assertRaises(AccessError),
                mute_logger("odoo.addons.base.models.ir_rule"),
                mute_logger("odoo.addons.base.models.ir_model"),
            ):
                self.env["stm.appraisal.appeal"].with_user(user).create(
                    {"appraisal_id": sheet.id, "reason": "x"}
                )

    def test_person_who_does_not_answer(self):
        """The leader asks a superior for an exception."""
        sheet = self.share(self.city, self.scored())
        with self.assertRaisesRegex(UserError, "not acknowledged"):
            sheet.action_send()
        action = sheet.action_ask_exception()
        exception = (
            self.env["stm.gate.exception"]
            .with_user(self.city)
            .with_context(**action["context"])
            .create({"reason": "Ann is ill."})
        )
        exception.action_submit()
        exception.with_user(self.east).action_approve("Yes.")
        sheet.action_send()
        self.assertEqual(sheet.state, "hr")

    def test_hr_sends_back(self):
        sheet = self.acknowledged()
        sheet.action_send()
        hr = sheet.with_user(self.hr)
        with self.assertRaises(UserError):
            hr.action_send_back()
        hr.hr_comment = "Attendance of the 5th is missing."
        hr.action_send_back()
        self.assertEqual(sheet.state, "scoring")

    def test_self_assessment(self):
        template = self.env.ref("sales_team_mgmt.appraisal_t3")
        draft = template.browse(template.action_new_version()["res_id"])
        draft.write({"has_self_assessment": True, "date_from": "2026-04-01"})
        draft.action_release()
        with freeze_time("2026-05-02 02:00:00"):
            sheet = self.open_sheets(self.month(4))[self.ann]
            self.assertEqual(sheet.state, "self")
            line = self.line(sheet, "own") or sheet.line_ids[3]
            line.with_user(self.ann).write(
                {"self_given": "28", "self_comment": "All done"}
            )
            with self.assertRaises(UserError):
                line.with_user(self.ann).self_given = "31"
            with self.assertRaises(UserError):
                line.with_user(self.ann).given = "30"
            with self.assertRaises(UserError):
                line.with_user(self.city).given = "30"
            sheet.with_user(self.ann).action_hand_in()
            self.assertEqual(sheet.state, "scoring")
            self.assertEqual(line.with_user(self.city).points_self, 28)

    def test_decided_events_count_at_once(self):
        """The leader sees what a decision costs without refreshing anything."""
        self.scored()
        before = self.sheet.score
        event = self.event(self.city, self.ann, "policy_not_executed")
        self.assertEqual(self.line(self.sheet, "distributor").points, 25)
        self.assertEqual(self.sheet.score, before - 3.5)
        event.with_user(self.city).action_dismiss("Not hers")
        self.assertEqual(self.sheet.score, before)
        # Neither another month nor a sheet that was discussed follows.
        self.event(self.city, self.ann, "policy_not_executed", "2026-04-01")
        self.share(self.city, self.sheet)
        self.event(self.city, self.ann, "policy_not_executed", "2026-03-11")
        self.assertEqual(self.sheet.score, before)

    def test_moved_person(self):
        """Who moves in April is scored for March where March was worked."""
        self.env["crm.team.member"].create(
            {
                "user_id": self.ann.id,
                "crm_team_id": self.team_west.id,
                "stm_post_id": self.env.ref("sales_team_mgmt.post_salesperson").id,
                "stm_date_from": "2026-04-02",
            }
        )
        self.assertEqual(self.sheet.team_id, self.team_city)
        self.scored()
        self.share(self.city, self.sheet)

    def test_new_leader_owes_the_open_sheets(self):
        self.team_city.user_id = self.ben
        self.env["stm.duty.item"].search(
            [("about_user_id", "!=", False)]
        )._follow_leaders()
        duty = self.env["stm.duty.item"].search(
            [("about_user_id", "=", self.ann.id), ("duty_key", "=", "appraisal")]
        )
        self.assertEqual(duty.user_id, self.ben)

    def test_joiner_has_a_sheet_and_leaver_has_none(self):
        joiner = self.person("joiner", "group_salesperson")
        leaver = self.person("leaver", "group_salesperson")
        with freeze_time("2026-03-16 02:00:00"):
            self.join(joiner, self.team_city, first="2026-03-16")
            member = self.join(leaver, self.team_city)
            member.stm_date_to = "2026-03-20"
        opened = self.open_sheets()
        self.assertIn(joiner, opened)
        self.assertNotIn(leaver, opened)

    def test_other_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["stm.period"].sudo()._cron_create_periods()
        march = self.env["stm.period"].search(
            [
                ("company_id", "=", other.id),
                ("kind", "=", "month"),
                ("date_from", "=", "2026-03-01"),
            ]
        )
        self.assertFalse(self.env["stm.appraisal"]._open_all(march))
        with self.assertRaises(UserError):
            self.env["stm.appraisal"].with_user(self.city).create(
                {"user_id": self.ben.id, "period_id": march.id}
            )

    def test_three_weak_months(self):
        """Three in a row below 70, whichever of them is closed last."""
        sheets = {}
        for number in (1, 2):
            sheets[number] = self.open_sheets(self.month(number))[self.ann]
        sheets[3] = self.sheet
        for sheet in (sheets[1], sheets[3], sheets[2]):
            self.score_ann(sheet, (0, 10, 15))
            self.assertEqual(sheet.score, 68.5)
            sheet = self.share(self.city, sheet)
            sheet.with_user(self.ann).action_acknowledge()
            sheet.action_send()
            sheet.with_user(self.hr).action_close()
        events = self.env["stm.event"].search([("type_id.code", "=", "weak_score")])
        self.assertEqual(events.res_id, sheets[3].id)
        self.assertEqual(events.note, "3 months in a row below 70: 68.5, 68.5, 68.5.")


@tagged("post_install", "-at_install")
@freeze_time(APRIL_2)
class TestAppraisalTemplate(AppraisalCase):
    """What can be put in force can be computed, and what was used stays."""

    def draft(self):
        template = self.env.ref("sales_team_mgmt.appraisal_t3").with_user(self.manager)
        return template.browse(template.action_new_version()["res_id"])

    def test_weights_make_100(self):
        draft = self.draft()
        draft.section_ids[0].weight = 60
        with self.assertRaisesRegex(ValidationError, "make 90 %, not 100 %"):
            draft.action_release()
        self.assertFalse(draft.is_released)

    def test_maximum_under_minimum(self):
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.draft().section_ids[0].item_ids[0].write({"minimum": 50})
            self.env.flush_all()

    def test_measured_item_needs_an_indicator(self):
        draft = self.draft()
        draft.section_ids[1].item_ids.indicator_id = False
        with self.assertRaisesRegex(ValidationError, "choose the indicator"):
            draft.action_release()

    def test_rate_needs_something_to_compare_with(self):
        draft = self.draft()
        draft.section_ids[1].item_ids.kind = "rate"
        with self.assertRaisesRegex(ValidationError, "set the target"):
            draft.action_release()

    def test_nobody_it_is_for(self):
        draft = self.draft()
        draft.post_ids = False
        with self.assertRaisesRegex(UserError, "Say which posts"):
            draft.action_release()

    def test_used_template_is_locked(self):
        self.open_sheets()
        template = self.env.ref("sales_team_mgmt.appraisal_t3").with_user(self.manager)
        for record, vals in (
            (template, {"pivot": 80}),
            (template.section_ids[0], {"weight": 60}),
            (template.section_ids[0].item_ids[0], {"maximum": 40}),
            (template.section_ids[0].item_ids[0].deduction_ids[0], {"points": 4}),
            (template.result_ids[0], {"start": 10}),
        ):
            with self.subTest(model=record._name), self.assertRaises(UserError):
                record.write(vals)
        with self.assertRaises(UserError):
            template.unlink()

    def test_person_before_post(self):
        template = self.env.ref("sales_team_mgmt.appraisal_t1").copy(
            {"user_ids": [Command.set(self.ben.ids)], "post_ids": False}
        )
        template.date_from = "2026-01-01"
        template.action_release()
        sheets = self.open_sheets()
        self.assertEqual(sheets[self.ben].template_id, template)
        self.assertEqual(sheets[self.ann].template_id.code, "t3")


@tagged("post_install", "-at_install")
@freeze_time(APRIL_2)
class TestAppraisalSpeed(AppraisalCase):
    """As many statements for one person as for sixty."""

    def count(self, period):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        sheets = self.env["stm.appraisal"]._open_all(period)
        self.env.flush_all()
        return len(sheets), self.cr.sql_log_count - before

    def test_queries_do_not_depend_on_people(self):
        self.env["stm.measure"]._refresh(self.march)
        self.env["stm.measure"]._refresh(self.month(2))
        self.count(self.month(1))
        few, few_queries = self.count(self.month(2))
        for number in range(60):
            user = self.person(f"crowd{number}", "group_salesperson")
            self.join(user, self.team_city, "salesperson")
        many, many_queries = self.count(self.march)
        self.assertEqual((few, many), (6, 66))
        # One more insert for each hundred lines, and nothing else.
        self.assertLessEqual(many_queries, few_queries + 10)
