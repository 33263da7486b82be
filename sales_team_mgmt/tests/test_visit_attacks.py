import base64
import io
import struct
import warnings
import zlib
from datetime import date
from uuid import uuid4

from PIL import Image

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .test_visit_phone import NOW, PhoneCase, picture

WRITTEN = {"content": "Samples", "result": "Will order", "problem": "none"}


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestOnSite(PhoneCase):
    """What a check-in is evidence of stays as it was, whatever happens meanwhile."""

    def started(self, **values):
        visit = self.planned(**values)
        self.do("check_in", visit, position=self.position())
        return visit

    def test_whom_when_and_what_for_stays(self):
        brief = self.env.ref("sales_team_mgmt.visit_type_customer").copy({})
        brief.action_release()
        visit = self.started()
        for values in (
            {"partner_id": self.customers[4].id},
            {"start_at": "2026-03-04 02:00:00"},
            {"type_id": brief.id},
            {"type_id": False},
            {"user_id": self.ben.id},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                visit.write(values)
        self.assertEqual((visit.partner_id, visit.user_id), (self.shop, self.ann))
        # What is the same is no change, and the rest is written on site.
        visit.write({"partner_id": self.shop.id, "start_at": str(visit.start_at)})
        visit.write({**WRITTEN, "purpose": "Samples", "duration": 0.5})
        self.do("check_out", visit, position=self.position())
        self.assertEqual(visit.state, "done")

    def test_what_is_computed_cannot_be_written(self):
        """Distinct customers and days on target could be made up otherwise."""
        visit = self.planned()
        for values in (
            {"commercial_partner_id": self.customers[4].id},
            {"date": "2026-03-01"},
            {"minutes": 480},
            {"is_stay_known": True},
        ):
            with self.subTest(values=values):
                with self.assertRaises(AccessError):
                    visit.write(values)
                with self.assertRaises(AccessError):
                    self.planned(**values)
        self.assertEqual(visit.commercial_partner_id, self.shop)
        self.assertEqual((str(visit.date), visit.minutes), ("2026-03-02", 0))

    def test_a_visit_that_was_begun_is_not_handed_over(self):
        started, planned = self.started(), self.planned(partner=self.customers[1])
        self.env["stm.transfer"].with_user(self.manager).create(
            {
                "user_id": self.ann.id,
                "kind": "customers",
                "customers": "hand_over",
                "successor_id": self.ben.id,
            }
        ).action_transfer()
        self.assertEqual((started | planned).mapped("user_id"), self.ann | self.ben)
        self.assertEqual(started.user_id, self.ann)
        self.assertEqual(started.position_ids.user_id, self.ann)

    def test_who_has_agreed_does_not_say_otherwise(self):
        visit = self.planned()
        result = self.send(self.action("check_in", visit, error="no_consent"))
        self.assertEqual((result["state"], result["needs"]), ("refused", "reason"))
        self.do("check_in", visit, error="no_consent", reason="Private")
        self.assertEqual(visit.position_ids.error, "off")

    def test_a_visit_that_ends_after_midnight(self):
        with freeze_time("2026-03-02 15:59:00"):
            visit = self.started()
        with freeze_time("2026-03-02 16:05:00"):
            visit.write(WRITTEN)
            self.do("check_out", visit, position=self.position())
        self.assertEqual((visit.state, visit.minutes), ("done", 6))
        self.assertEqual(visit.date, date(2026, 3, 2))
        self.assertFalse(self.exceptions_of(visit))

    def exceptions_of(self, visit):
        return self.env["stm.visit.exception"].search(
            [("visit_id", "=", visit.id), ("kind", "=", "long_stay")]
        )

    def test_a_check_out_that_was_forgotten(self):
        visit = self.started()
        with freeze_time("2026-03-03 00:30:00"):
            visit.write(WRITTEN)
            self.do("check_out", visit, position=self.position())
        self.assertRecordValues(
            visit, [{"state": "done", "minutes": 0, "is_stay_known": False}]
        )
        exception = self.exceptions_of(visit)
        self.assertIn("22.5 hours", exception.note)
        self.assertEqual((exception.user_id, exception.state), (self.ann, "open"))
        self.assertTrue(exception.with_user(self.city).can_decide)

    def test_the_longest_visit_is_set_by_the_company(self):
        self.company.stm_visit_longest = 2
        for second, known in ((0, True), (1, False)):
            with self.subTest(second=second):
                with freeze_time("2026-03-02 02:00:00"):
                    visit = self.started()
                with freeze_time(f"2026-03-02 04:00:0{second}"):
                    visit.write(WRITTEN)
                    visit.action_done()
                self.assertEqual(visit.is_stay_known, known)
                self.assertEqual(visit.minutes, 120 if known else 0)
                self.assertEqual(bool(self.exceptions_of(visit)), not known)
        # What was judged stays as it is.
        self.company.stm_visit_longest = 24
        self.assertFalse(visit.is_stay_known)
        with self.assertRaises(ValidationError):
            self.company.stm_visit_longest = 0

    def test_near_midnight_the_day_is_that_of_the_person(self):
        for tz, day in (
            ("Asia/Urumqi", date(2026, 3, 2)),
            ("America/Los_Angeles", date(2026, 3, 1)),
        ):
            with self.subTest(tz=tz), freeze_time("2026-03-02 17:30:00"):
                self.ann.tz = tz
                if tz.startswith("America"):
                    day = date(2026, 3, 2)
                visit = self.started()
                self.assertEqual(visit.date, day)
                visit.write(WRITTEN)
                self.do("check_out", visit, position=self.position())
                self.assertEqual(visit.state, "done")

    def test_whoever_travels_west_can_leave(self):
        """There it is still the day before the one of the visit."""
        with freeze_time("2026-03-02 23:30:00"):
            visit = self.started()
            self.assertEqual(visit.date, date(2026, 3, 3))
            self.ann.tz = "America/Los_Angeles"
            visit.write(WRITTEN)
            self.do("check_out", visit, position=self.position())
        self.assertEqual(visit.state, "done")

    def test_consent_and_settings_that_end_in_mid_visit(self):
        visit = self.started()
        self.do("consent", given=False)
        visit.write(WRITTEN)
        self.do("check_out", visit, position=self.position())
        last = visit.position_ids.filtered(lambda position: position.kind == "out")
        self.assertEqual((visit.state, last.error), ("done", "no_consent"))
        self.assertFalse(last.latitude or last.accuracy)
        self.do("consent", given=True)
        visit = self.started(partner=self.shop)
        self.company.stm_record_positions = False
        visit.write(WRITTEN)
        self.do("check_out", visit, position=self.position())
        self.assertEqual(visit.state, "done")
        self.assertEqual(visit.position_ids.mapped("kind"), ["in"])

    def test_nobody_is_locked_out_by_a_closed_period(self):
        visit = self.started()
        visit.write(WRITTEN)
        months = self.env["stm.period"].create(
            {"name": "2026-03", "date_from": "2026-03-01", "date_to": "2026-03-31"}
        )
        months.with_user(self.manager).action_close("work")
        self.assertTrue(months.is_closed or months.closing_ids)
        with freeze_time("2026-04-01 02:00:00"):
            april = self.planned()
            position = self.position()
            self.refused("check_out", visit, position=position)
            self.assertIn(
                "Check out there first",
                self.refused("check_in", april, position=position),
            )
            self.do("cancel", visit, reason="Forgot to check out")
            self.assertEqual(visit.state, "cancelled")
            self.assertFalse(visit.sudo().calendar_event_id)
            self.do("check_in", april, position=position)
        # What was not begun stays as the closed month has it.
        with freeze_time("2026-04-01 02:00:00"), self.assertRaises(UserError):
            visit.copy().sudo().write({"start_at": "2026-03-05 02:00:00"})


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestTogether(PhoneCase):
    """What the phone sends, in the registers of the office."""

    def test_a_promise_and_a_payment(self):
        visit = self.planned()
        self.do("promise", visit, name="Samples", date="2026-03-10")
        self.do("collection", visit, amount=1500.5, date="2026-03-20", note="Rest")
        promises = self.env["stm.promise"].search([("visit_id", "=", visit.id)])
        self.assertRecordValues(
            promises.sorted("date_due"),
            [
                {
                    "name": "Samples",
                    "kind": "promise",
                    "amount": 0,
                    "partner_id": self.shop.id,
                    "user_id": self.ann.id,
                    "company_id": self.company.id,
                    "date": date(2026, 3, 2),
                    "date_due": date(2026, 3, 10),
                    "state": "open",
                },
                {
                    "name": "Rest",
                    "kind": "collection",
                    "amount": 1500.5,
                    "partner_id": self.shop.id,
                    "user_id": self.ann.id,
                    "company_id": self.company.id,
                    "date": date(2026, 3, 2),
                    "date_due": date(2026, 3, 20),
                    "state": "open",
                },
            ],
        )
        for data in (
            {"name": "Late", "date": "2026-03-01"},
            {"name": " ", "date": "2026-03-10"},
            {"name": "When", "date": None},
        ):
            self.refused("promise", visit, **data)
        for data in (
            {"amount": 0, "date": "2026-03-10"},
            {"amount": -1, "date": "2026-03-10"},
            {"amount": "5", "date": "2026-03-10"},
            {"amount": 5, "date": "soon"},
        ):
            self.refused("collection", visit, **data)
        self.assertEqual(self.env["stm.promise"].search_count([]), 2)

    def test_a_call_is_in_the_contact_log_and_counted(self):
        Visit = self.env["stm.visit"].with_user(self.ann)
        self.assertEqual(Visit.stm_today()["counts"]["calls"], 0)
        visit = self.planned()
        self.do("call", visit, partner_id=self.shop.id, note="On my way")
        self.do("call", partner_id=self.customers[3].id, note="Tomorrow")
        self.do("call", partner_id=self.shop.id, note="x", user=self.ben)
        self.assertEqual(Visit.stm_today()["counts"]["calls"], 2)
        self.assertEqual(Visit.stm_today("2026-03-03")["counts"]["calls"], 0)
        logs = self.env["stm.contact.log"].search(
            [("user_id", "=", self.ann.id)], order="id"
        )
        self.assertEqual(logs.visit_id, visit)
        self.assertEqual(logs.mapped("way"), ["phone_out", "phone_out"])
        self.assertEqual(logs.mapped("content"), ["On my way", "Tomorrow"])
        # The visit was to somebody else
        self.refused("call", visit, partner_id=self.customers[3].id, note="x")

    def test_a_visit_carried_over_and_the_next_one(self):
        visit = self.planned()
        result = self.do("carry_over", visit, date="2026-03-04")
        self.assertEqual(result["visit"]["state"], "cancelled")
        self.assertEqual(visit.carried_to_ids.date, date(2026, 3, 4))
        self.refused("carry_over", visit, date="2026-03-05")
        other = self.planned()
        for day in ("2026-03-02", "2026-03-01", None, "soon", 7):
            self.refused("carry_over", other, date=day)
        self.do("next_visit", other, start="2026-03-09T01:00:00Z", purpose="Order")
        later = self.env["stm.visit"].search([("date", "=", "2026-03-09")])
        self.assertRecordValues(
            later,
            [
                {
                    "partner_id": self.shop.id,
                    "user_id": self.ann.id,
                    "purpose": "Order",
                    "state": "planned",
                }
            ],
        )

    def test_everything_is_entered_in_the_company_of_the_visit(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        both = [Command.set((self.company | sister).ids)]
        self.ann.company_ids = both
        visit = self.planned(company_id=sister.id)
        self.do("promise", visit, name="Samples", date="2026-03-10")
        self.do("collection", visit, amount=5, date="2026-03-10")
        self.do("call", visit, partner_id=self.shop.id, note="x")
        self.do("next_visit", visit, start="2026-03-09T01:00:00Z")
        for model in ("stm.promise", "stm.contact.log"):
            records = self.env[model].search([("visit_id", "=", visit.id)])
            self.assertEqual(records.company_id, sister, model)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestNonsense(PhoneCase):
    """Whatever comes from a phone, one action never stops the others."""

    NONSENSE = (
        None,
        True,
        -1,
        2**40,
        float("nan"),
        "x",
        "\x00",
        "\ud800",
        "0001-01-01",
        [[]],
        {"x": []},
    )
    DATA = {
        "create": {"partner_id": 1, "type_id": None, "purpose": "x", "start": None},
        "check_in": {"position": None, "error": "timeout", "reason": "x"},
        "check_out": {"position": None, "error": "timeout", "reason": "x"},
        "note": {"content": "x", "result": "x"},
        "answer": {"answer_id": 1, "value": "yes"},
        "photo": {"label": "x", "image": "", "taken_at": None, "width": 1},
        "stock": {"lines": []},
        "competitor": {
            "name": "x",
            "product": "x",
            "price": 1,
            "promotion": "",
            "note": "",
        },
        "order": {"lines": [], "note": "x"},
        "collection": {"amount": 5, "date": "2026-03-10", "note": "x"},
        "promise": {"name": "x", "date": "2026-03-10"},
        "next_visit": {"start": "2026-03-09T01:00:00Z", "purpose": "x"},
        "cancel": {"reason": "x"},
        "carry_over": {"date": "2026-03-09"},
        "call": {"partner_id": 1, "note": "x"},
        "consent": {"given": True},
    }

    def assertAnswered(self, action):
        """Whatever becomes of it, there is an answer; all of it is undone."""
        with self.subTest(action=action):
            savepoint = self.env.cr.savepoint()
            result = self.send(action)
            self.assertIn(result["state"], ("done", "known", "refused"))
            if result["state"] == "refused":
                self.assertTrue(result["message"])
            savepoint.close(rollback=True)
            self.env.clear()

    def test_data(self):
        visit = self.planned()
        for kind, data in self.DATA.items():
            data = {
                **data,
                **({"partner_id": self.shop.id} if "partner_id" in data else {}),
            }
            reference = str(uuid4()) if kind == "create" else visit.id
            for name in data:
                for value in self.NONSENSE:
                    action = self.action(kind, **{**data, name: value})
                    self.assertAnswered({**action, "visit": reference})

    def test_lines(self):
        visit = self.planned()
        for kind in ("stock", "order"):
            line = {"product_id": self.product.id, "quantity": 1}
            if kind == "stock":
                line |= {"facings": 1, "price": 1}
            for name in line:
                for value in self.NONSENSE:
                    lines = [{**line, name: value}]
                    self.assertAnswered(self.action(kind, visit, lines=lines))

    def test_answers(self):
        checklist = self.env["stm.checklist"].create(
            {
                "name": "Visit",
                "line_ids": [
                    Command.create({"name": kind, "answer_type": kind, **values})
                    for kind, values in (
                        ("yes_no", {}),
                        ("text", {}),
                        ("number", {}),
                        ("choice", {"options": "a\nb"}),
                        ("score", {"minimum": 1, "maximum": 5}),
                        ("date", {}),
                        ("photo", {}),
                    )
                ],
            }
        )
        checklist.action_release()
        visit = self.planned()
        answers = visit.sudo().checklist_answer_ids
        self.assertEqual(len(answers), 7)
        for answer in answers.ids:
            for value in self.NONSENSE:
                self.assertAnswered(
                    self.action("answer", visit, answer_id=answer, value=value)
                )

    def test_envelopes(self):
        visit = self.planned()
        good = self.action("note", visit, content="x")
        for name in ("uuid", "kind", "visit", "at", "data", "sent_at"):
            for value in self.NONSENSE:
                self.assertAnswered({**good, name: value})
        for value in self.NONSENSE:
            self.assertAnswered(value)
            self.assertAnswered({**self.action("create", partner_id=7), "visit": value})
        for value in self.NONSENSE:
            with self.subTest(sent_at=value):
                result = self.send(
                    self.action("note", visit, content="x"), sent_at=value
                )
                self.assertIn(result["state"], ("done", "refused"))


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestHostilePictures(PhoneCase):
    def send_picture(self, content):
        visit = self.planned()
        image = base64.b64encode(content).decode()
        return visit, self.send(self.action("photo", visit, label="x", image=image))

    def png(self, width, height, *extra):
        def chunk(kind, data):
            crc = zlib.crc32(kind + data)
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

        head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        data = zlib.compress(b"\0" * (min(width, 9) * 3 + 1) * min(height, 4))
        chunks = [chunk(b"IHDR", head), *(chunk(*e) for e in extra)]
        chunks += [chunk(b"IDAT", data), chunk(b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)

    def test_bombs_and_disguises(self):
        for name, content in (
            ("huge", self.png(30_000, 30_000)),
            ("wide", self.png(2**31 - 1, 1)),
            ("svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
            ("html", b"<html><script>alert(1)</script></html>"),
            ("gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
            ("pdf", b"%PDF-1.4"),
        ):
            with self.subTest(name=name):
                visit, result = self.send_picture(content)
                self.assertEqual(result["state"], "refused", result)
                self.assertFalse(visit.photo_ids)

    def test_a_text_that_unpacks_to_anything_is_left_out(self):
        bomb = b"x\0\0" + zlib.compress(b"a" * 20_000_000)
        visit, result = self.send_picture(self.png(4, 4, (b"zTXt", bomb)))
        self.assertEqual(result["state"], "done", result)
        self.assertLess(len(visit.photo_ids.image), 2000)

    def test_what_the_camera_wrote_may_be_broken(self):
        """The picture is good: nothing is lost because of what comes with it."""
        good = base64.b64decode(picture())
        for exif in (
            b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01",
            b"Exif\0\0garbage",
            b"Exif\0\0II*\0\xff\xff\xff\xff",
            b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\x04\0\0\0abc\0\0\0\0\0",
            b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x05\0\x01\0\0\0\x1a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        ):
            with self.subTest(exif=exif):
                segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
                with warnings.catch_warnings(action="ignore"):
                    visit, result = self.send_picture(good[:2] + segment + good[2:])
                self.assertEqual(result["state"], "done", result)
                stored = base64.b64decode(visit.photo_ids.image)
                self.assertNotIn(b"Exif", stored)

    def test_every_mode_of_a_picture(self):
        for mode, kind in (
            ("L", "JPEG"),
            ("CMYK", "JPEG"),
            ("1", "PNG"),
            ("P", "PNG"),
            ("LA", "PNG"),
            ("RGBA", "PNG"),
            ("I;16", "PNG"),
        ):
            with self.subTest(mode=mode):
                target = io.BytesIO()
                Image.new(mode, (30, 20)).save(target, kind)
                visit, result = self.send_picture(target.getvalue())
                self.assertEqual(result["state"], "done", result)
                self.assertEqual(
                    (visit.photo_ids.width, visit.photo_ids.height), (30, 20)
                )


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestWhoSees(PhoneCase):
    """Doors beside the front door to positions and photos."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.helper = cls.person("helper", "group_salesperson")
        cls.join(cls.helper, cls.team_city)
        cls.team_city.stm_assistant_ids = cls.helper
        cls.checklist = cls.env["stm.checklist"].create(
            {
                "name": "Visit",
                "line_ids": [
                    Command.create({"name": "Shelf", "answer_type": "photo"}),
                    Command.create({"name": "Tidy?", "answer_type": "yes_no"}),
                ],
            }
        )
        cls.checklist.action_release()

    def setUp(self):
        super().setUp()
        self.visit_ = self.planned()
        self.do("check_in", self.visit_, position=self.position())
        self.do("photo", self.visit_, label="Door", image=picture())
        self.answers = self.visit_.sudo().checklist_answer_ids
        self.do(
            "answer",
            self.visit_,
            answer_id=self.answers[0].id,
            value=picture(color="blue"),
        )

    def test_photos_that_answer_a_question(self):
        """They are photos as well: read by who reads the others."""
        photo, tidy = self.answers
        self.assertEqual(photo.answer_type, "photo")
        for user in (self.ann, self.city, self.east, self.manager):
            with self.subTest(user=user.login):
                theirs = photo.with_user(user)
                self.assertTrue(theirs.has_access("read"))
                self.assertIn(theirs, theirs.search([("id", "=", photo.id)]))
        for user in (self.helper, self.gm):
            with self.subTest(user=user.login):
                theirs = self.answers.with_user(user)
                self.assertTrue(self.visit_.with_user(user).has_access("read"))
                self.assertEqual(theirs._filtered_access("read"), tidy.with_user(user))
                self.assertEqual(
                    theirs.search([("id", "in", self.answers.ids)]),
                    tidy.with_user(user),
                )
                self.assertFalse(
                    self.env["ir.attachment"]
                    .with_user(user)
                    .search(
                        [
                            ("res_model", "=", "stm.checklist.answer"),
                            ("res_field", "=", "value_photo"),
                        ]
                    )
                )

    def purge(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("sales_team_mgmt.ir_cron_purge_photos")
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_photos_that_answer_a_question_are_purged_as_well(self):
        self.company.stm_photo_days = 30
        photo = self.answers[0]
        self.do("answer", self.visit_, answer_id=self.answers[1].id, value="yes")
        self.visit_.write(WRITTEN)
        self.do("check_out", self.visit_, position=self.position())
        with freeze_time("2026-04-01 01:59:59"):
            self.purge()
            self.assertTrue(photo.value_photo)
        with freeze_time("2026-04-01 02:00:01"):
            self.purge()
            self.assertFalse(photo.value_photo)
            self.assertTrue(photo.is_answered)
            self.assertTrue(self.visit_.photo_ids.is_purged)

    def test_aggregates_and_exports(self):
        for user in (self.helper, self.gm, self.ben, self.wei, self.hr, self.finance):
            user.group_ids += self.env.ref("base.group_allow_export")
            for model in ("stm.visit.position", "stm.visit.photo"):
                records = self.env[model].with_user(user)
                with self.subTest(user=user.login, model=model):
                    if not records.has_access("read"):
                        continue
                    self.assertFalse(records.search_count([]))
                    self.assertFalse(
                        records.formatted_read_group([], ["visit_id"], ["__count"])
                    )
                    self.assertFalse(records.web_search_read([], {"id": {}})["records"])
            Visit = self.env["stm.visit"].with_user(user)
            if not Visit.has_access("read"):
                continue
            with self.subTest(user=user.login):
                for domain in (
                    [("position_ids.latitude", ">", 31)],
                    [("photo_ids.label", "=", "Door")],
                ):
                    self.assertFalse(Visit.search(domain), domain)
                self.assertFalse(
                    [
                        value
                        for row in Visit.search([]).export_data(
                            ["position_ids/latitude", "photo_ids/label"]
                        )["datas"]
                        for value in row
                        if value
                    ]
                )
