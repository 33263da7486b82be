from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Datetime
from odoo.tests import freeze_time, tagged

from .test_visit_phone import METRE, NOW, SHOP, PhoneCase, picture

MONDAY = "2026-03-02"


class ProofCase(PhoneCase):
    """Ann with a phone; most visits are in a plan that was approved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.stm_visit_notice = "none"

    def shop_at(self, metres):
        """Another customer, so many metres north of the first one."""
        number = 1 + self.env["res.partner"].search_count([("city", "=", "Here")])
        shop = self.customers[number]
        shop.write(
            {
                "city": "Here",
                "partner_latitude": SHOP[0] + metres * METRE,
                "partner_longitude": SHOP[1],
            }
        )
        return shop

    def check_in(self, visit, metres=0, user=None, **data):
        position = self.position(metres)
        return self.do("check_in", visit, user=user, position=position, **data)

    def made(self, metres=0, minutes=0, partner=None, user=None):
        """A visit begun so many minutes after nine, at its customer, and left."""
        partner = partner or self.shop_at(metres)
        with freeze_time(datetime.fromisoformat(NOW) + timedelta(minutes=minutes)):
            visit = self.planned(user=user, partner=partner)
            self.check_in(visit, metres, user=user)
        visit.sudo().write({"state": "done", "done_at": Datetime.now()})
        return visit

    def raised(self, user=None):
        domain = [("user_id", "=", (user or self.ann).id)]
        return self.env["stm.visit.exception"].search(domain, order="id")

    def kinds(self, user=None):
        return sorted(self.raised(user).mapped("kind"))

    def tell(self):
        """What the scheduled action does a moment after."""
        cron = self.env.ref("sales_team_mgmt.ir_cron_visit_exceptions_announce")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()

    def digests(self):
        """Activities about exceptions."""
        return self.env["mail.activity"].search(
            [("res_model", "=", "stm.visit.exception")]
        )

    def some_exceptions(self, count=1, user=None):
        """Exceptions as a check-in raises them."""
        user = user or self.ann
        visits = self.env["stm.visit"]
        for number in range(count):
            visits |= self.visit(
                user, self.customers[number], f"2026-03-02 0{number % 9}:00:00"
            )
        return self.env["stm.visit.exception"]._raise(
            [
                visit._prepare_exception("outside", "3 km from the customer")
                for visit in visits
            ]
        )


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestRaised(ProofCase):
    """What a check-in, a photo and the cron find odd."""

    def test_a_verified_check_in_raises_nothing(self):
        self.check_in(self.planned())
        self.assertFalse(self.raised())

    def test_outside_and_unverified_need_a_look(self):
        first, second = self.planned(), self.planned(partner=self.shop_at(0))
        self.check_in(first, 3000, reason="Met him at the market")
        exception = self.raised()
        self.assertEqual(exception.kind, "outside")
        self.assertEqual(exception.visit_id, first)
        self.assertEqual(exception.visit_reason, "Met him at the market")
        self.assertEqual(exception.note, first.verdict_note)
        self.assertEqual(exception.team_id, self.team_city)
        first.sudo().write({"state": "done", "done_at": Datetime.now()})
        with freeze_time("2026-03-02 08:00:00"):
            self.do("check_in", second, position=None, error="denied", reason="No")
        self.assertEqual(self.kinds(), ["outside", "unverified"])

    def test_a_wrong_clock_has_its_own_kind(self):
        visit = self.planned()
        ahead = self.stamp(hours=1)
        action = self.action(
            "check_in", visit, at=ahead, position=self.position(at=ahead), reason="Here"
        )
        result = self.send(action, sent_at=ahead)
        self.assertEqual(result["state"], "done", result)
        self.assertEqual(visit.verdict, "unverified")
        self.assertEqual(self.kinds(), ["clock"])

    def test_two_customers_within_minutes(self):
        self.made(0, 0)
        self.made(10, 5)
        self.assertFalse(self.raised())
        third = self.made(20, 9)
        self.assertEqual(self.kinds(), ["too_close"])
        self.assertEqual(self.raised().visit_id, third)
        self.assertIn("4 minutes", self.raised().note)

    def test_a_distance_that_nobody_travels(self):
        self.made(0, 0)
        self.made(59000, 30)
        self.assertFalse(self.raised())
        self.made(0, 50, self.shop_at(0))
        self.assertEqual(self.kinds(), ["impossible"])
        self.assertIn("km", self.raised().note)

    def test_limits_are_the_companys_and_can_be_off(self):
        self.company.stm_check_in_gap = 0
        self.company.stm_possible_speed = 1000
        self.made(0, 0)
        self.made(59000, 4)
        self.assertFalse(self.raised())

    def test_a_visit_that_comes_late_is_judged_with_both_neighbours(self):
        first, last = self.made(0, 0), self.made(0, 8)
        self.assertFalse(self.raised())
        late = self.planned(partner=self.shop_at(0))
        at = datetime.fromisoformat(NOW) + timedelta(minutes=4)
        with freeze_time("2026-03-02 08:00:00"):
            action = self.action(
                "check_in",
                late,
                at=self.stamp(at),
                position=self.position(at=self.stamp(at)),
            )
            self.assertEqual(self.send(action)["state"], "done")
        self.assertEqual(late.check_in_at, at)
        self.assertEqual(self.kinds(), ["too_close", "too_close"])
        self.assertEqual(self.raised().visit_id, late | last)
        self.assertNotIn(first, self.raised().visit_id)

    def made_at(self, moment, metres=0, user=None):
        minutes = datetime.fromisoformat(moment) - datetime.fromisoformat(NOW)
        return self.made(metres, minutes.total_seconds() / 60, user=user)

    def test_midnight_parts_no_check_ins(self):
        """Midnight in Shanghai is 16:00 UTC."""
        self.made_at("2026-03-02 15:58:00")
        after = self.made_at("2026-03-02 16:02:00")
        self.assertEqual(str(after.date), "2026-03-03")
        self.assertEqual(self.kinds(), ["too_close"])
        self.assertEqual(self.raised().visit_id, after)
        self.raised().sudo().unlink()
        # 70 km in half an hour.
        self.made_at("2026-03-03 15:45:00")
        far = self.made_at("2026-03-03 16:15:00", metres=70_000)
        self.assertEqual(self.kinds(), ["impossible"])
        self.assertEqual(self.raised().visit_id, far)

    def test_check_ins_of_other_people_and_days_are_not_compared(self):
        self.consents.with_user(self.ben)._stm_give(self.company)
        self.made_at("2026-03-02 15:58:00", user=self.ben)
        self.made_at("2026-03-02 16:02:00")
        # 3,000 km away the same day, but more than 24 hours later.
        self.made_at("2026-03-03 16:02:01", metres=3_000_000)
        self.assertFalse(self.raised(self.ann) | self.raised(self.ben))

    def test_the_cron_compares_across_midnight(self):
        self.made_at("2026-03-01 15:58:00")
        after = self.made_at("2026-03-01 16:02:00")
        self.raised().sudo().unlink()
        cron = self.env.ref("sales_team_mgmt.ir_cron_visit_exceptions")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(self.raised().visit_id, after)

    def test_a_check_in_does_not_look_at_pairs_of_others_again(self):
        self.made(0, 0)
        self.made(0, 4)
        self.raised().sudo().unlink()
        self.made(0, 60)
        self.assertFalse(self.raised())

    def test_the_cron_finds_what_no_check_in_judged_and_raises_once(self):
        visits = self.made(0, 0) | self.made(0, 4)
        self.raised().sudo().unlink()
        cron = self.env.ref("sales_team_mgmt.ir_cron_visit_exceptions")
        for _again in range(2):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.assertEqual(self.kinds(), ["too_close"])
        self.assertEqual(self.raised().visit_id, visits[1])

    def test_the_same_photo_with_two_visits(self):
        first, second = self.made(0, 0), self.planned(partner=self.shop_at(0))
        photo = {
            "label": "Shelf",
            "image": picture(),
            "taken_at": self.stamp(),
            "width": 40,
            "height": 30,
        }
        first.sudo().state = "planned"
        self.do("photo", first, **photo)
        self.assertFalse(self.raised())
        self.do("photo", second, **photo)
        self.assertEqual(self.kinds(), ["same_photo"])
        self.assertEqual(self.raised().visit_id, second)
        self.do("photo", second, **{**photo, "image": picture(color="blue")})
        self.assertEqual(self.kinds(), ["same_photo"])

    def photo_questions(self, visit):
        """Two more questions of a visit that are answered with a photo."""
        checklist = self.env["stm.checklist"].create(
            {
                "name": "Shelves",
                "usage": "visit",
                "line_ids": [
                    Command.create({"name": name, "answer_type": "photo"})
                    for name in ("Left", "Right")
                ],
            }
        )
        return (
            self.env["stm.checklist.answer"]
            .sudo()
            .create(
                [
                    {
                        "model": "stm.visit",
                        "res_id": visit.id,
                        "checklist_id": checklist.id,
                        "line_id": line.id,
                    }
                    for line in checklist.line_ids
                ]
            )
        )

    def answer(self, answer, color):
        visit = self.env["stm.visit"].browse(answer.res_id)
        self.do("answer", visit, answer_id=answer.id, value=picture(color=color))

    def test_the_same_photo_as_an_answer(self):
        first, second, third = (self.planned(partner=self.shop_at(0)) for _n in "123")
        left, right = self.photo_questions(first)
        again, other = self.photo_questions(second)
        self.answer(left, "red")
        self.answer(right, "red")
        self.do("photo", first, image=picture(color="red"))
        self.answer(again, "yellow")
        self.assertFalse(self.raised(), "one visit may show a photo twice")
        # Answer after answer, also where another picture was there before …
        self.answer(again, "red")
        self.assertEqual(self.raised().visit_id, second)
        self.assertIn(first.partner_id.display_name, self.raised().note)
        self.answer(again, "red")
        self.assertEqual(len(self.raised()), 1)
        # … answer after photo, photo after answer.
        self.do("photo", first, image=picture(color="blue"))
        self.answer(other, "blue")
        self.assertEqual(self.raised().visit_id, second)
        self.assertEqual(self.kinds(), ["same_photo"] * 2)
        self.answer(left, "green")
        self.do("photo", third, image=picture(color="green"))
        self.assertEqual(self.raised()[-1].visit_id, third)
        self.assertEqual(self.kinds(), ["same_photo"] * 3)

    def test_the_same_photo_as_an_answer_at_the_desk(self):
        first, second = self.planned(), self.planned(partner=self.shop_at(0))
        answers = self.photo_questions(first) | self.photo_questions(second)
        left, _right, again, other = answers.with_user(self.ann)
        self.answer(left, "red")
        again.value_photo = picture(color="red")
        self.assertEqual(self.raised().visit_id, second)
        self.assertEqual(again.photo_sha256, left.photo_sha256)
        again.value_photo = False
        self.assertFalse(again.photo_sha256)
        with self.assertRaises(AccessError):
            other.photo_sha256 = "x"
        # What is no visit of the company is none of its business.
        sister = self.env["res.company"].create({"name": "Sister"})
        self.ann.company_ids += sister
        second.sudo().company_id = sister
        self.raised().sudo().unlink()
        (again | other).sudo().write({"value_photo": picture(color="red")})
        self.assertFalse(self.raised())

    def test_the_hash_of_an_answer_is_kept_longer_than_the_picture(self):
        first, second = self.planned(), self.planned(partner=self.shop_at(0))
        (left, _right), (again, _other) = map(self.photo_questions, (first, second))
        self.answer(left, "red")
        left._stm_purge_photos()
        self.assertFalse(left.value_photo)
        self.answer(again, "red")
        self.assertEqual(self.kinds(), ["same_photo"])

    def test_many_photos_are_compared_in_one_statement(self):
        first, second = self.planned(), self.planned(partner=self.shop_at(0))
        answers = self.photo_questions(first)
        answers.write({"value_photo": picture(color="red")})
        again = self.photo_questions(second) | self.photo_questions(second)
        again.write({"value_photo": picture(color="red")})
        self.assertEqual(self.kinds(), ["same_photo"] * 4)
        counts = []
        for photos in (again[0], again):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(
                len(self.env["stm.visit"]._prepare_photo_exceptions(photos)),
                len(photos),
            )
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_the_verified_check_in_costs_at_most_three_queries(self):
        """In a plan that was approved, in the region, with a check-in before."""
        self.company.stm_visit_notice = "exception"
        plan = self.plan(self.ann, days=1)
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        region = self.env["stm.region"].create({"name": "Zhejiang"})
        self.env["stm.region.assignment"].create(
            {"user_id": self.ann.id, "region_id": region.id, "date_from": MONDAY}
        )
        visit = plan.visit_ids
        visit.sudo().partner_id.stm_region_id = region
        self.made(0, -60, self.shop_at(0))
        self.env.flush_all()
        self.raised().sudo().unlink()
        visit.sudo().write({"check_in_at": Datetime.now(), "verdict": "verified"})
        visit = visit.with_user(self.ann)
        # What the check-in itself has read by then.
        visit.read(["partner_id", "date", "user_id", "company_id"])
        known = visit.sudo()
        (known.partner_id | known.commercial_partner_id).mapped("stm_region_id.name")
        known.company_id.mapped("stm_region_rule")
        self.env.flush_all()
        with self.assertQueryCount(3):
            visit._stm_after_check_in()
        self.assertFalse(self.raised())

    def test_raising_is_repeatable_and_costs_little_for_many(self):
        exceptions = self.some_exceptions(1)
        vals = {
            "kind": "outside",
            "key": exceptions.key,
            "user_id": self.ann.id,
            "company_id": self.company.id,
            "date": MONDAY,
            "note": "Again",
        }
        Exception_ = self.env["stm.visit.exception"]
        self.assertFalse(Exception_._raise([vals, vals]))
        self.assertEqual(len(self.raised()), 1)
        self.assertEqual(exceptions.note, "3 km from the customer")

        def count(numbers):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Exception_._raise([{**vals, "key": f"x-{number}"} for number in numbers])
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few, many = count(range(3)), count(range(10, 90))
        self.assertEqual(many, few)
        self.assertLessEqual(many, 9)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestDecided(ProofCase):
    """The leader accepts, asks, has it checked or rejects; the person answers."""

    def mine(self, exceptions, user=None):
        self.env.invalidate_all()
        return exceptions.with_user(user or self.city)

    def test_accept_many_at_once(self):
        exceptions = self.mine(self.some_exceptions(4))
        found = exceptions.search([("can_decide", "=", True)])
        self.assertEqual(found, exceptions.sorted(lambda e: -e.id))
        exceptions.action_accept()
        self.assertEqual(set(exceptions.mapped("state")), {"accepted"})
        self.assertEqual(exceptions.decided_by_id, self.city)

    def test_one_activity_a_leader_however_many_exceptions(self):
        exceptions = self.some_exceptions(4)
        self.assertFalse(self.digests(), "a check-in waits for nobody")
        for _again in range(2):
            self.tell()
        activities = self.digests()
        self.assertEqual(activities.user_id, self.city)
        self.assertEqual(len(activities), 1)
        mine = self.mine(exceptions)
        mine[0].action_accept()
        self.assertTrue(activities.exists())
        self.assertNotEqual(activities.res_id, exceptions[0].id)
        mine[1:].action_accept()
        self.assertFalse(activities.exists())

    def test_the_leader_is_told_a_moment_after_the_check_in(self):
        cron = self.env.ref("sales_team_mgmt.ir_cron_visit_exceptions_announce")
        triggers = [("cron_id", "=", cron.id)]
        self.env["ir.cron.trigger"].search(triggers).unlink()
        self.check_in(self.planned(), 3000, reason="At the fair")
        trigger = self.env["ir.cron.trigger"].search(triggers)
        self.assertEqual(trigger.call_at, Datetime.now() + timedelta(minutes=1))
        self.tell()
        self.assertEqual(self.digests().res_id, self.raised().id)
        self.assertFalse(self.raised().to_announce)

    def test_nobody_is_told_twice_or_about_what_is_decided(self):
        old = self.some_exceptions(2)
        self.tell()
        self.digests().action_done()
        self.tell()
        self.assertFalse(self.digests(), "the leader knows them")
        new = self.some_exceptions(3) - old
        self.assertEqual(new.mapped("to_announce"), [True] * 3)
        self.mine(new).action_accept()
        self.tell()
        self.assertFalse(self.digests())

    def test_the_second_of_two_workers_finds_nothing_left(self):
        self.some_exceptions(3)
        self.assertEqual(self.raised()._announce_some(), 3)
        self.assertEqual(self.raised()._announce_some(), 0)
        self.assertEqual(len(self.digests()), 1)

    def test_the_stand_in_of_the_leader_is_told(self):
        self.env["stm.substitution"].create(
            {
                "user_id": self.city.id,
                "substitute_id": self.wei.id,
                "date_from": MONDAY,
                "date_to": "2026-03-04",
            }
        )
        exceptions = self.some_exceptions(2)
        self.tell()
        activity = self.digests()
        self.assertEqual(activity.user_id, self.wei)
        self.mine(exceptions, self.wei).action_accept()
        self.assertFalse(activity.exists())

    def test_ask_and_answer(self):
        exception = self.some_exceptions()
        mine = self.mine(exception)
        self.assertEqual(mine.action_ask()["res_model"], "stm.visit.exception.decide")
        mine.action_ask("Why 3 km away?")
        todo = exception.activity_ids.filtered(lambda a: a.user_id == self.ann)
        self.assertEqual(len(todo), 1)
        answered = self.mine(exception, self.ann)
        self.assertTrue(answered.can_answer)
        self.assertFalse(answered.can_decide)
        answered.answer = "The owner was at the warehouse"
        self.assertTrue(exception.answered_at)
        self.mine(exception).action_accept("Fine")
        self.assertFalse(todo.exists())
        self.assertEqual(exception.comment, "Fine")
        with self.assertRaisesRegex(UserError, "decided already"):
            answered.answer = "And more"

    def test_never_decided_by_the_person_concerned(self):
        exception = self.some_exceptions(user=self.city)
        own = self.mine(exception, self.city)
        for act in ("action_accept", "action_reject", "action_check", "action_ask"):
            with self.subTest(act), self.assertRaisesRegex(UserError, "about you"):
                getattr(own, act)()
        with self.assertRaises(AccessError):
            own.write({"state": "accepted"})
        with self.assertRaises(AccessError):
            own.write({"note": "Nothing"})
        with self.assertRaises(AccessError):
            own.create(
                {
                    "kind": "outside",
                    "key": "x",
                    "user_id": self.ann.id,
                    "date": MONDAY,
                    "note": "x",
                }
            )
        self.assertEqual(exception.state, "open")
        self.mine(exception, self.east).action_accept()

    def test_others_neither_see_nor_decide(self):
        exception = self.some_exceptions()
        for user in (self.ben, self.wei, self.west, self.finance, self.hr):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.mine(exception, user).action_accept()
        for user in (self.east, self.manager):
            self.assertTrue(self.mine(exception, user).can_decide)

    def test_the_leader_of_today_decides(self):
        exception = self.some_exceptions()
        self.team_city.user_id = self.west
        with self.assertRaises(UserError):
            self.mine(exception).action_accept()
        self.mine(exception, self.west).action_accept()
        self.assertEqual(exception.decided_by_id, self.west)

    def test_two_leaders_at_the_same_moment(self):
        exception = self.some_exceptions()
        self.mine(exception, self.east).action_accept()
        with self.assertRaisesRegex(UserError, "decided already"):
            self.mine(exception).action_reject("No")
        self.assertEqual(exception.state, "accepted")

    def test_check_makes_one_spot_check(self):
        exceptions = self.some_exceptions(2)
        self.mine(exceptions).action_check()
        checks = self.env["stm.spot.check"].search([])
        self.assertEqual(checks.visit_id, exceptions.visit_id)
        self.mine(exceptions).action_check()
        self.assertEqual(self.env["stm.spot.check"].search([]), checks)
        self.assertEqual(set(exceptions.mapped("state")), {"open"})

    def test_rejecting_says_why_and_may_find_a_false_visit(self):
        exceptions = self.some_exceptions(2)
        mine = self.mine(exceptions)
        self.assertEqual(
            mine.action_reject()["res_model"], "stm.visit.exception.decide"
        )
        self.assertEqual(set(exceptions.mapped("state")), {"open"})
        mine[0].action_reject("Be there when you check in")
        self.assertTrue(exceptions[0].visit_id.is_counted)
        wizard = self.env["stm.visit.exception.decide"].with_user(self.city)
        wizard.create(
            {
                "exception_ids": [Command.set(mine[1].ids)],
                "comment": "The shop was closed all day",
                "follow_up": "false",
            }
        ).action_confirm()
        self.assertEqual(set(exceptions.mapped("state")), {"rejected"})
        visit = exceptions[1].visit_id
        self.assertFalse(visit.is_counted)
        self.assertEqual(visit.sudo().spot_check_ids.result, "false")
        event = self.env["stm.event"].search([("user_id", "=", self.ann.id)])
        self.assertEqual(event.type_id.code, "false_visit")
        self.assertIn("closed all day", event.note)

    def test_a_visit_that_is_not_finished_cannot_be_found_false(self):
        visit = self.planned()
        self.check_in(visit, 3000, reason="x")
        with self.assertRaisesRegex(UserError, "not finished"):
            self.mine(self.raised()).action_reject("No", "false")
        self.assertEqual(self.raised().state, "open")

    def test_open_ones_move_with_the_person(self):
        exception = self.some_exceptions()
        self.env["stm.transfer"].with_user(self.manager).create(
            {
                "user_id": self.ann.id,
                "team_id": self.team_west.id,
                "successor_id": self.ben.id,
            }
        ).action_transfer()
        self.assertEqual(exception.team_id, self.team_west)
        self.assertEqual(self.digests().user_id, self.west)
        self.mine(exception, self.west).action_accept()
        self.assertFalse(self.digests())

    def test_the_visit_shows_what_the_reader_may_see(self):
        exception = self.some_exceptions()
        visit = exception.visit_id
        self.assertEqual(self.mine(visit).exception_count, 1)
        action = self.mine(visit).action_open_exceptions()
        self.assertEqual(action["res_id"], exception.id)

    def test_a_closed_month_does_not_stop_the_list(self):
        period = self.env["stm.period"].create(
            {"name": "2026-03", "date_from": MONDAY, "date_to": "2026-03-31"}
        )
        exception = self.some_exceptions()
        period.with_user(self.manager).action_close("work")
        self.mine(exception).action_accept()
        self.assertEqual(exception.state, "accepted")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestRegionRule(ProofCase):
    """Visits and orders outside the regions of a person (ORG-04)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Region = cls.env["stm.region"]
        cls.east_china = Region.create({"name": "East China"})
        cls.zhejiang = Region.create(
            {"name": "Zhejiang", "parent_id": cls.east_china.id}
        )
        cls.hangzhou = Region.create({"name": "Hangzhou", "parent_id": cls.zhejiang.id})
        cls.sichuan = Region.create({"name": "Sichuan"})
        cls.assignment = cls.env["stm.region.assignment"].create(
            {
                "user_id": cls.ann.id,
                "region_id": cls.zhejiang.id,
                "date_from": "2026-01-01",
                "date_to": "2026-03-31",
            }
        )
        cls.shop.stm_region_id = cls.sichuan

    def order(self, user=None, partner=None):
        return self.env["sale.order"].create(
            {
                "partner_id": (partner or self.shop).id,
                "user_id": (user or self.ann).id,
                "team_id": self.team_city.id,
                "order_line": [Command.create({"product_id": self.product.id})],
            }
        )

    def test_at_org_04_a_visit_outside_the_region_is_noted(self):
        visit = self.planned()
        self.assertIn("Sichuan", visit.region_warning)
        self.check_in(visit)
        self.assertEqual(self.kinds(), ["out_of_region"])
        self.assertIn("Sichuan", self.raised().note)

    def test_regions_below_belong_to_it_and_dates_decide(self):
        def outside(**values):
            visit = self.planned(**values)
            return bool(visit._stm_out_of_region())

        self.assertTrue(outside())
        self.shop.stm_region_id = self.hangzhou
        self.assertFalse(outside())
        self.assertFalse(outside(start_at="2026-03-31 02:00:00"))
        # A region that ended, and no other one: free again.
        self.assertFalse(outside(start_at="2026-04-01 02:00:00"))
        self.env["stm.region.assignment"].create(
            {
                "user_id": self.ann.id,
                "region_id": self.sichuan.id,
                "date_from": "2026-04-01",
            }
        )
        self.assertTrue(outside(start_at="2026-04-01 02:00:00"))
        self.assertTrue(outside(start_at="2026-04-10 02:00:00"))
        self.shop.stm_region_id = False
        self.assertFalse(outside())
        self.shop.stm_region_id = self.sichuan
        self.assertFalse(outside(user=self.ben))

    def test_no_rule_no_word(self):
        self.company.stm_region_rule = "none"
        visit, order = self.planned(), self.order()
        self.assertFalse(visit.region_warning)
        self.assertFalse(order.stm_region_warning)
        self.check_in(visit)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(self.raised())

    def test_at_org_04_an_order_outside_the_region_is_noted(self):
        order = self.order()
        self.assertIn("Sichuan", order.stm_region_warning)
        order.with_user(self.ann).action_confirm()
        self.assertEqual(order.state, "sale")
        exception = self.raised()
        self.assertEqual((exception.kind, exception.order_id), ("out_of_region", order))
        action = exception.with_user(self.city).action_open_document()
        self.assertEqual(action["res_id"], order.id)
        with self.assertRaisesRegex(UserError, "no visit to check"):
            exception.with_user(self.city).action_check()

    def test_at_org_04_an_order_that_needs_an_approval(self):
        self.company.stm_region_rule = "refuse"
        order = self.order()
        for confirm in (
            lambda: order.with_user(self.ann).action_confirm(),
            lambda: order.with_user(self.ann).write({"state": "sale"}),
            lambda: order.sudo().write({"state": "sale"}),
            lambda: order.copy()
            .sudo()
            .create(
                {"partner_id": self.shop.id, "user_id": self.ann.id, "state": "sale"}
            ),
        ):
            with self.assertRaisesRegex(UserError, "Sichuan"), self.env.cr.savepoint():
                confirm()
        order.invalidate_recordset()
        self.assertEqual(order.state, "draft")
        self.assertTrue(order.with_user(self.ann).stm_can_ask_exception)
        action = order.with_user(self.ann).action_ask_exception("confirm")
        exemption = self.env["stm.gate.exception"].with_user(self.ann)
        exemption = exemption.with_context(**action["context"]).create(
            {"reason": "The colleague there has left"}
        )
        exemption.action_submit()
        exemption.with_user(self.city).action_approve()
        order.with_user(self.ann).action_confirm()
        self.assertEqual(order.state, "sale")

    def test_an_order_of_somebody_without_a_region_is_free(self):
        self.company.stm_region_rule = "refuse"
        order = self.order(self.ben)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(self.raised(self.ben))

    def test_at_org_04_a_visit_that_needs_an_approval(self):
        self.company.stm_region_rule = "refuse"
        visit = self.planned()
        message = self.refused("check_in", visit, position=self.position())
        self.assertIn("Sichuan", message)
        self.assertEqual(visit.state, "planned")
        self.assertTrue(visit.stm_can_ask_exception)
        action = visit.action_ask_exception("check_in")
        exemption = self.env["stm.gate.exception"].with_user(self.ann)
        exemption = exemption.with_context(**action["context"]).create(
            {"reason": "The customer asked for me"}
        )
        exemption.action_submit()
        exemption.with_user(self.city).action_approve()
        self.check_in(visit)
        self.assertEqual(visit.state, "started")
        self.assertEqual(self.kinds(), ["out_of_region"])

    def test_many_orders_take_as_many_queries_as_few(self):
        orders = self.env["sale.order"].union(*(self.order() for _n in range(12)))

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            some.mapped("partner_id.commercial_partner_id.stm_region_id")
            some.mapped("user_id.tz")
            before = self.env.cr.sql_log_count
            some._stm_out_of_region()
            return self.env.cr.sql_log_count - before

        self.assertEqual(count(orders[:2]), count(orders))
