from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .test_appraisal import APRIL_2, AppraisalCase

LOGGERS = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


class SheetCase(AppraisalCase):
    """The sheets of March, called as somebody outside calls."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["stm.appraisal"]._open_all(cls.march)
        sheets = cls.env["stm.appraisal"].search([("period_id", "=", cls.march.id)])
        cls.sheets = {sheet.user_id: sheet for sheet in sheets}
        cls.sheet = cls.sheets[cls.ann]

    def rpc(self, user, record, method, *args, **kwargs):
        """A call with cold caches and the rights of the user."""
        self.env.flush_all()
        self.env.invalidate_all()
        model = self.env(user=user)[record._name]
        ids = [record.ids] if record else []
        return call_kw(model, method, [*ids, *args], kwargs)

    def refused(self, user, record, method, *args, **kwargs):
        """The call is refused with a sentence, and nothing is different afterwards."""
        with (
            self.assertRaises(UserError) as refusal,
            self.cr.savepoint(),
            mute_logger(*LOGGERS),
        ):
            self.rpc(user, record, method, *args, **kwargs)
        self.env.invalidate_all()
        return str(refusal.exception)

    def cron(self, name):
        with self.enter_registry_test_mode():
            cron = self.env.ref(f"sales_team_mgmt.ir_cron_{name}")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def shared(self):
        self.score_ann(self.sheet)
        self.share(self.city, self.sheet)
        return self.sheet

    def acknowledged(self):
        self.shared().with_user(self.ann).action_acknowledge()
        return self.sheet

    def at_hr(self):
        self.acknowledged().with_user(self.city).action_send()
        return self.sheet

    def appeal(self, reason="I was on leave."):
        return (
            self.env["stm.appraisal.appeal"]
            .with_user(self.ann)
            .create({"appraisal_id": self.sheet.id, "reason": reason})
        )


@tagged("post_install", "-at_install")
@freeze_time(APRIL_2)
class TestHiddenDraft(SheetCase):
    """What the leader writes stays hidden from its person until it was discussed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        self = cls()
        self.env = cls.env
        self.score_ann(cls.sheet)
        cls.sheet.with_user(cls.city).write({"interview_comment": "A secret"})

    def assertHidden(self, user):
        """Every way of reading finds nothing or is refused."""
        sheet, line = self.sheet, self.sheet.line_ids[0]
        part = self.sheet.part_ids[0]
        none = sheet.browse(), line.browse(), part.browse()
        for record, empty in zip((sheet, line, part), none, strict=True):
            name = record._name
            mine = [("id", "=", record.id)]
            with self.subTest(user=user.login, model=name):
                found = self.rpc(user, empty, "search_read", mine, ["id"])
                self.assertEqual(found, [])
                self.assertEqual(self.rpc(user, empty, "search_count", mine), 0)
                page = self.rpc(
                    user, empty, "web_search_read", mine, {"display_name": {}}
                )
                self.assertEqual(page["length"], 0)
                groups = self.rpc(
                    user, empty, "formatted_read_group", mine, [], ["__count"]
                )
                self.assertEqual(groups[0]["__count"], 0)
                for method, args in (
                    ("read", [["id", "display_name"]]),
                    ("web_read", [{"display_name": {}}]),
                    ("export_data", [["id", "display_name"]]),
                    ("copy", []),
                ):
                    self.refused(user, record, method, *args)
        for word in ("Ann", "March", self.march.name):
            names = self.rpc(user, none[0], "name_search", word)
            self.assertNotIn(sheet.id, [id_ for id_, _name in names])

    def test_from_every_side(self):
        for user in (self.ann, self.ben, self.wei, self.west, self.finance):
            if self.env["stm.appraisal"].with_user(user).has_access("read"):
                self.assertHidden(user)

    def test_an_assistant_of_the_leader_sees_no_sheet(self):
        self.team_city.stm_assistant_ids = [Command.link(self.wei.id)]
        self.assertHidden(self.wei)

    def test_nor_by_a_condition_on_a_neighbour(self):
        """A search on what one may see does not tell what one may not."""
        appeals = self.env["stm.appraisal.appeal"].with_user(self.ann)
        for domain in (
            [("appraisal_id.score", ">", 0)],
            [("appraisal_id.interview_comment", "ilike", "secret")],
        ):
            self.assertFalse(appeals.search(domain))
        items = self.env["stm.duty.item"].with_user(self.ann)
        self.assertFalse(items.search([("about_user_id", "=", self.ann.id)]))

    def test_chatter_activities_attachments(self):
        leader = self.sheet.with_user(self.city)
        message = leader.message_post(body="Between us")
        activity = leader.activity_schedule(
            "mail.mail_activity_data_todo", summary="Between us", user_id=self.city.id
        )
        attachment = (
            self.env["ir.attachment"]
            .with_user(self.city)
            .create(
                {
                    "name": "notes.txt",
                    "raw": b"Between us",
                    "res_model": "stm.appraisal",
                    "res_id": self.sheet.id,
                }
            )
        )
        for record in (message, activity, attachment):
            with self.subTest(model=record._name):
                self.refused(self.ann, record, "read", ["display_name"])
                self.assertFalse(
                    record.with_user(self.ann).search([("id", "=", record.id)])
                )

    def test_answers_of_the_talk(self):
        answer = self.talk_question()
        self.refused(self.ann, answer, "read", ["value_text"])
        self.refused(self.ann, answer, "write", {"value_text": "Fine"})

    def talk_question(self):
        checklist = self.env["stm.checklist"].create(
            {
                "name": "Talk",
                "usage": "interview",
                "line_ids": [
                    Command.create(
                        {"name": "Goals?", "answer_type": "text", "required": True}
                    )
                ],
            }
        )
        checklist.action_release()
        checklist.date_from = "2026-03-01"
        self.sheet.with_user(self.city).action_refresh()
        return self.sheet.checklist_answer_ids

    def test_only_the_leader_answers_for_the_talk(self):
        answer = self.talk_question()
        for user in (self.ann, self.ben, self.west, self.hr, self.gm):
            with self.subTest(user=user.login):
                self.refused(user, answer, "write", {"value_text": "Fine"})
                self.refused(
                    user,
                    self.sheet,
                    "write",
                    {
                        "checklist_answer_ids": [
                            Command.update(answer.id, {"value_text": "Fine"})
                        ]
                    },
                )
        message = self.refused(self.city, self.sheet, "action_share")
        self.assertIn("Goals?", message)
        self.rpc(self.city, answer, "write", {"value_text": "More customers"})
        self.share(self.city, self.sheet)
        self.refused(self.city, answer, "write", {"value_text": "Other goals"})
        self.rpc(self.ann, answer, "read", ["value_text"])
        self.refused(self.ann, answer, "write", {"value_text": "Other goals"})

    def test_nobody_follows(self):
        """Followers would be sent what they may not open."""
        self.share(self.city, self.sheet)
        self.rpc(
            self.ann,
            self.sheet,
            "message_subscribe",
            partner_ids=self.ann.partner_id.ids,
        )
        self.refused(
            self.ann,
            self.sheet,
            "write",
            {
                "message_follower_ids": [
                    Command.create(
                        {
                            "res_model": "stm.appraisal",
                            "partner_id": self.ann.partner_id.id,
                        }
                    )
                ]
            },
        )
        self.sheet.with_user(self.city).message_post(body="Well")
        opened = (
            self.env["stm.appraisal"]
            .with_user(self.city)
            .with_context(mail_create_nolog=False, tracking_disable=False)
            .create({"user_id": self.ben.id, "period_id": self.month(2).id})
        )
        self.assertFalse((self.sheet | opened).message_follower_ids)

    def test_paper_and_workbook(self):
        for user in (self.ann, self.ben):
            self.refused(user, self.sheet, "action_xlsx")
            with self.assertRaises(AccessError), mute_logger(*LOGGERS):
                self.sheet.with_user(user)._get_sheet()
            with self.assertRaises(AccessError), mute_logger(*LOGGERS):
                self.env["ir.actions.report"].with_user(user)._render_qweb_html(
                    "sales_team_mgmt.report_stm_appraisal", self.sheet.ids
                )
        self.share(self.city, self.sheet)
        self.assertTrue(self.sheet.with_user(self.ann)._get_sheet()["tables"])

    def test_hidden_again_after_it_was_sent_back(self):
        """A draft appeal, a reminder or the old chatter show no new points either."""
        self.share(self.city, self.sheet)
        appeal = self.appeal()
        appeal.action_submit()
        appeal.with_user(self.east).action_approve("Right.")
        before = self.sheet.score
        self.give(self.city, self.sheet, own=1)
        self.assertNotEqual(self.sheet.score, before)
        self.assertHidden(self.ann)
        [values] = self.rpc(self.ann, appeal, "read", ["score", "display_name"])
        self.assertEqual(values["score"], before)
        page = self.rpc(self.ann, appeal, "web_read", {"appraisal_id": {"fields": {}}})
        self.assertTrue(page)
        with mute_logger(*LOGGERS):
            messages = self.env["mail.message"].with_user(self.ann)
            self.assertFalse(
                messages.search(
                    [
                        ("model", "=", "stm.appraisal"),
                        ("res_id", "=", self.sheet.id),
                        ("author_id", "!=", self.ann.partner_id.id),
                    ]
                )
            )

    def test_events_that_nobody_has_decided_are_not_counted_for_the_person(self):
        self.share(self.city, self.sheet)
        self.event(self.city, self.ann, "complaint", confirm=False)
        [values] = self.rpc(self.ann, self.sheet, "read", ["undecided_events"])
        self.assertEqual(values["undecided_events"], 0)

    def test_export_as_a_file(self):
        """The columns of an export are read with the rights of whoever asks."""
        (self.city | self.ann).group_ids += self.env.ref("base.group_allow_export")
        fields_ = ["user_id/name", "score", "line_ids/why"]
        rows = self.rpc(self.city, self.sheet, "export_data", fields_)["datas"]
        self.assertEqual(len(rows), len(self.sheet.line_ids))
        self.refused(self.ann, self.sheet, "export_data", fields_)


@tagged("post_install", "-at_install")
@freeze_time(APRIL_2)
class TestWhoLeads(SheetCase):
    """Leaders change, are away, or are not there at all."""

    def test_a_leader_who_is_replaced_in_the_middle(self):
        self.score_ann(self.sheet, (10, 30, 20))
        self.team_city.user_id = self.ben
        self.refused(self.city, self.line(self.sheet, "own"), "write", {"given": "1"})
        self.refused(self.city, self.sheet, "read", ["score"])
        self.rpc(self.ben, self.line(self.sheet, "own"), "write", {"given": "25"})
        self.share(self.ben, self.sheet)
        self.assertEqual(self.sheet.interviewed_by_id, self.ben)
        # What the former leader gave stays.
        self.assertEqual(self.line(self.sheet, "weekly_summary").points_given, 10)
        # The new one has a sheet too, and does not score himself.
        self.refused(self.ben, self.sheets[self.ben], "read", ["score"])

    def test_a_stand_in_scores_but_not_the_leader(self):
        self.env["stm.substitution"].with_user(self.city).create(
            {"substitute_id": self.wei.id, "date_to": "2026-04-03"}
        )
        self.rpc(self.wei, self.line(self.sheet, "own"), "write", {"given": "20"})
        self.refused(self.wei, self.sheets[self.city], "read", ["score"])
        self.refused(self.wei, self.sheets[self.wei], "read", ["score"])
        with freeze_time("2026-04-04 02:00:00"):
            self.refused(
                self.wei, self.line(self.sheet, "own"), "write", {"given": "21"}
            )
        self.assertEqual(self.line(self.sheet, "own").points_given, 20)

    def test_hr_that_is_appraised(self):
        """Who works at HR neither sees nor closes the own sheet."""
        self.ann.group_ids += self.env.ref("sales_team_mgmt.group_hr")
        self.refused(self.ann, self.sheet, "read", ["score"])
        self.at_hr()
        for method in ("action_close", "action_send_back"):
            message = self.refused(self.ann, self.sheet, method)
            self.assertIn("nobody with the own sheet", message)
        self.refused(self.ann, self.sheet, "write", {"hr_comment": "Fine"})
        self.rpc(self.hr, self.sheet, "action_close")
        self.assertEqual(self.sheet.state, "closed")

    def test_nobody_above(self):
        """The general manager scores the head of the department; no duty is owed."""
        template = self.env.ref("sales_team_mgmt.appraisal_t2").copy(
            {
                "post_ids": [
                    Command.set(
                        self.env.ref("sales_team_mgmt.post_department_manager").ids
                    )
                ]
            }
        )
        template.date_from = "2026-01-01"
        template.action_release()
        sheet = self.open_sheets()[self.manager]
        self.assertFalse(sheet.duty_item_id)
        self.refused(self.manager, sheet, "read", ["score"])
        for line in sheet.line_ids.filtered("needs_points"):
            self.rpc(self.gm, line, "write", {"given": "5"})
        self.share(self.gm, sheet)
        self.rpc(self.manager, sheet, "action_acknowledge")
        self.rpc(self.gm, sheet, "action_send")
        self.assertEqual(sheet.state, "hr")

    def test_general_manager_below_whom_somebody_leads(self):
        for vals in ({"given": "1"}, {"comment": "x"}):
            self.refused(self.gm, self.line(self.sheet, "own"), "write", vals)
        self.assertIn(
            "Only a leader above Ann", self.refused(self.gm, self.sheet, "action_share")
        )

    def test_missing_stays_with_whoever_missed_it(self):
        """An open duty passes on to the new leader, a missed one does not."""
        duty = self.duties(self.city, "appraisal", about_user_id=self.ann.id)
        with freeze_time("2026-04-09 02:00:00"):
            self.cron("duties")
            self.assertEqual(duty.state, "missing")
            self.team_city.user_id = self.ben
            self.cron("duties")
        self.assertEqual(duty.user_id, self.city)

    def test_open_duty_follows_the_leader(self):
        duty = self.duties(self.city, "appraisal", about_user_id=self.ann.id)
        self.team_city.user_id = self.wei
        self.cron("duties")
        self.assertEqual(duty.user_id, self.wei)
        self.assertEqual(str(duty.due_at), "2026-04-08 10:00:00")

    def test_duty_of_a_sheet_that_comes_twice(self):
        """The first time counts; sent back, it is not owed once more."""
        self.at_hr()
        duty = self.sheet.duty_item_id
        self.assertEqual(duty.state, "on_time")
        first = duty.submitted_at
        hr = self.sheet.with_user(self.hr)
        hr.hr_comment = "Attendance of the 5th is missing."
        hr.action_send_back()
        with freeze_time("2026-04-20 02:00:00"):
            self.sheet.with_user(self.city).write(
                {"interview_date": "2026-04-20", "interview_comment": "Again."}
            )
            self.sheet.with_user(self.city).action_share()
            self.sheet.with_user(self.ann).action_acknowledge()
            self.sheet.with_user(self.city).action_send()
        self.assertEqual((duty.state, duty.submitted_at), ("on_time", first))
        self.assertFalse(self.sheet.hr_comment)

    def test_due_moment_is_still_in_time(self):
        self.acknowledged()
        with freeze_time("2026-04-08 10:00:00"):
            self.sheet.with_user(self.city).action_send()
        self.assertEqual(self.sheet.duty_item_id.state, "on_time")

    def test_a_person_in_two_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["stm.period"].action_create_year(2026, other.ids)
        self.env["ir.config_parameter"].set_param("sales_team.membership_multi", True)
        self.ann.company_ids += other
        chief = self.person("chief", "group_leader")
        chief.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        team = self.team("Elsewhere", chief, company_id=other.id)
        self.join(self.ann, team)
        march = self.env["stm.period"].search(
            [
                ("company_id", "=", other.id),
                ("kind", "=", "month"),
                ("date_from", "=", "2026-03-01"),
            ]
        )
        second = self.open_sheets(march)[self.ann]
        self.assertEqual((second.company_id, second.team_id), (other, team))
        self.assertEqual(self.sheet.company_id, self.company)
        for user, sheet in ((chief, self.sheet), (self.city, second)):
            self.refused(user, sheet, "read", ["score"])
        # An event of one company does not count in the other.
        self.event(self.city, self.ann, "policy_not_executed")
        self.sheet.with_user(self.city).action_refresh()
        second.with_user(chief).action_refresh()
        self.assertEqual(self.line(self.sheet, "distributor").points, 25)
        self.assertEqual(self.line(second, "distributor").points, 30)
