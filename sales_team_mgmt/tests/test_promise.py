from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .common import StmCase

# Monday 2026-03-02 in Shanghai.
MORNING = "2026-03-02 01:00:00"


class ContactCase(StmCase):
    """Promises, problems and contacts of Ann, and the cron that chases them."""

    def promise(self, user=None, due="2026-03-10", **values):
        user = user or self.ann
        return (
            self.env["stm.promise"]
            .with_user(user)
            .create(
                {
                    "name": "Ten samples",
                    "partner_id": self.customers[0].id,
                    "date_due": due,
                    **values,
                }
            )
        )

    def log(self, user=None, partner=None, **values):
        return (
            self.env["stm.contact.log"]
            .with_user(user or self.ann)
            .create(
                {
                    "partner_id": (partner or self.customers[0]).id,
                    "content": "Spring order",
                    **values,
                }
            )
        )

    def issue(self, user=None, **values):
        return (
            self.env["stm.customer.issue"]
            .with_user(user or self.ann)
            .create(
                {
                    "name": "Display damaged",
                    "partner_id": self.customers[0].id,
                    "kind": "outlet",
                    "action_plan": "Bring a new one",
                    **values,
                }
            )
        )

    def run_duties(self):
        """Everything that the cron does, through its record."""
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("sales_team_mgmt.ir_cron_duties").method_direct_trigger()
        self.env.invalidate_all()

    def item(self, document, code=None):
        items = self.env["stm.duty.item"]._find_of_records(document.sudo())
        return items.filtered(lambda i: not code or i.duty_key == code)

    def told(self, user, item):
        """Whether ``user`` was told of an item of the ladder."""
        return bool(item.sudo().activity_ids.filtered(lambda a: a.user_id == user))

    def kept_share(self, user, first="2026-03-01", last="2026-03-31"):
        indicator = self.env.ref("sales_team_mgmt.indicator_promises_kept")
        figure = indicator._measure(
            user, self.company, date.fromisoformat(first), date.fromisoformat(last)
        )[user]
        return figure.numerator, figure.denominator


@tagged("post_install", "-at_install")
@freeze_time(MORNING)
class TestPromise(ContactCase):
    """A promise is kept in time, or its deadline tells (FUP-19)."""

    def test_at_fup_04_ten_promises_nine_kept_is_ninety_percent(self):
        promises = self.env["stm.promise"].with_user(self.ann)
        for number in range(10):
            promises |= self.promise(due=f"2026-03-{22 + number}")
        for promise in promises[:9]:
            with freeze_time(f"{promise.date_due} 02:00:00"):
                promise.action_keep()
        last = promises[9]
        item = self.item(last)
        with freeze_time("2026-03-31 15:30:00"):
            # Half an hour before midnight in Shanghai
            self.run_duties()
            self.assertEqual(last.state, "open")
            self.assertFalse(self.told(self.city, item))
            self.assertTrue(self.told(self.ann, item))
        with freeze_time("2026-03-31 16:00:00"):
            # 00:00 on 1 April
            self.run_duties()
        self.assertEqual(set(promises[:9].mapped("state")), {"kept"})
        self.assertEqual(last.state, "broken")
        self.assertEqual(item.state, "missing")
        self.assertTrue(self.told(self.city, item))
        self.assertFalse(self.told(self.east, item))
        event = item.sudo().event_id
        self.assertEqual(event.type_id.code, "promise_broken")
        self.assertEqual((event.state, str(event.date)), ("proposed", "2026-03-31"))
        self.assertEqual(event.user_id, self.ann)
        self.assertEqual(self.kept_share(self.ann), (9, 10))
        self.assertEqual(self.kept_share(self.ann, "2026-04-01", "2026-04-30"), (0, 0))

    def test_kept_until_the_last_second_of_the_day_where_the_owner_is(self):
        for second, state in (
            ("15:59:59", "kept"),
            ("16:00:00", "broken"),
            ("16:01:00", "broken"),
        ):
            promise = self.promise()
            with freeze_time(f"2026-03-10 {second}"):
                promise.action_keep()
            with self.subTest(second=second):
                self.assertEqual(promise.state, state)
                self.assertEqual(
                    self.item(promise).state, "on_time" if state == "kept" else "late"
                )

    def test_the_day_is_the_one_of_the_owner_not_of_the_server(self):
        self.ann.tz = "America/New_York"
        promise = self.promise()
        # 23:30 in New York is 11:30 of the next day in Shanghai
        with freeze_time("2026-03-11 03:30:00"):
            self.run_duties()
            self.assertEqual(promise.state, "open")
            promise.action_keep()
        self.assertEqual(promise.state, "kept")

    def test_kept_late_stays_broken_and_counts_once(self):
        promise = self.promise()
        with freeze_time("2026-03-10 17:00:00"):
            self.run_duties()
        with freeze_time("2026-03-12 02:00:00"):
            self.run_duties()
            promise.action_keep()
            self.assertFalse(self.item(promise).activity_ids)
            with self.assertRaises(UserError):
                promise.action_keep()
        self.assertEqual(promise.state, "broken")
        self.assertEqual(str(promise.kept_at), "2026-03-12 02:00:00")
        self.assertEqual(self.item(promise).state, "late")
        events = self.env["stm.event"].search(
            [("type_id.code", "=", "promise_broken"), ("user_id", "=", self.ann.id)]
        )
        self.assertEqual(len(events), 1)
        self.assertEqual(self.kept_share(self.ann), (0, 1))

    def test_keeping_twice_changes_nothing(self):
        promise = self.promise()
        promise.action_keep()
        with freeze_time("2026-03-20 02:00:00"):
            with self.assertRaises(UserError):
                promise.action_keep()
            self.run_duties()
        self.assertEqual((promise.state, str(promise.kept_at)), ("kept", MORNING))
        self.assertEqual(len(self.item(promise)), 1)

    def test_the_ladder_is_climbed_once(self):
        promise = self.promise()
        for moment in ("2026-03-09 17:00:00", "2026-03-10 09:00:00"):
            with freeze_time(moment):
                self.run_duties()
                self.run_duties()
        # A day before, eight hours before: once each
        self.assertEqual(len(self.item(promise).activity_ids), 2)
        self.assertEqual(self.item(promise).activity_ids.user_id, self.ann)

    def test_a_holiday_moves_nothing_unless_the_duty_says_so(self):
        self.env["stm.day.exception"].create(
            {"name": "Holiday", "date": "2026-03-10", "is_workday": False}
        )
        promise = self.promise()
        self.assertEqual(str(self.item(promise).due_at), "2026-03-10 15:59:59")
        duty = self.env.ref("sales_team_mgmt.duty_promise")
        draft = self.env["stm.duty"].browse(duty.action_new_version()["res_id"])
        draft.due_shift = "next"
        draft.action_release()
        later = self.promise()
        self.assertEqual(str(self.item(later).due_at), "2026-03-11 15:59:59")
        # What was promised before is judged as it was then.
        promise.name = "Twelve samples"
        self.assertEqual(str(self.item(promise).due_at), "2026-03-10 15:59:59")
        with freeze_time("2026-03-11 02:00:00"):
            later.action_keep()
        self.assertEqual(later.state, "kept")

    def test_a_new_version_of_the_duty_opens_no_second_deadline(self):
        promise = self.promise()
        duty = self.env.ref("sales_team_mgmt.duty_promise")
        draft = self.env["stm.duty"].browse(duty.action_new_version()["res_id"])
        draft.action_release()
        self.env["stm.duty.item"]._follow_records(promise.sudo())
        self.assertEqual(len(self.item(promise)), 1)

    def test_without_a_duty_in_force_the_day_decides(self):
        self.env["stm.duty"].search([("model", "=", "stm.promise")]).active = False
        in_time, late = self.promise(), self.promise()
        self.assertFalse(self.item(in_time | late))
        with freeze_time("2026-03-10 15:59:59"):
            in_time.action_keep()
        with freeze_time("2026-03-10 16:00:00"):
            late.action_keep()
        self.assertEqual((in_time.state, late.state), ("kept", "broken"))

    # ------------------------------------------------------------
    # What was promised stays
    # ------------------------------------------------------------

    def test_nobody_moves_a_promise_silently(self):
        promise = self.promise()
        for user in (self.ann, self.city):
            for values in (
                {"date_due": "2026-03-20"},
                {"date_due": "2026-03-09"},
                {"partner_id": self.customers[1].id},
                {"kind": "collection"},
            ):
                with self.subTest(user=user.login, values=values):
                    with self.assertRaises(UserError):
                        promise.with_user(user).write(values)
        self.assertEqual(str(promise.date_due), "2026-03-10")
        # The same day is no change.
        promise.write({"date_due": "2026-03-10", "name": "Twelve samples"})
        self.assertEqual(promise.name, "Twelve samples")

    def test_a_superior_moves_it_with_a_reason(self):
        promise = self.promise()
        with self.assertRaises(AccessError):
            promise.action_move("2026-03-20", "Later is fine")
        mine = promise.with_user(self.city)
        for day, reason in (("2026-03-20", " "), (False, "Later")):
            self.assertEqual(
                mine.action_move(day, reason)["res_model"], "stm.promise.change"
            )
        for day in ("soon", "2026-02-30", 20):
            with self.assertRaisesRegex(UserError, "is no day"):
                mine.action_move(day, "Later is fine")
        self.assertEqual(str(promise.date_due), "2026-03-10")
        with freeze_time("2026-03-09 17:00:00"):
            self.run_duties()
        self.assertTrue(self.item(promise).activity_ids)
        mine.action_move("2026-03-20", "The customer is away")
        item = self.item(promise)
        self.assertEqual(str(item.due_at), "2026-03-20 15:59:59")
        self.assertFalse(item.activity_ids)
        self.assertIn("The customer is away", promise.message_ids[0].body)
        with freeze_time("2026-03-19 17:00:00"):
            # The ladder begins anew
            self.run_duties()
        self.assertTrue(item.activity_ids)
        with freeze_time("2026-03-20 16:00:00"):
            self.run_duties()
        self.assertEqual(promise.state, "broken")
        with self.assertRaises(UserError):
            mine.action_move("2026-03-30", "Again")
        with freeze_time("2026-03-30 02:00:00"), self.assertRaises(UserError):
            self.promise(due="2026-04-01").with_user(self.city).action_move(
                "2026-03-29", "Back in time"
            )

    def test_a_superior_calls_it_off_with_a_reason(self):
        promise = self.promise()
        with self.assertRaises(AccessError):
            promise.action_cancel("Not needed")
        for stranger in (self.ben, self.west, self.gm):
            with self.assertRaises(AccessError):
                promise.with_user(stranger).action_cancel("Not needed")
        wizard = Form(
            self.env["stm.promise.change"]
            .with_user(self.city)
            .with_context(
                **promise.with_user(self.city).action_cancel()["context"],
            )
        )
        wizard.reason = "The customer withdrew"
        wizard.save().action_confirm()
        self.assertEqual(promise.state, "cancelled")
        self.assertEqual(promise.cancel_reason, "The customer withdrew")
        self.assertEqual(self.item(promise).state, "waived")
        with freeze_time("2026-03-12 02:00:00"):
            self.run_duties()
        self.assertEqual(promise.state, "cancelled")
        self.assertFalse(self.item(promise).sudo().event_id)
        self.assertEqual(self.kept_share(self.ann), (0, 0))
        with self.assertRaises(UserError):
            promise.action_keep()

    def test_calling_off_a_broken_one_takes_the_event_back(self):
        promise = self.promise()
        with freeze_time("2026-03-11 02:00:00"):
            self.run_duties()
            event = self.item(promise).sudo().event_id
            self.assertTrue(event)
            promise.with_user(self.city).action_cancel("It was the customer’s fault")
        self.assertFalse(event.exists() and event.state != "dismissed")
        self.assertEqual(promise.state, "cancelled")

    def test_waiving_the_deadline_calls_the_promise_off(self):
        promise = self.promise()
        item = self.item(promise).with_user(self.city)
        item.waive_reason = "Ann is ill"
        item.action_waive()
        self.assertEqual(promise.state, "cancelled")
        self.assertEqual(promise.cancel_reason, "Ann is ill")

    def test_it_stays_in_the_register(self):
        promise = self.promise()
        for user in (self.ann, self.city, self.env.user):
            with self.assertRaises(UserError):
                promise.with_user(user).unlink()
        self.assertTrue(promise.exists())

    def test_what_the_system_fills_cannot_be_handed_in(self):
        for values in (
            {"state": "kept"},
            {"kept_at": MORNING},
            {"cancel_reason": "x"},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.promise(**values)
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.promise().write(values)

    def test_bad_days_and_amounts_are_refused(self):
        for values in (
            {"due": "2026-03-01"},
            {"date": "2026-03-03"},
            {"kind": "collection"},
            {"kind": "collection", "amount": -1},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.promise(**values)
        # It may well be due on the very day.
        self.assertEqual(self.promise(due="2026-03-02").state, "open")

    def test_leaders_keep_in_the_place_of_the_owner(self):
        for keeper in (self.ann, self.city, self.east, self.manager):
            promise = self.promise()
            promise.with_user(keeper).action_keep()
            self.assertEqual(promise.state, "kept")
        promise = self.promise()
        for stranger in (self.ben, self.wei, self.west, self.gm, self.finance, self.hr):
            with self.subTest(user=stranger.login), self.assertRaises(AccessError):
                promise.with_user(stranger).action_keep()
        self.assertEqual(promise.state, "open")

    # ------------------------------------------------------------
    # Payments that customers promise
    # ------------------------------------------------------------

    def test_a_payment_promised_is_chased_but_is_no_promise_of_ours(self):
        payment = self.promise(kind="collection", amount=5000)
        item = self.item(payment)
        self.assertEqual(item.duty_key, "collection_promise")
        with freeze_time("2026-03-10 16:00:00"):
            self.run_duties()
        self.assertEqual(payment.state, "broken")
        self.assertTrue(self.told(self.city, item))
        self.assertFalse(item.sudo().event_id)
        self.assertEqual(self.kept_share(self.ann), (0, 0))

    # ------------------------------------------------------------
    # Where it was made
    # ------------------------------------------------------------

    def test_made_in_a_visit_or_a_call(self):
        visit = self.visit(self.ann, self.customers[3], done=False)
        visit.write(
            {
                "promise_ids": [
                    Command.create({"name": "Price list", "date_due": "2026-03-04"})
                ]
            }
        )
        log = self.log(
            partner=self.customers[4],
            promise_ids=[Command.create({"name": "Call", "date_due": "2026-03-02"})],
        )
        promises = visit.promise_ids | log.promise_ids
        self.assertEqual(promises.partner_id, self.customers[3] | self.customers[4])
        self.assertEqual(promises.user_id, self.ann)
        self.assertEqual(len(self.item(promises)), 2)

    def test_a_visit_that_arrives_later_brings_its_day(self):
        visit = self.visit(self.ann, self.customers[3], done=False)
        with freeze_time("2026-03-04 02:00:00"):
            promise = self.promise(
                visit_id=visit.id, partner_id=self.customers[3].id, due="2026-03-02"
            )
            self.assertEqual(str(promise.date), "2026-03-02")
            self.run_duties()
        self.assertEqual(promise.state, "broken")

    def test_nothing_is_promised_in_the_visit_of_somebody_else(self):
        theirs = self.visit(self.ben, self.customers[3], done=False)
        mine = self.visit(self.ann, self.customers[3], done=False)
        with self.assertRaises(UserError):
            self.promise(visit_id=theirs.id, partner_id=self.customers[3].id)
        with self.assertRaisesRegex(ValidationError, "was not made in"):
            self.promise(visit_id=mine.id, partner_id=self.customers[4].id)
        call = self.log(partner=self.customers[3])
        with self.assertRaisesRegex(ValidationError, "was not made in"):
            self.promise(contact_log_id=call.id, partner_id=self.customers[4].id)
        with self.assertRaises(AccessError):
            self.promise(user_id=self.ben.id)

    # ------------------------------------------------------------
    # People come and go
    # ------------------------------------------------------------

    def test_open_promises_follow_their_owner_into_another_team(self):
        promise, kept = self.promise(due="2026-03-20"), self.promise()
        kept.action_keep()
        with freeze_time("2026-03-05 02:00:00"):
            self.env["stm.transfer"].with_user(self.manager).create(
                {
                    "user_id": self.ann.id,
                    "team_id": self.team_west.id,
                    "date": "2026-03-05",
                }
            ).action_transfer()
        self.assertEqual(promise.team_id, self.team_west)
        self.assertEqual(kept.team_id, self.team_city)
        item = self.item(promise)
        self.assertEqual((item.user_id, item.team_id), (self.ann, self.team_west))
        with freeze_time("2026-03-20 16:00:00"):
            self.run_duties()
        self.assertTrue(self.told(self.west, item))
        self.assertFalse(self.told(self.city, item))

    def test_what_somebody_who_left_has_promised_passes_on_to_the_leader(self):
        promise = self.promise()
        self.ann.sudo().active = False
        with freeze_time("2026-03-10 02:00:00"):
            self.run_duties()
        item = self.item(promise)
        self.assertEqual(item.user_id, self.city)
        self.assertTrue(self.told(self.city, item))
        with freeze_time("2026-03-10 03:00:00"):
            promise.with_user(self.city).action_keep()
        self.assertEqual((promise.state, item.state), ("kept", "on_time"))

    def test_a_broken_promise_stays_with_whoever_broke_it(self):
        promise = self.promise()
        with freeze_time("2026-03-10 16:00:00"):
            self.run_duties()
        self.ann.sudo().active = False
        with freeze_time("2026-03-12 02:00:00"):
            self.run_duties()
            self.env["stm.duty.item"]._follow_records(promise.sudo())
        self.assertEqual(self.item(promise).user_id, self.ann)

    # ------------------------------------------------------------
    # Closed periods
    # ------------------------------------------------------------

    def test_what_became_of_it_is_written_after_the_month_was_closed(self):
        promise = self.promise(due="2026-03-31")
        march = self.env["stm.period"].create(
            {"name": "2026-03", "date_from": "2026-03-01", "date_to": "2026-03-31"}
        )
        with freeze_time("2026-03-31 15:00:00"):
            march.with_user(self.manager).action_close("work")
        with freeze_time("2026-04-01 02:00:00"):
            self.run_duties()
            self.assertEqual(promise.state, "broken")
            with self.assertRaises(UserError):
                promise.with_user(self.city).action_cancel("Too late")
            self.assertEqual(promise.state, "broken")
            promise.action_keep()
        self.assertEqual(str(promise.kept_at), "2026-04-01 02:00:00")
        with self.assertRaises(UserError):
            self.promise(due="2026-03-20")

    # ------------------------------------------------------------
    # Cost
    # ------------------------------------------------------------

    def test_many_promises_cost_as_many_statements_as_a_few(self):
        def values(count):
            return [
                {
                    "name": f"Promise {number}",
                    "partner_id": self.customers[number % 20].id,
                    "date_due": fields.Date.to_date("2026-03-10")
                    + timedelta(days=number % 3),
                }
                for number in range(count)
            ]

        model = self.env["stm.promise"].with_user(self.ann)
        counts = []
        for size in (5, 5, 60):
            rows = values(size)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            promises = model.create(rows)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(self.item(promises)), size)
        self.assertLessEqual(counts[2], counts[1] + 3, counts)

    def test_keeping_many_costs_as_many_statements_as_keeping_a_few(self):
        counts = []
        for size in (5, 5, 60):
            promises = self.env["stm.promise"].with_user(self.ann)
            promises = promises.create(
                [
                    {
                        "name": f"Promise {number}",
                        "partner_id": self.customers[0].id,
                        "date_due": "2026-03-10",
                    }
                    for number in range(size)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            promises.action_keep()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(set(promises.mapped("state")), {"kept"})
        self.assertLessEqual(counts[2], counts[1] + 5, counts)
