from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .test_promise import ContactCase

# Thursday noon in Shanghai.
THURSDAY = "2026-03-05 04:00:00"


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestContactLog(ContactCase):
    """Every contact is recorded, numbered and kept (VIS-07, FUP-07, FUP-21)."""

    def calls_of_day(self, log):
        self.env.invalidate_all()
        return log.day_calls, log.day_target

    # ------------------------------------------------------------
    # Calls a day
    # ------------------------------------------------------------

    def test_day_06_calls_made_count_on_the_day_of_the_person(self):
        self.company.stm_calls_per_day = 30
        first = self.log(contact_at="2026-03-04 16:00:00")
        last = self.log(contact_at="2026-03-05 03:59:00")
        # Just before midnight in Shanghai
        self.log(contact_at="2026-03-04 15:59:59")
        for way in ("phone_in", "letter_out", "email_out", "visitor", "message"):
            self.log(way=way)
        self.log(self.ben)
        self.assertEqual(str(first.date), "2026-03-05")
        self.assertEqual(self.calls_of_day(first), (2, 30))
        self.assertEqual(self.calls_of_day(last), (2, 30))
        self.assertIn("2 of 30 calls", first.day_sentence)
        indicator = self.env.ref("sales_team_mgmt.indicator_calls")
        day = fields.Date.to_date("2026-03-05")
        figures = indicator._measure(self.ann | self.ben, self.company, day, day)
        self.assertEqual(figures[self.ann].numerator, 2)
        self.assertEqual(figures[self.ben].numerator, 1)

    def test_day_06_a_call_of_another_company_counts_there_only(self):
        sister = self.env["res.company"].create(
            {"name": "Sister", "stm_calls_per_day": 7}
        )
        self.ann.company_ids = [Command.link(sister.id)]
        team = self.team("Abroad", company_id=sister.id)
        self.join(self.ann, team)
        here = self.log()
        there = self.env["stm.contact.log"].with_user(self.ann).with_company(sister)
        there = there.create({"partner_id": self.customers[0].id})
        self.assertEqual(there.company_id, sister)
        self.assertEqual(self.calls_of_day(here), (1, 30))
        self.assertEqual(self.calls_of_day(there), (1, 7))

    def test_counting_calls_costs_as_many_statements_for_many_as_for_few(self):
        logs = self.env["stm.contact.log"].with_user(self.ann)
        for number in range(30):
            logs |= self.log(
                partner=self.customers[number % 20],
                contact_at=f"2026-03-{number % 4 + 1:02} 02:00:00",
            )
        counts = []
        for some in (logs[:3], logs[:3], logs):
            self.env.flush_all()
            self.env.invalidate_all()
            some.mapped("company_id.stm_calls_per_day")
            some.mapped("date")
            before = self.env.cr.sql_log_count
            some.mapped("day_calls")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    # ------------------------------------------------------------
    # The register
    # ------------------------------------------------------------

    def test_each_company_numbers_its_contacts(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        self.ann.company_ids = [Command.link(sister.id)]
        self.join(self.ann, self.team("Abroad", company_id=sister.id))
        first, second = self.log(), self.log()
        there = self.env["stm.contact.log"].with_user(self.ann).with_company(sister)
        there = there.create({"partner_id": self.customers[0].id})
        numbers = [int(log.name.split("/")[-1]) for log in (first, second)]
        self.assertEqual(numbers[1], numbers[0] + 1)
        self.assertEqual(there.name, "CC/2026/00001")
        with self.assertRaises(AccessError):
            first.name = "CC/1"
        with self.assertRaises(AccessError):
            self.log(name="CC/1")

    def test_each_company_has_its_numbers_once(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        self.env["res.company"]._stm_create_missing_sequences()
        sequences = self.env["ir.sequence"].search(
            [("code", "=", "stm.contact.log"), ("company_id", "=", sister.id)]
        )
        self.assertEqual(len(sequences), 1)

    def test_the_owner_corrects_it_until_the_month_is_closed(self):
        log = self.log(contact_at="2026-02-27 02:00:00")
        log.content = "Summer order"
        for other in (self.ben, self.city, self.manager, self.wei, self.gm):
            with self.subTest(user=other.login), self.assertRaises(AccessError):
                log.with_user(other).content = "x"
        february = self.env["stm.period"].create(
            {"name": "2026-02", "date_from": "2026-02-01", "date_to": "2026-02-28"}
        )
        february.with_user(self.manager).action_close("work")
        with self.assertRaises(UserError):
            log.content = "Winter order"
        with self.assertRaises(UserError):
            self.log(contact_at="2026-02-27 02:00:00")
        self.assertEqual(log.content, "Summer order")

    def test_what_was_changed_is_on_record(self):
        log = self.log().with_context(tracking_disable=False)
        self.flush_tracking()
        log.content = "Summer order"
        self.flush_tracking()
        values = log.sudo().message_ids.tracking_value_ids
        self.assertIn("Spring order", values.mapped("old_value_text"))

    def flush_tracking(self):
        self.env.flush_all()
        self.env.cr.flush()

    def test_it_is_on_file_from_the_next_day_on(self):
        log, old = self.log(), self.log(contact_at="2026-03-04 15:59:00")
        with self.assertRaises(UserError):
            old.unlink()
        with_promise = self.log(
            promise_ids=[Command.create({"name": "Call", "date_due": "2026-03-06"})]
        )
        with self.assertRaises(UserError):
            with_promise.unlink()
        with self.assertRaises(AccessError):
            log.with_user(self.city).unlink()
        log.unlink()
        self.assertFalse(log.exists())

    def test_nobody_logs_the_future_or_for_somebody_else(self):
        with self.assertRaises(ValidationError):
            self.log(contact_at="2026-03-05 04:00:01")
        with self.assertRaises(AccessError):
            self.log(user_id=self.ben.id)
        with self.assertRaises(ValidationError):
            self.log(next_date="2026-03-04")
        other = self.env["res.company"].create({"name": "Sister"})
        theirs = self.env["res.partner"].create(
            {"name": "Theirs", "company_id": other.id}
        )
        with self.assertRaises(UserError):
            self.log(partner=theirs)

    def test_nobody_reads_numbers_of_people_of_somebody_else(self):
        """Over RPC, which knows no domains of forms."""
        hidden = self.env["res.partner"].create(
            {
                "name": "Hidden",
                "phone": "999",
                "company_id": self.env["res.company"].create({"name": "Other"}).id,
            }
        )
        buyer = self.env["res.partner"].create(
            {"name": "Buyer", "phone": "123", "parent_id": self.customers[0].id}
        )
        log = self.log(self.ann, contact_id=buyer.id, partner_id=self.customers[0].id)
        self.assertEqual(log.phone, "123")
        plan = self.plan(self.ann)
        visit = self.visit(self.ann, self.customers[0], done=False)
        for document in (log, plan.line_ids, visit):
            for person in (hidden, self.customers[1]):
                with (
                    self.subTest(document=document._name, person=person.name),
                    self.assertRaisesRegex(ValidationError, "no contact of"),
                    self.env.cr.savepoint(),
                ):
                    document.contact_id = person.id
                    self.env.flush_all()
            document.contact_id = buyer
        with (
            self.assertRaisesRegex(ValidationError, "no contact of"),
            self.env.cr.savepoint(),
        ):
            self.log(self.ann, contact_id=hidden.id, partner_id=self.customers[0].id)

    def test_what_is_computed_is_not_written_over_rpc(self):
        """The day decides what counts where, and which month is closed."""
        log, promise, issue = self.log(), self.promise(), self.issue()
        visit = self.visit(self.ann, self.customers[0], done=False)
        plan = self.plan(self.ann)
        other = self.customers[3].id
        for document, name, value in (
            (log, "date", "2026-03-01"),
            (log, "commercial_partner_id", other),
            (promise, "commercial_partner_id", other),
            (issue, "date", "2026-03-01"),
            (issue, "date_due", "2027-01-01"),
            (visit, "date", "2026-03-01"),
            (visit, "commercial_partner_id", other),
            (plan, "date_to", "2027-01-01"),
        ):
            with (
                self.subTest(document=document._name, field=name),
                self.assertRaisesRegex(AccessError, "filled by the system"),
            ):
                document.write({name: value})

    def test_the_number_that_was_dialled_stays(self):
        customer = self.customers[0]
        customer.phone = "021 1"
        log = self.log()
        customer.phone = "021 2"
        self.assertEqual(log.phone, "021 1")

    # ------------------------------------------------------------
    # The next contact
    # ------------------------------------------------------------

    def test_the_next_contact_is_a_to_do_of_its_owner(self):
        log = self.log(next_date="2026-03-12")
        to_do = log.activity_ids
        self.assertEqual(
            (str(to_do.date_deadline), to_do.user_id), ("2026-03-12", self.ann)
        )
        self.assertEqual(
            to_do.activity_type_id, self.env.ref("mail.mail_activity_data_call")
        )
        log.next_date = "2026-03-13"
        self.assertEqual(str(log.activity_ids.date_deadline), "2026-03-13")
        by_hand = self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(log._name),
                "res_id": log.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "user_id": self.ann.id,
            }
        )
        log.next_date = False
        self.assertEqual(log.activity_ids, by_hand)

    # ------------------------------------------------------------
    # Points of a follow-up contact
    # ------------------------------------------------------------

    def test_fup_08_a_follow_up_has_seven_points_and_a_plain_call_none(self):
        plain, follow_up = self.log(), self.log(is_follow_up=True)
        self.assertFalse(plain.checklist_answer_ids)
        self.assertEqual(len(follow_up.checklist_answer_ids), 7)
        self.assertFalse(any(follow_up.checklist_answer_ids.mapped("required")))
        follow_up.checklist_answer_ids[0].value_text = "Likes it"
        with self.assertRaises(AccessError):
            follow_up.checklist_answer_ids[0].with_user(self.city).value_text = "x"
        plain.is_follow_up = True
        self.assertEqual(len(plain.checklist_answer_ids), 7)

    # ------------------------------------------------------------
    # From the customer and from the visit
    # ------------------------------------------------------------

    def test_a_call_is_logged_from_the_customer_with_few_fields(self):
        contact = self.env["res.partner"].create(
            {"name": "Li", "parent_id": self.customers[0].id, "phone": "138"}
        )
        action = contact.with_user(self.ann).action_stm_log_call()
        view = self.env["ir.ui.view"].browse(action["view_id"][0])
        form = Form(
            self.env["stm.contact.log"]
            .with_user(self.ann)
            .with_context(**action["context"]),
            view=view,
        )
        form.content = "Spring order"
        log = form.save()
        self.assertEqual(log.partner_id, self.customers[0])
        self.assertEqual((log.contact_id, log.phone), (contact, "138"))
        self.assertEqual((log.way, log.user_id), ("phone_out", self.ann))
        customer = self.customers[0].with_user(self.ann)
        self.assertEqual(customer.stm_contact_count, 1)
        self.assertEqual(contact.with_user(self.ann).stm_contact_count, 1)
        opened = customer.action_stm_contacts()
        found = self.env["stm.contact.log"].with_user(self.ann)
        self.assertEqual(found.search(opened["domain"]), log)
        for stranger in (self.wei, self.hr):
            self.env.invalidate_all()
            theirs = self.customers[0].with_user(stranger)
            self.assertEqual(theirs.stm_contact_count, 0)

    def test_a_call_is_logged_from_the_visit(self):
        visit = self.visit(
            self.ann, self.customers[2], "2026-03-05 02:00:00", done=False
        )
        context = visit.action_stm_log_call()["context"]
        log = self.env["stm.contact.log"].with_user(self.ann).with_context(**context)
        log = log.create({"content": "On the way"})
        self.assertEqual(visit.contact_log_ids, log)
        self.assertEqual(log.partner_id, self.customers[2])
        theirs = self.visit(
            self.ben, self.customers[2], "2026-03-05 02:00:00", done=False
        )
        with self.assertRaises(UserError):
            self.log(partner=self.customers[2], visit_id=theirs.id)
        with self.assertRaisesRegex(ValidationError, "a visit to another customer"):
            self.log(partner=self.customers[3], visit_id=visit.id)

    def test_letters_have_a_kind_and_calls_do_not(self):
        self.assertEqual(
            self.log(way="letter_out", letter_kind="invitation").letter_kind,
            "invitation",
        )
        form = Form(self.env["stm.contact.log"].with_user(self.ann))
        form.partner_id = self.customers[0]
        form.way = "letter_out"
        form.letter_kind = "notice"
        form.way = "phone_out"
        self.assertFalse(form.save().letter_kind)
