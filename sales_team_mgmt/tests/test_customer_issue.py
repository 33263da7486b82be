from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .test_promise import ContactCase

# Thursday noon in Shanghai.
THURSDAY = "2026-03-05 04:00:00"


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestCustomerIssue(ContactCase):
    """A customer's problem is solved in time, or the manager helps."""

    def question(self, **values):
        values = {"kind": "question", "action_plan": False, **values}
        return self.issue(name="Which glue?", **values)

    def to_do(self, issue, user):
        return issue.sudo().activity_ids.filtered(lambda a: a.user_id == user)

    def test_at_vis_03_a_problem_of_an_outlet_is_due_the_next_day(self):
        issue = self.issue()
        item = self.item(issue)
        self.assertEqual(str(issue.date), "2026-03-05")
        self.assertEqual(str(issue.date_due), "2026-03-06")
        with freeze_time("2026-03-06 15:59:00"):
            self.run_duties()
            self.assertEqual(item.state, "open")
            self.assertFalse(self.told(self.city, item))
        with freeze_time("2026-03-06 16:00:00"):
            # 00:00 on 7 March in Shanghai
            self.run_duties()
        self.assertEqual(item.state, "missing")
        self.assertTrue(self.told(self.city, item))
        self.assertEqual(issue.state, "new")

    def test_at_vis_03_a_saturday_is_a_next_day_too_unless_the_duty_says_so(self):
        with freeze_time("2026-03-06 04:00:00"):
            self.assertEqual(str(self.issue().date_due), "2026-03-07")
            duty = self.env.ref("sales_team_mgmt.duty_outlet_issue").sudo()
            duty.due_shift = "next"
            self.assertEqual(str(self.issue().date_due), "2026-03-09")
            duty.write({"due_shift": "same", "delay": 3})
            self.assertEqual(str(self.issue().date_due), "2026-03-09")

    def test_solved_in_time_nobody_is_told(self):
        issue = self.issue()
        issue.solution = "Exchanged"
        with freeze_time("2026-03-06 15:00:00"):
            issue.action_solve()
            issue.action_tell()
        with freeze_time("2026-03-08 04:00:00"):
            self.run_duties()
        items = self.item(issue)
        self.assertEqual(set(items.mapped("state")), {"on_time"})
        self.assertEqual(len(items), 2)
        self.assertFalse(issue.activity_ids)
        self.assertFalse(any(self.told(self.city, item) for item in items))

    def test_the_leader_sees_it_at_once(self):
        for issue in (self.issue(), self.question()):
            self.assertTrue(self.to_do(issue, self.city))
            self.assertFalse(self.to_do(issue, self.ann))
            self.assertFalse(self.to_do(issue, self.east))

    def test_the_stand_in_of_the_leader_sees_it(self):
        self.env["stm.substitution"].with_user(self.city).create(
            {
                "substitute_id": self.ben.id,
                "date_from": "2026-03-05",
                "date_to": "2026-03-06",
            }
        )
        issue = self.issue()
        self.assertTrue(self.to_do(issue, self.ben))
        self.assertFalse(self.to_do(issue, self.city))

    def test_fup_04_a_question_is_reported_within_two_days(self):
        early, late, never = self.question(), self.question(), self.question()
        self.assertEqual(str(early.date_due), "2026-03-07")
        with freeze_time("2026-03-07 15:59:59"):
            early.action_report()
        self.assertEqual(early.state, "reported")
        self.assertEqual(self.item(early).state, "on_time")
        with freeze_time("2026-03-07 16:00:00"):
            late.action_report()
            self.run_duties()
        self.assertEqual(self.item(late).state, "late")
        self.assertEqual(self.item(never).state, "missing")
        self.assertTrue(self.told(self.city, self.item(never)))
        self.assertFalse(self.told(self.city, self.item(early)))
        # The superior is asked for a solution
        self.assertEqual(len(self.to_do(early, self.city)), 2)

    def test_fup_04_who_solves_it_within_two_days_need_not_report(self):
        issue = self.question()
        issue.solution = "The white one"
        with freeze_time("2026-03-07 10:00:00"):
            issue.action_solve()
        self.assertEqual(self.item(issue, "open_question").state, "on_time")

    def test_fup_04_the_customer_is_told_on_the_day_of_the_solution(self):
        for told_at, state in (
            ("2026-03-06 15:59:00", "on_time"),
            ("2026-03-06 16:01:00", "late"),
        ):
            issue = self.question()
            issue.action_report()
            with freeze_time("2026-03-06 01:00:00"):
                leader = issue.with_user(self.city)
                leader.solution = "The white one"
                leader.action_solve()
            self.assertEqual(issue.solved_by_id, self.city)
            self.assertEqual(str(issue.date_due), "2026-03-06")
            self.assertFalse(self.to_do(issue, self.city))
            self.assertTrue(self.to_do(issue, self.ann))
            item = self.item(issue, "tell_customer")
            self.assertEqual(item.user_id, self.ann)
            with freeze_time(told_at):
                issue.action_tell()
            with self.subTest(told_at=told_at):
                self.assertEqual((issue.state, item.state), ("told", state))
                self.assertFalse(issue.activity_ids)

    def test_fup_04_not_told_is_escalated(self):
        issue = self.question(solution="The white one")
        issue.action_solve()
        item = self.item(issue, "tell_customer")
        self.assertFalse(self.told(self.city, item))
        with freeze_time("2026-03-05 16:00:00"):
            self.run_duties()
        self.assertTrue(self.told(self.city, item))

    def test_a_plan_of_action_is_written_for_an_outlet(self):
        for plan in (False, "  "):
            with self.assertRaises(ValidationError):
                self.issue(action_plan=plan)
        self.assertTrue(self.question())

    def test_nothing_is_solved_without_a_solution(self):
        issue = self.issue()
        for solution in (False, "  "):
            issue.solution = solution
            with self.assertRaises(UserError):
                issue.action_solve()
        self.assertEqual(issue.state, "new")
        with self.assertRaises(UserError):
            issue.action_tell()

    def test_steps_are_taken_in_their_order_and_once(self):
        issue = self.question(solution="The white one")
        issue.action_report()
        with self.assertRaises(UserError):
            issue.action_report()
        issue.action_solve()
        for again in (issue.action_report, issue.action_solve):
            with self.assertRaises(UserError):
                again()
        with self.assertRaises(UserError):
            issue.name = "x"
        issue.action_tell()
        with self.assertRaises(UserError):
            issue.action_tell()

    def test_superiors_write_the_solution_and_nothing_else(self):
        issue = self.issue()
        for leader in (self.city, self.east, self.manager):
            mine = issue.with_user(leader)
            mine.solution = f"By {leader.name}"
            for values in ({"name": "x"}, {"solution": "y", "description": "x"}):
                with self.assertRaises(AccessError):
                    mine.write(values)
            for action in (mine.action_report, mine.action_tell):
                with self.assertRaises(AccessError):
                    action()
        self.assertEqual(issue.solution, "By Manager")
        for stranger in (self.ben, self.wei, self.west, self.gm, self.finance, self.hr):
            mine = issue.with_user(stranger)
            with self.subTest(user=stranger.login), self.assertRaises(AccessError):
                mine.solution = "x"
            with self.subTest(user=stranger.login), self.assertRaises(AccessError):
                mine.action_solve()

    def test_what_the_system_fills_cannot_be_handed_in(self):
        for values in (
            {"state": "told"},
            {"logged_at": "2026-01-01 00:00:00"},
            {"solved_at": THURSDAY},
            {"told_at": THURSDAY},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.issue(**values)
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.issue().write(values)

    def test_it_stays_on_record(self):
        issue = self.issue()
        for user in (self.ann, self.city):
            with self.assertRaises(UserError):
                issue.with_user(user).unlink()

    def test_found_in_a_visit_or_a_call(self):
        visit = self.visit(
            self.ann, self.customers[3], "2026-03-05 02:00:00", done=False
        )
        visit.issue_ids = [
            Command.create({"name": "Dirt", "kind": "outlet", "action_plan": "Clean"})
        ]
        self.assertEqual(visit.issue_ids.partner_id, self.customers[3])
        theirs = self.visit(
            self.ben, self.customers[3], "2026-03-05 02:00:00", done=False
        )
        with self.assertRaises(UserError):
            self.issue(visit_id=theirs.id, partner_id=self.customers[3].id)
        with self.assertRaisesRegex(ValidationError, "was not found in"):
            self.issue(visit_id=visit.id, partner_id=self.customers[4].id)

    def test_an_open_problem_is_solved_after_its_month_was_closed(self):
        issue = self.question()
        march = self.env["stm.period"].create(
            {"name": "2026-03", "date_from": "2026-03-01", "date_to": "2026-03-31"}
        )
        with freeze_time("2026-04-01 02:00:00"):
            march.with_user(self.manager).action_close("work")
            issue.with_user(self.city).solution = "The white one"
            issue.with_user(self.city).action_solve()
            issue.action_tell()
        self.assertEqual(issue.state, "told")
        with self.assertRaises(UserError):
            self.question()

    def test_what_somebody_who_left_has_found_passes_on_to_the_leader(self):
        issue = self.question()
        self.ann.sudo().active = False
        self.run_duties()
        self.assertEqual(self.item(issue).user_id, self.city)
        mine = issue.with_user(self.city)
        mine.action_report()
        mine.solution = "The white one"
        mine.action_solve()
        self.assertEqual(self.item(issue, "tell_customer").user_id, self.city)
        mine.action_tell()
        self.assertEqual(issue.state, "told")

    def test_it_goes_with_its_person_to_another_leader(self):
        issue, asked, solved = self.question(), self.question(), self.question()
        asked.action_report()
        solved.solution = "The white one"
        solved.action_solve()
        told = self.question(solution="The red one")
        told.action_solve()
        told.action_tell()
        for document in (issue, asked):
            self.assertTrue(self.to_do(document, self.city))
        due = issue.date_due
        self.join(self.ann, self.team_west, first="2026-03-05")
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((issue | asked | solved).team_id, self.team_west)
        self.assertEqual(told.team_id, self.team_city)
        # The one who led her before has nothing to do with it any more …
        for document in (issue, asked, solved):
            old = document.with_user(self.city)
            self.assertFalse(old.has_access("read"))
            for values in ({"solution": "x"}, {"name": "x"}):
                with self.assertRaises(AccessError):
                    old.write(values)
            for action in (old.action_solve, old.action_report, old.action_tell):
                with self.assertRaises(AccessError):
                    action()
            self.assertFalse(self.to_do(document, self.city))
        # … and whoever leads her now is told, once, and solves it.
        for document, count in ((issue, 1), (asked, 1), (solved, 0), (told, 0)):
            self.assertEqual(len(self.to_do(document, self.west)), count)
        self.assertIn("asks", self.to_do(asked, self.west).summary)
        new = issue.with_user(self.west)
        self.assertTrue(new.can_solve)
        with freeze_time("2026-03-08 04:00:00"):
            self.run_duties()
        item = self.item(issue)
        self.assertEqual((issue.date_due, item.team_id), (due, self.team_west))
        self.assertEqual(item.state, "missing")
        self.assertTrue(self.told(self.west, item))
        self.assertFalse(self.told(self.city, item))
        new.solution = "The white one"
        new.action_solve()
        self.assertEqual(self.item(issue, "tell_customer").team_id, self.team_west)
        self.assertEqual(issue.solved_by_id, self.west)

    def test_who_takes_it_over_tells_the_customer(self):
        solved, known = self.question(), self.question()
        mine = solved.with_user(self.city)
        mine.solution = "The white one"
        mine.action_solve()
        self.assertTrue(self.to_do(solved, self.ann))
        solved.sudo().user_id = self.ben
        self.assertFalse(self.to_do(solved, self.ann))
        self.assertEqual(len(self.to_do(solved, self.ben)), 1)
        # What stays where it is, is told to nobody again.
        self.to_do(known, self.city).unlink()
        known.sudo().write({"user_id": self.ann.id, "team_id": self.team_city.id})
        self.assertFalse(known.sudo().activity_ids)

    def test_a_changed_kind_has_the_other_deadline(self):
        issue = self.question()
        issue.write({"kind": "outlet", "action_plan": "Bring glue"})
        self.assertEqual(self.item(issue).duty_key, "outlet_issue")
        self.assertEqual(str(issue.date_due), "2026-03-06")
        issue.kind = "question"
        self.assertEqual(self.item(issue).duty_key, "open_question")

    def test_many_problems_cost_as_many_statements_as_a_few(self):
        model = self.env["stm.customer.issue"].with_user(self.ann)
        counts = []
        for size in (5, 5, 40):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            issues = model.create(
                [
                    {
                        "name": f"Problem {number}",
                        "partner_id": self.customers[number % 20].id,
                        "kind": "question",
                    }
                    for number in range(size)
                ]
            )
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(issues.activity_ids), size)
        self.assertLessEqual(counts[2], counts[1] + 4, counts)
