from datetime import date
from math import inf, nan

from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from .test_appraisal import APRIL_2
from .test_appraisal_rights import LOGGERS, SheetCase


@tagged("post_install", "-at_install")
@freeze_time(APRIL_2)
class TestForgedSheets(SheetCase):
    """Nobody gets points, words or states into a sheet by the back door."""

    def test_a_sheet_is_opened_with_person_and_period_only(self):
        """Neither dates of another month nor the words of others can be handed in."""
        base = {"user_id": self.ann.id, "period_id": self.month(2).id}
        Sheet = self.env["stm.appraisal"]
        system = ("line_ids", "part_ids", "template_id", "score", "message_ids")
        for vals in (
            {"date_to": "2025-12-31"},
            {"date_from": "2025-12-01"},
            {"state": "closed"},
            {"score": 100, "has_score": True},
            {"self_comment": "I was lazy"},
            {"answer": "I agree"},
            {"hr_comment": "Fine"},
            {"interview_comment": "As always", "interview_date": "2026-04-01"},
            {"line_ids": [Command.create({"points": 100})]},
            {"part_ids": [Command.create({"points": 100})]},
            {"appeal_ids": [Command.create({"reason": "x"})]},
            {"checklist_answer_ids": [Command.create({"value_text": "x"})]},
            {"message_ids": [Command.create({"body": "x"})]},
            {"team_id": self.team_west.id},
            {"template_id": self.env.ref("sales_team_mgmt.appraisal_t1").id},
            {"interviewed_by_id": self.east.id},
            {"sent_at": "2026-04-01 00:00:00"},
        ):
            with self.subTest(vals=vals):
                self.refused(self.city, Sheet, "create", [{**base, **vals}])
                context = {f"default_{name}": value for name, value in vals.items()}
                [id_] = self.rpc(self.city, Sheet, "create", [base], context=context)
                sheet = Sheet.browse(id_)
                self.assertEqual(
                    (sheet.state, sheet.date_from, sheet.date_to, sheet.team_id),
                    ("scoring", date(2026, 2, 1), date(2026, 2, 28), self.team_city),
                )
                for name in vals.keys() - {"state", "date_from", "date_to", "team_id"}:
                    if name not in system:
                        self.assertFalse(sheet[name], name)
                self.assertEqual(sheet.template_id.code, "t3")
                self.assertFalse(sheet.has_score)
                sheet.sudo().unlink()

    def test_not_before_the_period_is_over(self):
        """A month of which two days are over is neither opened nor discussed."""
        with freeze_time("2026-03-31 02:00:00"):
            message = self.refused(
                self.city,
                self.env["stm.appraisal"],
                "create",
                [{"user_id": self.ann.id, "period_id": self.month(3).id}],
            )
        self.assertIn("is not over yet", message)
        self.refused(
            self.city,
            self.env["stm.appraisal"],
            "create",
            [{"user_id": self.ann.id, "period_id": self.month(4).id}],
        )

    def test_only_a_leader_above_or_hr_opens_a_sheet(self):
        for user in (self.ann, self.ben, self.west, self.gm, self.finance):
            with self.subTest(user=user.login):
                self.refused(
                    user,
                    self.env["stm.appraisal"],
                    "create",
                    [{"user_id": self.ann.id, "period_id": self.month(2).id}],
                )
        [id_] = self.rpc(
            self.hr,
            self.env["stm.appraisal"],
            "create",
            [{"user_id": self.ann.id, "period_id": self.month(2).id}],
        )
        self.assertEqual(self.sheet.browse(id_).team_id, self.team_city)

    def test_import_and_copy(self):
        """An import goes the same way as a call; a copy would be a second sheet."""
        Sheet = self.env["stm.appraisal"]
        for names, row in (
            (["user_id/.id", "period_id/.id", "score"], ["100"]),
            (["user_id/.id", "period_id/.id", "state"], ["Closed"]),
            (["user_id/.id", "period_id/.id", "interview_comment"], ["x"]),
        ):
            data = [[str(self.ann.id), str(self.month(2).id), *row]]
            before = Sheet.search_count([])
            with mute_logger(*LOGGERS):
                result = self.rpc(self.city, Sheet, "load", names, data)
            self.assertFalse(result["ids"], names)
            self.assertTrue(result["messages"], names)
            self.assertEqual(Sheet.search_count([]), before)
        with (
            self.assertRaisesRegex(Exception, "stm_appraisal_uniq"),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.rpc(self.city, self.sheet, "copy")

    def test_commands_on_lines_and_parts(self):
        """By ``web_save``, with commands of every kind, also on lines of others."""
        own = self.line(self.sheet, "own")
        other = self.line(self.sheets[self.ben], "own")
        part = self.sheet.part_ids[0]
        item = own.item_id.id
        commands = (
            [("line_ids", c) for c in self.commands(own, {"points": 30})]
            + [("line_ids", c) for c in self.commands(other, {"given": "1"})[1:]]
            + [("line_ids", Command.create({"item_id": item, "given": "1"}))]
            + [("part_ids", c) for c in self.commands(part, {"points": 100})]
        )
        for name, command in commands:
            for method, extra in (("write", []), ("web_save", [{"id": {}}])):
                with self.subTest(field=name, command=command, method=method):
                    self.refused(
                        self.city, self.sheet, method, {name: [command]}, *extra
                    )
        self.rpc(
            self.city,
            self.sheet,
            "web_save",
            {"line_ids": [Command.update(own.id, {"given": "25"})]},
            {"line_ids": {"fields": {"points": {}}}},
        )
        self.assertEqual(own.points, 25)

    def commands(self, record, vals):
        return [
            Command.update(record.id, vals),
            Command.delete(record.id),
            Command.unlink(record.id),
            Command.clear(),
            Command.set([]),
        ]

    def test_lines_of_another_sheet_are_not_drawn_in(self):
        other = self.line(self.sheets[self.wei], "own")
        for command in (Command.link(other.id), Command.update(other.id, {"given": 1})):
            self.refused(self.city, self.sheet, "write", {"line_ids": [command]})
        self.assertEqual(other.appraisal_id, self.sheets[self.wei])
        self.assertFalse(other.is_given)

    def test_points_that_come_from_a_rule_are_not_given(self):
        """They would be accepted and then ignored."""
        for code in ("absence", "distributor"):
            line = self.line(self.sheet, code)
            message = self.refused(self.city, line, "write", {"given": "1"})
            self.assertIn("come from its rule", message)
        message = self.refused(
            self.city, self.line(self.sheet, "own"), "write", {"judged": "1"}
        )
        self.assertIn("no event", message)

    def test_two_leaders_at_the_same_moment_meet_in_the_sheet(self):
        """Points of two sections: neither makes a score, yet the sheet is written.

        Otherwise both would add up without the other's points, and none would notice.
        """
        where = SQL("SELECT ctid FROM stm_appraisal WHERE id = %s", self.sheet.id)
        self.env.flush_all()
        places = set()
        for text in ("5", "5", "6"):
            self.rpc(self.city, self.line(self.sheet, "own"), "write", {"given": text})
            self.env.flush_all()
            places.update(self.env.execute_query(where))
        self.assertFalse(self.sheet.has_score)
        self.assertEqual(len(places), 3)

    def test_bulk_acts_do_all_or_nothing(self):
        mixed = self.sheet | self.sheets[self.ben]
        self.score_ann(self.sheet)
        self.sheet.with_user(self.city).write(
            {"interview_date": "2026-04-01", "interview_comment": "Well."}
        )
        message = self.refused(self.city, mixed, "action_share")
        self.assertIn("Ben", message)
        self.assertEqual(set(mixed.mapped("state")), {"scoring"})
        self.rpc(self.city, self.sheet, "action_share")
        self.rpc(self.ann, self.sheet, "action_acknowledge")
        for method in ("action_share", "action_send", "action_refresh"):
            self.refused(self.city, mixed, method)
        foreign = self.sheet | self.sheets[self.wei]
        self.refused(self.city, foreign, "action_send")
        self.rpc(self.city, self.sheet, "action_send")
        self.refused(self.hr, mixed, "action_close")
        self.assertEqual(mixed.mapped("state"), ["hr", "scoring"])

    def test_an_appeal_in_the_name_of_somebody_else(self):
        """Neither by values nor by the context: it would block the person's own."""
        self.shared()
        Appeal = self.env["stm.appraisal.appeal"]
        values = {"appraisal_id": self.sheet.id, "reason": "x"}
        for user in (self.ben, self.wei, self.city, self.hr, self.gm):
            with self.subTest(user=user.login):
                self.refused(user, Appeal, "create", [values])
                self.refused(
                    user,
                    Appeal,
                    "create",
                    [{"reason": "x"}],
                    context={"default_appraisal_id": self.sheet.id},
                )
                self.refused(
                    user, Appeal, "create", [{**values, "user_id": self.ann.id}]
                )
        [id_] = self.rpc(
            self.ann,
            Appeal,
            "create",
            [{"reason": "Too few."}],
            context={"default_appraisal_id": self.sheet.id, "default_score": 1},
        )
        self.assertEqual(Appeal.browse(id_).score, self.sheet.score)
        self.refused(self.ann, Appeal.browse(id_), "write", {"score": 100})
        self.refused(self.ann, Appeal.browse(id_), "write", {"state": "approved"})

    def test_an_exception_in_the_name_of_the_leader(self):
        """Only who could send the sheet asks; nobody learns why it is stopped."""
        self.shared()
        Exemption = self.env["stm.gate.exception"]
        values = {"model": "stm.appraisal", "res_id": self.sheet.id, "act": "send"}
        context = {f"default_{name}": value for name, value in values.items()}
        for user in (self.ann, self.ben, self.wei, self.west, self.gm):
            with self.subTest(user=user.login):
                self.refused(user, Exemption, "create", [{**values, "reason": "Ill"}])
                self.refused(
                    user, Exemption, "create", [{"reason": "Ill"}], context=context
                )
                self.refused(user, self.sheet, "action_ask_exception", "send")
        for act in ("share", "close"):
            self.refused(self.city, self.sheet, "action_ask_exception", act)
        self.rpc(self.city, self.sheet, "action_ask_exception", "send")

    def test_every_refusal_says_whose_turn_it_is(self):
        line = self.line(self.sheet, "own")
        comment = {"interview_comment": "x"}
        for act, sentence in (
            (None, "A leader above Ann gives the points"),
            (self.shared, "Ann reads and answers it"),
            (self.sheet.with_user(self.ann).action_acknowledge, "sends it to HR"),
            (self.sheet.with_user(self.city).action_send, "HR checks it"),
            (self.sheet.with_user(self.hr).action_close, "stays as it is"),
        ):
            if act:
                act()
            for user in (self.manager, self.gm) if act else (self.gm,):
                self.assertIn(
                    sentence, self.refused(user, self.sheet, "write", comment)
                )
                self.assertIn(
                    sentence, self.refused(user, line, "write", {"comment": "x"})
                )

    def test_an_appeal_that_comes_too_late(self):
        appeal_of = self.shared()
        appeal = self.appeal()
        appeal_of.with_user(self.ann).action_acknowledge()
        self.refused(self.ann, appeal, "action_submit")
        self.assertEqual((appeal.state, appeal_of.state), ("draft", "acknowledged"))

    def test_withdrawn_appeal_asks_the_person_again(self):
        sheet = self.shared()
        appeal = self.appeal()
        appeal.action_submit()
        self.assertFalse(sheet.activity_ids)
        appeal.action_withdraw()
        self.assertEqual(sheet.state, "shared")
        self.assertEqual(sheet.activity_ids.user_id, self.ann)

    def test_closed_lines_and_answers_of_everybody(self):
        sheet = self.at_hr()
        sheet.with_user(self.hr).action_close()
        line = self.line(sheet, "own")
        snapshot = sheet.read() + sheet.line_ids.read() + sheet.part_ids.read()
        for user in (self.ann, self.city, self.east, self.manager, self.hr, self.gm):
            for record, vals in (
                (sheet, {"line_ids": [Command.update(line.id, {"given": "1"})]}),
                (sheet, {"date_to": "2026-04-30"}),
                (sheet, {"company_id": self.company.id, "answer": "x"}),
                (line, {"points_given": 1}),
                (line, {"why": "x"}),
                (line, {"proposal": 1}),
                (sheet.part_ids[0], {"points": 100}),
            ):
                with self.subTest(user=user.login, vals=vals):
                    self.refused(user, record, "write", vals)
            for record in (sheet, line, sheet.part_ids[0]):
                self.refused(user, record, "unlink")
            for method in ("action_send_back", "action_share", "action_refresh"):
                self.refused(user, sheet, method)
        self.env.invalidate_all()
        after = sheet.read() + sheet.line_ids.read() + sheet.part_ids.read()
        self.assertEqual(after, snapshot)


@tagged("post_install", "-at_install")
@freeze_time(APRIL_2)
class TestFactsThatChange(SheetCase):
    """What happens between opening, scoring, sharing and closing."""

    def test_the_talk_is_held_again_when_hr_sends_back(self):
        sheet = self.at_hr()
        hr = sheet.with_user(self.hr)
        self.assertIn(
            "what has to be corrected", self.refused(self.hr, sheet, "action_send_back")
        )
        hr.hr_comment = "Attendance of the 5th is missing."
        hr.action_send_back()
        self.assertFalse(sheet.interview_date or sheet.interview_comment)
        self.assertFalse(sheet.shared_at or sheet.acknowledged_at)
        message = self.refused(self.city, sheet, "action_share")
        self.assertIn("face to face", message)
        chatter = " ".join(sheet.message_ids.mapped("body"))
        self.assertIn("Plan earlier.", chatter)
        self.assertIn("Attendance of the 5th", chatter)
        again = {"interview_date": "2026-04-01", "interview_comment": "Put right."}
        message = self.refused(self.city, sheet, "write", again)
        self.assertIn("Hold the talk again", message)
        self.rpc(self.city, sheet, "write", {**again, "interview_date": "2026-04-02"})
        sheet.with_user(self.city).action_share()
        self.assertEqual(sheet.state, "shared")

    def test_the_talk_is_held_again_when_an_appeal_is_upheld(self):
        sheet = self.shared()
        sheet.with_user(self.ann).answer = "<b>No</b>, I was there."
        appeal = self.appeal()
        appeal.action_submit()
        appeal.with_user(self.east).action_approve("She was.")
        self.assertFalse(
            sheet.interview_date or sheet.interview_comment or sheet.answer
        )
        chatter = " ".join(sheet.message_ids.mapped("body"))
        self.assertIn("Plan earlier.", chatter)
        self.assertIn("&lt;b&gt;No&lt;/b&gt;, I was there.", chatter)
        self.refused(self.city, sheet, "action_share")

    def test_an_appeal_that_is_not_upheld_keeps_the_talk(self):
        sheet = self.shared()
        appeal = self.appeal()
        appeal.action_submit()
        appeal.with_user(self.east).action_return("Seen with own eyes.")
        self.assertEqual(sheet.interview_comment, "Plan earlier.")

    def test_nothing_is_shared_that_was_not_discussed(self):
        """An absence after scoring: the leader sees the new score first."""
        self.score_ann(self.sheet)
        before = self.sheet.score
        self.absent(self.city, self.ann, "2026-03-05")
        self.sheet.with_user(self.city).write(
            {"interview_date": "2026-04-01", "interview_comment": "Well."}
        )
        message = self.refused(self.city, self.sheet, "action_share")
        self.assertIn("96.5 became 95.3", message)
        self.assertEqual((self.sheet.state, self.sheet.score), ("scoring", before))
        self.rpc(self.city, self.sheet, "action_refresh")
        self.rpc(self.city, self.sheet, "action_share")
        self.assertEqual((self.sheet.state, self.sheet.score), ("shared", 95.3))

    def test_what_comes_late_and_what_is_taken_back(self):
        """The figure of the day of sharing counts, and stays."""
        indicator = self.env["stm.indicator"].create(
            {"name": "Calls", "code": "sample", "source": "visits_done"}
        )
        sheet, line = self.measured_sheet(indicator)
        self.assertEqual((line.has_figure, line.points), (True, 0))
        visit = self.visit(self.ben, self.customers[0], "2026-03-30 02:00:00")
        sheet.with_user(self.city).write(
            {"interview_date": "2026-04-01", "interview_comment": "Well."}
        )
        self.assertIn("became", self.refused(self.city, sheet, "action_share"))
        sheet.with_user(self.city).action_refresh()
        sheet.with_user(self.city).action_share()
        self.assertEqual((line.numerator, line.points), (1, 10))
        visit.sudo().state = "cancelled"
        self.env["stm.measure"]._refresh(self.march, indicator)
        self.cron("appraisals")
        self.assertEqual((line.numerator, line.points), (1, 10))

    def measured_sheet(self, indicator, **values):
        """Ben's sheet of March under a template with one measured item."""
        template = self.env["stm.appraisal.template"].create(
            {
                "name": "Measured",
                "code": "m",
                "user_ids": [Command.set(self.ben.ids)],
                "date_from": "2026-01-01",
                "section_ids": [
                    Command.create(
                        {
                            "name": "All",
                            "item_ids": [
                                Command.create(
                                    {
                                        "name": "Calls",
                                        "kind": "rate",
                                        "indicator_id": indicator.id,
                                        "target": 1,
                                        **values,
                                    }
                                )
                            ],
                        }
                    )
                ],
            }
        )
        template.action_release()
        sheets = self.env["stm.appraisal"].search(
            [("period_id", "=", self.march.id), ("user_id", "=", self.ben.id)]
        )
        sheets.unlink()
        sheet = self.open_sheets()[self.ben]
        return sheet, sheet.line_ids

    def test_an_indicator_that_is_no_longer_measured(self):
        """A clear sentence, and the leader gives the points instead."""
        for number, change in enumerate(({"active": False}, {"source": "gone"})):
            with self.subTest(change=change):
                indicator = self.env["stm.indicator"].create(
                    {
                        "name": "Calls",
                        "code": f"calls{number}",
                        "source": "visits_done",
                    }
                )
                self.visit(self.ben, self.customers[number], "2026-03-30 02:00:00")
                sheet, line = self.measured_sheet(indicator)
                self.assertEqual(line.points, 10)
                self.refused(self.city, line, "write", {"given": "7"})
                indicator.write(change)
                self.rpc(self.city, sheet, "action_refresh")
                self.assertFalse(line.has_points)
                self.assertEqual(
                    line.why,
                    "“Calls” is no longer measured: the points have to be given.",
                )
                self.assertTrue(line.needs_points)
                self.assertIn("Calls", self.refused(self.city, sheet, "action_share"))
                self.rpc(self.city, line, "write", {"given": "7"})
                self.assertEqual((line.points, sheet.score), (7, 7))
                self.assertIn("no longer measured", line.why)
                self.share(self.city, sheet)
                sheet.template_id.active = False

    def test_a_frozen_figure_outlives_its_indicator(self):
        indicator = self.env["stm.indicator"].create(
            {"name": "Calls", "code": "sample", "source": "visits_done"}
        )
        self.visit(self.ben, self.customers[0], "2026-03-30 02:00:00")
        sheet, line = self.measured_sheet(indicator)
        self.march.action_close("targets")
        indicator.source = "gone"
        self.rpc(self.city, sheet, "action_refresh")
        self.assertEqual((line.has_figure, line.points), (True, 10))

    def ranged_sheet(self):
        """Ann's sheet with a deduction that is judged: 2 to 5 points an event."""
        template = self.env.ref("sales_team_mgmt.appraisal_t3")
        draft = template.browse(template.action_new_version()["res_id"])
        item = draft.section_ids[0].item_ids[0]
        item.deduction_ids[1:].unlink()
        item.deduction_ids.write({"mode": "range", "points": 2, "most": 5})
        draft.write(
            {"user_ids": [Command.set(self.ann.ids)], "date_from": "2026-01-01"}
        )
        draft.action_release()
        self.sheet.sudo().unlink()
        self.event(self.city, self.ann, item.deduction_ids.event_type_id.code)
        sheet = self.open_sheets()[self.ann]
        return sheet, sheet.line_ids[0], item.deduction_ids.event_type_id.code

    def test_a_judgement_that_does_not_fit_any_more(self):
        """One more event stops neither the night nor the leader, who judges again."""
        sheet, line, code = self.ranged_sheet()
        self.assertTrue(line.needs_judgement)
        for text in ("1.99", "5.01", "-3"):
            self.assertIn(
                "deduct from 2 to 5",
                self.refused(self.city, line, "write", {"judged": text}),
            )
        self.rpc(self.city, line, "write", {"judged": "5"})
        self.assertEqual(line.points, 25)
        self.event(self.city, self.ann, code, "2026-03-11")
        self.event(self.city, self.ann, code, "2026-03-12")
        sheet.filled_at = "2026-04-01 00:00:00"
        others = self.env["stm.appraisal"]._take_stale("2100-01-01 00:00:00", 100)
        others._fill()
        self.assertFalse(line.has_points)
        self.assertIn("judge from 6 to 15", line.why)
        self.rpc(self.city, line, "write", {"judged": "9"})
        self.assertEqual(line.points, 21)

    def test_events_after_sharing(self):
        """Confirmed or dismissed later, they change no shared sheet."""
        event = self.event(self.city, self.ann, "policy_not_executed")
        self.sheet.with_user(self.city).action_refresh()
        sheet = self.shared()
        line, score = self.line(sheet, "distributor"), sheet.score
        self.assertEqual(line.points, 25)
        event.with_user(self.city).action_dismiss("A mistake")
        self.event(self.city, self.ann, "policy_not_executed", "2026-03-11")
        self.cron("appraisals")
        self.assertEqual((line.points, sheet.score), (25, score))
        self.assertEqual(line.event_ids, event)

    def test_a_template_that_is_replaced_in_between(self):
        """Sheets stay with the version they were opened with."""
        template = self.sheet.template_id
        draft = template.browse(template.action_new_version()["res_id"])
        draft.section_ids[0].weight, draft.section_ids[1].weight = 60, 40
        draft.date_from = "2026-03-15"
        draft.action_release()
        template.active = False
        self.score_ann(self.sheet)
        self.assertEqual(self.sheet.template_id, template)
        self.assertEqual(self.sheet.score_why, "95 × 70 % + 100 × 30 % = 96.5.")

    def test_a_broken_template_says_so_and_stops_nobody(self):
        """Whatever the superuser did to the weights: a sentence, no traceback."""
        self.score_ann(self.sheet)
        self.sheet.template_id.section_ids[0].sudo().weight = 60
        self.env["stm.appraisal"].search([])._fill()
        self.assertFalse(self.sheet.has_score)
        self.assertEqual(self.sheet.score_why, "The weights make 90 %, not 100 %.")
        self.rpc(self.city, self.sheet, "action_refresh")
        message = self.refused(self.city, self.sheet, "action_share")
        self.assertIn("The weights make 90 %", message)

    def test_rules_without_ordinary_numbers_are_not_released(self):
        for number in (nan, inf, -inf, 1e15):
            template = self.env.ref("sales_team_mgmt.appraisal_t3")
            draft = template.browse(template.action_new_version()["res_id"])
            item = draft.section_ids[0].item_ids[0]
            with (
                self.subTest(number=number),
                self.assertRaises(Exception) as refusal,
                self.cr.savepoint(),
                mute_logger("odoo.sql_db"),
            ):
                item.points = number
                draft.action_release()
            self.assertIn("not ordinary numbers", str(refusal.exception))
            self.env.invalidate_all()

    def test_february_and_a_quarter(self):
        """28 days, four weeks; and a quarter of its own, apart from the months."""
        february = self.open_sheets(self.month(2))[self.ann]
        self.assertEqual(str(february.date_to), "2026-02-28")
        self.event(self.city, self.ann, "policy_not_executed", "2026-02-28")
        self.event(self.city, self.ann, "policy_not_executed", "2026-03-01")
        february.with_user(self.city).action_refresh()
        self.assertEqual(self.line(february, "distributor").points, 25)
        template = self.env.ref("sales_team_mgmt.appraisal_t3").copy(
            {"period_kind": "quarter"}
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
        self.assertEqual(sheet.line_ids[0].event_count, 2)
        self.assertEqual(sheet.line_ids[0].points, 20)
        self.assertFalse(sheet.duty_item_id)
        self.give_all(sheet)
        self.assertFalse(sheet.weak_reason)

    def give_all(self, sheet):
        for line in sheet.line_ids.filtered("needs_points"):
            line.with_user(self.city).given = "0"

    def test_a_period_that_closes_under_every_state(self):
        """Each act is refused with the same sentence; nothing is lost."""
        acts = (
            ("acknowledged", self.ann, "action_acknowledge"),
            ("hr", self.city, "action_send"),
            ("closed", self.hr, "action_close"),
        )
        sheet = self.shared()
        for state, user, act in acts:
            closing = self.env["stm.period.closing"].create(
                {"period_id": self.march.id, "area": "appraisal"}
            )
            before = sheet.state
            self.assertIn("closed", self.refused(user, sheet, act))
            self.assertEqual(sheet.state, before)
            closing.unlink()
            self.rpc(user, sheet, act)
            self.assertEqual(sheet.state, state)

    def test_figures_are_written_out(self):
        """No 1e+06 on a sheet of paper."""
        line = self.line(self.sheet, "own")
        line.sudo().write({"points_given": 1234567.25, "is_given": True})
        self.assertEqual(line.given, "1234567.25")
        template = line.item_id.template_id
        draft = template.browse(template.action_new_version()["res_id"])
        item = draft.section_ids[0].item_ids[0]
        item.write({"kind": "units", "unit": 1000000})
        self.assertIn("per 1000000 of", item.rule_text)


@tagged("post_install", "-at_install")
@freeze_time(APRIL_2)
class TestListSpeed(SheetCase):
    """A page of sheets costs as many statements as one sheet."""

    def count(self, sheets, user, names):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        # As found by a search, so that they are read together.
        sheets.browse(sheets.ids).with_user(user).read(names)
        return self.cr.sql_log_count - before

    def test_list_and_form(self):
        for number in range(40):
            user = self.person(f"crowd{number}", "group_salesperson")
            self.join(user, self.team_city)
        many = self.env["stm.appraisal"]._open_all(self.march)
        self.assertGreaterEqual(len(many), 40)
        names = [
            "allowed_acts",
            "weak_reason",
            "undecided_events",
            "stm_can_ask_exception",
            "duty_sentence",
            "appeal_count",
            "display_name",
        ]
        for user in (self.city, self.manager, self.hr, self.gm):
            with self.subTest(user=user.login):
                few = self.count(many[:2], user, names)
                all_ = self.count(many, user, names)
                self.assertLessEqual(all_, few + 3)
        lines = ["given", "figure", "event_count", "needs_points", "rule_text", "why"]
        few = self.count(many[:2].line_ids, self.city, lines)
        all_ = self.count(many.line_ids, self.city, lines)
        self.assertLessEqual(all_, few + 3)

    def test_reminding_many_people(self):
        for number in range(20):
            user = self.person(f"crowd{number}", "group_salesperson")
            self.join(user, self.team_city)
        sheets = self.env["stm.appraisal"]._open_all(self.march)
        counts = []
        for batch in (sheets[:2], sheets[2:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            batch.with_user(self.city)._remind_persons()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 3)
