from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from .common import StmCase

THURSDAY = "2026-02-26 02:00:00"
MORNING = "2026-02-26 01:00:00"
ANSWER = "stm.checklist.answer"
# One pixel
PHOTO = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)

QUESTIONS = (
    {"name": "Tidy?", "points": 4},
    {"name": "Remarks", "answer_type": "text"},
    {"name": "Facings", "answer_type": "number", "maximum": 50},
    {"name": "Mood", "answer_type": "choice", "options": "Good\n Bad \n\n"},
    {
        "name": "Cleanliness",
        "answer_type": "score",
        "minimum": 1,
        "maximum": 5,
        "points": 10,
    },
    {"name": "Next delivery", "answer_type": "date", "required": False},
    {"name": "Shelf", "answer_type": "photo", "required": False},
    {"name": "Stock", "answer_type": "number", "required": False},
)


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class ChecklistCase(StmCase):
    @classmethod
    def make_checklist(cls, release=True, questions=QUESTIONS, **values):
        checklist = cls.env["stm.checklist"].create(
            {
                "name": "Shop visit",
                "usage": "visit",
                "line_ids": [
                    Command.create({"sequence": number, **question})
                    for number, question in enumerate(questions)
                ],
                **values,
            }
        )
        if release:
            checklist.action_release()
        return checklist

    def planned(self, user=None, moment=MORNING):
        return self.visit(user or self.ann, self.customers[0], moment, done=False)

    def rows(self, visit):
        return {row.question: row for row in visit.checklist_answer_ids}

    def fill(self, visit):
        """Answers to everything that is required, as the owner gives them."""
        rows = self.rows(visit.with_user(visit.user_id))
        rows["Tidy?"].value_yes_no = "yes"
        rows["Remarks"].value_text = "Fine"
        rows["Facings"].value_number = 0
        rows["Mood"].value_choice = "Good"
        rows["Cleanliness"].value_number = 3
        return rows

    def rpc(self, user, model, method, *args, **context):
        """A call as it comes from outside: cold caches, the rights of the user."""
        self.env.flush_all()
        self.env.invalidate_all()
        model = self.env(user=user)[model]
        return call_kw(model, method, list(args), {"context": context})

    def snapshot(self):
        self.env.flush_all()
        return [
            self.env.execute_query(
                SQL("SELECT t::text FROM %s t ORDER BY id", SQL.identifier(table))
            )
            for table in ("stm_checklist_answer", "stm_checklist_line", "stm_visit")
        ]

    def assertRefused(self, user, model, method, *args, **context):
        """The call raises, and with that nothing is different afterwards."""
        loggers = (
            "odoo.addons.base.models.ir_rule",
            "odoo.addons.base.models.ir_model",
        )
        before = self.snapshot()
        refusal = None
        savepoint = self.env.cr.savepoint()
        try:
            with mute_logger(*loggers):
                self.rpc(user, model, method, *args, **context)
                self.env.flush_all()
        except (UserError, ValueError) as error:
            refusal = error
        savepoint.close(rollback=True)
        self.env.clear()
        self.assertTrue(refusal, f"{user.login} may call {model}.{method}{args}")
        self.assertEqual(self.snapshot(), before)


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestChecklist(ChecklistCase):
    """Questions that somebody writes, and the visits they stand on (VIS-05, VIS-06)."""

    # ------------------------------------------------------------
    # Which checklist
    # ------------------------------------------------------------

    def test_without_a_checklist_nothing_changes(self):
        visit = self.planned()
        self.assertFalse(visit.checklist_id)
        self.assertFalse(visit.checklist_missing)
        visit.action_done()
        self.assertEqual(visit.state, "done")

    def test_none_is_shipped_in_force(self):
        """Those of visit types are asked where somebody chooses the type, the one of
        follow-up contacts where somebody ticks that it is one."""
        data = self.env["ir.model.data"].search(
            [("model", "=", "stm.checklist"), ("name", "not like", "demo_%")]
        )
        checklists = self.env["stm.checklist"].browse(data.mapped("res_id"))
        asked = checklists.filtered(
            lambda checklist: not checklist.is_for_types
            and checklist.usage != "contact"
        )
        self.assertFalse(asked)

    def test_drafts_and_other_uses_and_days_do_not_count(self):
        self.make_checklist(release=False)
        self.make_checklist(usage="interview")
        self.make_checklist(date_from="2026-03-01")
        self.make_checklist(date_from="2026-01-01", date_to="2026-01-31")
        self.make_checklist().active = False
        self.assertFalse(self.planned().checklist_id)
        march = self.planned(self.ann, "2026-03-04 01:00:00")
        self.assertEqual(march.checklist_id.date_from.isoformat(), "2026-03-01")

    def test_the_first_that_fits_the_post_of_the_day_is_taken(self):
        post = self.env.ref("sales_team_mgmt.post_salesperson")
        leader = self.env.ref("sales_team_mgmt.post_city_manager")
        general = self.make_checklist(sequence=30)
        sales = self.make_checklist(sequence=20, post_ids=[Command.set(post.ids)])
        lead = self.make_checklist(sequence=10, post_ids=[Command.set(leader.ids)])
        self.assertEqual(self.planned(self.ann).checklist_id, sales)
        self.assertEqual(self.planned(self.city).checklist_id, lead)
        self.assertEqual(self.planned(self.east).checklist_id, general)
        # Next month Ann leads
        member = self.env["crm.team.member"].search([("user_id", "=", self.ann.id)])
        member.stm_date_to = "2026-03-31"
        self.join(self.ann, self.team_west, "city_manager", "2026-04-01")
        self.assertEqual(self.planned(self.ann).checklist_id, sales)
        april = self.planned(self.ann, "2026-04-02 01:00:00")
        self.assertEqual(april.checklist_id, lead)

    def test_each_company_has_its_own(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        theirs = self.make_checklist(company_id=sister.id, sequence=1)
        self.assertFalse(self.planned().checklist_id)
        ours = self.make_checklist(company_id=self.company.id, sequence=5)
        self.assertEqual(self.planned().checklist_id, ours)
        self.assertFalse(theirs.with_user(self.ann).has_access("read"))

    def test_a_visit_that_is_moved_takes_the_version_of_its_new_day(self):
        old = self.make_checklist()
        action = old.with_user(self.manager).action_new_version()
        new = old.browse(action["res_id"])
        new.date_from = "2026-03-09"
        new.with_user(self.manager).action_release()
        visit = self.planned()
        self.assertEqual(visit.checklist_id, old)
        visit.start_at = "2026-03-10 01:00:00"
        self.assertEqual(visit.checklist_id, new)
        self.assertEqual(len(visit.checklist_answer_ids), len(QUESTIONS))
        self.assertEqual(visit.checklist_answer_ids.checklist_id, new)
        # What somebody has answered stays
        self.rows(visit)["Remarks"].value_text = "Fine"
        visit.start_at = "2026-02-27 01:00:00"
        self.assertEqual(visit.checklist_id, new)

    def test_visits_of_a_plan_get_their_questions_too(self):
        checklist = self.make_checklist()
        plan = self.plan(self.ann, days=3)
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        self.assertEqual(len(plan.visit_ids), 3)
        for visit in plan.visit_ids:
            self.assertEqual(visit.checklist_id, checklist)
            self.assertEqual(len(visit.checklist_answer_ids), len(QUESTIONS))

    def test_a_copy_starts_anew_and_a_deleted_visit_leaves_nothing(self):
        self.make_checklist()
        visit = self.planned()
        self.fill(visit)
        copy = visit.with_user(self.ann).copy()
        self.assertEqual(len(copy.checklist_answer_ids), len(QUESTIONS))
        self.assertNotIn(True, copy.checklist_answer_ids.mapped("is_answered"))
        ids = visit.checklist_answer_ids.ids
        visit.with_user(self.ann).unlink()
        self.assertFalse(self.env[ANSWER].browse(ids).exists())

    # ------------------------------------------------------------
    # Answering
    # ------------------------------------------------------------

    def test_a_visit_is_finished_when_the_questions_are_answered(self):
        checklist = self.make_checklist()
        visit = self.planned()
        self.assertEqual(visit.checklist_id, checklist)
        self.assertEqual(
            visit.checklist_missing, "Tidy?, Remarks, Facings, Mood, Cleanliness"
        )
        with self.assertRaisesRegex(UserError, "“Facings”"), self.env.cr.savepoint():
            visit.action_done()
        self.assertEqual(visit.state, "planned")
        rows = self.fill(visit)
        self.assertFalse(visit.checklist_missing)
        rows["Remarks"].value_text = "  "
        self.assertEqual(visit.checklist_missing, "Remarks")
        rows["Facings"].value_number = 5
        self.rpc(
            self.ann, ANSWER, "write", rows["Facings"].ids, {"value_number": False}
        )
        self.assertEqual(visit.checklist_missing, "Remarks, Facings")
        self.fill(visit)
        visit.action_done()
        self.assertEqual(visit.state, "done")

    def test_one_unfinished_visit_finishes_none(self):
        self.make_checklist()
        visits = self.planned() | self.planned(moment="2026-02-26 00:00:00")
        self.fill(visits[0])
        with self.assertRaises(UserError), self.env.cr.savepoint():
            visits.with_user(self.ann).action_done()
        self.env.invalidate_all()
        self.assertEqual(visits.mapped("state"), ["planned", "planned"])

    def test_points_in_proportion(self):
        self.make_checklist()
        visit = self.planned()
        self.assertEqual(sum(visit.checklist_answer_ids.mapped("points")), 0)
        rows = self.fill(visit)
        self.assertEqual(rows["Tidy?"].points, 4)
        self.assertEqual(rows["Cleanliness"].points, 5)
        rows["Cleanliness"].value_number = 5
        rows["Tidy?"].value_yes_no = "no"
        self.assertEqual(rows["Cleanliness"].points, 10)
        self.assertEqual(rows["Tidy?"].points, 0)

    def test_the_form_saves_answers_with_the_visit(self):
        self.make_checklist()
        visit = self.planned()
        rows = self.rows(visit)
        commands = [
            Command.update(rows["Tidy?"].id, {"value_yes_no": "no"}),
            Command.update(rows["Shelf"].id, {"value_photo": PHOTO}),
            Command.update(rows["Next delivery"].id, {"value_date": "2026-03-01"}),
        ]
        values = {"checklist_answer_ids": commands, "purpose": "x"}
        spec = {"checklist_answer_ids": {"fields": {"is_answered": {}}}}
        model = self.env(user=self.ann)["stm.visit"]
        call_kw(model, "web_save", [visit.ids, values], {"specification": spec})
        for name in ("Tidy?", "Shelf", "Next delivery"):
            self.assertTrue(rows[name].is_answered)
        self.assertTrue(rows["Shelf"].value_photo)

    def test_an_answer_is_of_the_type_of_its_question(self):
        self.make_checklist()
        visit = self.planned()
        rows = self.rows(visit)
        for question, values in (
            ("Tidy?", {"value_yes_no": "perhaps"}),
            ("Tidy?", {"value_text": "yes"}),
            ("Tidy?", {"value_number": 1}),
            ("Remarks", {"value_yes_no": "yes"}),
            ("Remarks", {"value_text": "x", "value_photo": PHOTO}),
            ("Facings", {"value_number": -0.01}),
            ("Facings", {"value_number": 50.01}),
            ("Facings", {"value_number": "many"}),
            ("Facings", {"value_number": float("nan")}),
            ("Facings", {"value_number": float("inf")}),
            ("Facings", {"value_number": [7]}),
            ("Stock", {"value_number": "1e999"}),
            ("Cleanliness", {"value_number": 0}),
            ("Cleanliness", {"value_number": 6}),
            ("Mood", {"value_choice": "Awful"}),
            ("Mood", {"value_choice": "good"}),
            ("Mood", {"value_text": "Good"}),
            ("Next delivery", {"value_date": "tomorrow"}),
            ("Next delivery", {"value_text": "2026-03-01"}),
            ("Shelf", {"value_text": "photo"}),
        ):
            with self.subTest(question=question, values=values):
                self.assertRefused(
                    self.ann, ANSWER, "write", rows[question].ids, values
                )
        for question, values in (
            ("Facings", {"value_number": 50}),
            ("Mood", {"value_choice": "Bad"}),
            ("Stock", {"value_number": -1000}),
            ("Cleanliness", {"value_number": 1}),
            ("Next delivery", {"value_date": "2026-03-01"}),
        ):
            self.rpc(self.ann, ANSWER, "write", rows[question].ids, values)
            self.assertTrue(rows[question].is_answered)
            empty = dict.fromkeys(values, False)
            self.rpc(self.ann, ANSWER, "write", rows[question].ids, empty)
            self.assertFalse(rows[question].is_answered)

    # ------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------

    def test_answers_are_read_by_whoever_reads_the_visit(self):
        self.make_checklist()
        mine, theirs = self.planned(self.ann), self.planned(self.wei)
        self.rows(mine)["Remarks"].value_text = "Secret remark"
        readers = {self.ann, self.city, self.east, self.manager, self.gm}
        domain = [("value_text", "like", "Secret")]
        for user in (*readers, self.ben, self.wei, self.west):
            Answer = self.env[ANSWER].with_user(user)
            self.env.invalidate_all()
            seen = int(user in readers)
            with self.subTest(user=user.login):
                self.assertEqual(Answer.search_count(domain), seen)
                self.assertEqual(len(Answer.search_read(domain, ["value_text"])), seen)
                [(count,)] = Answer._read_group(domain, [], ["__count"])
                self.assertEqual(count, seen)
                self.assertEqual(len(Answer.name_search("Remarks", domain)), seen)
                found = (
                    self.env["stm.visit"]
                    .with_user(user)
                    .search([("checklist_answer_ids.value_text", "like", "Secret")])
                )
                self.assertEqual(len(found), seen)
                rows = mine.checklist_answer_ids.with_user(user)
                self.assertEqual(rows.has_access("read"), bool(seen))
                if not seen:
                    with self.assertRaises(AccessError):
                        rows.read(["value_text"])
        Answer = self.env[ANSWER].with_user(self.wei)
        self.assertEqual(
            Answer.search([]), theirs.checklist_answer_ids.with_user(self.wei)
        )
        # HR reads the answers of talks, and none of visits.
        self.assertFalse(self.env[ANSWER].with_user(self.hr).search(domain))
        self.assertFalse(self.env[ANSWER].with_user(self.finance).has_access("read"))

    def test_only_the_owner_answers(self):
        self.make_checklist()
        rows = self.rows(self.planned())
        for user in (
            *(self.ben, self.wei, self.city, self.east, self.manager, self.gm),
            *(self.finance, self.hr),
        ):
            with self.subTest(user=user.login):
                self.assertRefused(
                    user, ANSWER, "write", rows["Remarks"].ids, {"value_text": "x"}
                )
        visit = self.planned()
        command = Command.update(self.rows(visit)["Remarks"].id, {"value_text": "x"})
        self.assertRefused(
            self.city,
            "stm.visit",
            "write",
            visit.ids,
            {"checklist_answer_ids": [command]},
        )
        # Nor through a document of one's own
        own = self.planned(self.ben)
        self.assertRefused(
            self.ben,
            "stm.visit",
            "write",
            own.ids,
            {"checklist_answer_ids": [command]},
        )

    def test_answers_are_frozen_with_the_visit(self):
        self.make_checklist()
        done, gone = self.planned(), self.planned(moment="2026-02-27 01:00:00")
        self.fill(done)
        done.with_user(self.ann).action_done()
        gone.with_user(self.ann).action_cancel("Closed")
        for visit in (done, gone):
            for user in (self.ann, self.city, self.manager):
                self.assertRefused(
                    user,
                    ANSWER,
                    "write",
                    self.rows(visit)["Remarks"].ids,
                    {"value_text": "Better"},
                )
        # Together with an open one neither
        both = self.rows(done)["Remarks"] | self.rows(self.planned())["Remarks"]
        self.assertRefused(self.ann, ANSWER, "write", both.ids, {"value_text": "x"})

    def test_answers_are_frozen_with_the_period(self):
        self.make_checklist()
        visit = self.planned()
        period = self.env["stm.period"].create(
            {"name": "2026-02", "date_from": "2026-02-01", "date_to": "2026-02-28"}
        )
        period.with_user(self.manager).action_close("work")
        row = self.rows(visit)["Remarks"]
        self.assertRefused(self.ann, ANSWER, "write", row.ids, {"value_text": "x"})
        with self.assertRaisesRegex(UserError, "closed"):
            row.sudo().value_text = "x"

    def test_rows_are_made_by_the_system_only(self):
        checklist = self.make_checklist()
        visit, other = self.planned(), self.planned(self.ben)
        row = self.rows(visit)["Remarks"]
        for values in (
            {"is_answered": True},
            {"line_id": checklist.line_ids[0].id},
            {"res_id": other.id},
            {"model": "stm.work.plan"},
            {"checklist_id": False},
            {"sequence": 99},
            {"value_text": "x", "is_answered": False},
            {"required": False},
            {"question": "Nothing?"},
        ):
            with self.subTest(values=values):
                self.assertRefused(self.ann, ANSWER, "write", row.ids, values)
        self.assertRefused(self.ann, ANSWER, "unlink", row.ids)
        values = {
            "model": "stm.visit",
            "res_id": visit.id,
            "checklist_id": checklist.id,
            "line_id": checklist.line_ids[0].id,
        }
        self.assertRefused(self.ann, ANSWER, "create", [values])
        for command in (
            Command.create(values),
            Command.delete(row.id),
            Command.clear(),
            Command.unlink(row.id),
            Command.link(self.rows(other)["Remarks"].id),
        ):
            with self.subTest(command=command):
                self.assertRefused(
                    self.ann,
                    "stm.visit",
                    "write",
                    visit.ids,
                    {"checklist_answer_ids": [command]},
                )
        for values in ({"checklist_id": False}, {"checklist_id": checklist.copy().id}):
            self.assertRefused(self.ann, "stm.visit", "write", visit.ids, values)
        values = {"partner_id": self.customers[1].id, "checklist_id": checklist.id}
        self.assertRefused(self.ann, "stm.visit", "create", [values])

    # ------------------------------------------------------------
    # Versions
    # ------------------------------------------------------------

    def test_a_used_checklist_is_locked_with_its_questions(self):
        checklist = self.make_checklist()
        line = checklist.line_ids[0]
        line.with_user(self.manager).name = "Still mine to change?"
        self.planned()
        self.env.invalidate_all()
        self.assertTrue(checklist.is_locked)
        model = "stm.checklist"
        for values in (
            {"name": "x"},
            {"usage": "interview"},
            {"post_ids": [Command.clear()]},
            {"is_released": False},
            {"line_ids": [Command.delete(line.id)]},
            {"line_ids": [Command.update(line.id, {"required": False})]},
            {"line_ids": [Command.create({"name": "More?"})]},
        ):
            for user in (self.manager, self.ann, self.city):
                with self.subTest(values=values, user=user.login):
                    self.assertRefused(user, model, "write", checklist.ids, values)
        self.assertRefused(self.manager, model, "unlink", checklist.ids)
        self.assertRefused(self.manager, f"{model}.line", "unlink", line.ids)
        self.assertRefused(
            self.manager, f"{model}.line", "write", line.ids, {"required": False}
        )
        action = checklist.with_user(self.manager).action_new_version()
        draft = checklist.browse(action["res_id"])
        self.assertEqual(len(draft.line_ids), len(QUESTIONS))
        draft.line_ids[0].with_user(self.manager).required = False

    def test_a_checklist_without_questions_is_not_released(self):
        with self.assertRaisesRegex(UserError, "no questions"):
            self.make_checklist(questions=[])

    def test_questions_make_sense(self):
        for values in (
            {"answer_type": "score"},
            {"answer_type": "score", "minimum": 5, "maximum": 5},
            {"answer_type": "number", "minimum": 5, "maximum": 1},
            {"answer_type": "choice"},
            {"answer_type": "choice", "options": "Same\nSame\n"},
            {"points": -1},
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(ValidationError),
                self.env.cr.savepoint(),
            ):
                self.make_checklist(questions=[{"name": "What?", **values}])

    # ------------------------------------------------------------
    # Speed
    # ------------------------------------------------------------

    def count(self, act):
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        act()
        self.env.flush_all()
        return self.env.cr.sql_log_count - start

    def make_visits(self, number):
        users = (self.ann, self.ben, self.wei, self.city)
        values = [
            {
                "partner_id": self.customers[n % 25].id,
                "user_id": users[n % 4].id,
                "start_at": f"2026-03-{n % 28 + 1:02} 01:00:00",
            }
            for n in range(number)
        ]
        return self.env["stm.visit"].sudo().create(values)

    def test_without_a_checklist_a_new_visit_costs_one_query_more(self):
        self.make_visits(1)
        with patch.object(type(self.env["stm.visit"]), "_stm_start_checklist"):
            without = self.count(lambda: self.make_visits(20))
        self.assertLessEqual(self.count(lambda: self.make_visits(20)), without + 1)

    def test_many_visits_cost_no_more_queries_than_one(self):
        post = self.env.ref("sales_team_mgmt.post_salesperson")
        self.make_checklist(post_ids=[Command.set(post.ids)])
        Visit = type(self.env["stm.visit"])
        with patch.object(Visit, "_stm_start_checklist"):
            one, many = self.make_visits(1), self.make_visits(60)
        one, many = one.with_env(self.env), many.with_env(self.env)
        costs = [self.count(visits._stm_start_checklist) for visits in (one, many)]
        self.assertEqual(len(many.filtered("checklist_id")), 45)
        # Rows are inserted a hundred at a time
        self.assertLessEqual(costs[1], costs[0] + 4)
        costs = [
            self.count(lambda v=visits: v.mapped("checklist_missing"))
            for visits in (one, many)
        ]
        self.assertLessEqual(costs[1], costs[0])
        for visits in (one, many):
            costs.append(self.count(lambda v=visits: v._stm_missing_questions()))
        self.assertEqual(costs[2], costs[3])
