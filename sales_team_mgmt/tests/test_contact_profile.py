from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import StmCase

NOW = "2026-03-02 02:00:00"
TEXTS = ("hobbies", "topics", "topics_to_avoid", "temper", "family", "career")
RULES = "odoo.addons.base.models.ir_rule"


class ProfileCase(StmCase):
    """Ann keeps notes on Mrs Hu, who buys for a customer of hers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls.customers[0]
        cls.shop.user_id = cls.ann
        cls.hu, cls.lin = cls.env["res.partner"].create(
            [{"name": name, "parent_id": cls.shop.id} for name in ("Hu", "Lin")]
        )
        cls.deputy = cls.person("deputy", "group_leader")
        cls.assistant = cls.person("assistant", "group_salesperson")
        for user in (cls.deputy, cls.assistant):
            cls.join(user, cls.team_west, "customer_service")
        cls.team_city.write(
            {
                "stm_deputy_id": cls.deputy.id,
                "stm_assistant_ids": [Command.link(cls.assistant.id)],
            }
        )
        # Odoo lets them export and change customers: that opens nothing.
        more = cls.env.ref("base.group_allow_export")
        more += cls.env.ref("base.group_partner_manager")
        for user in (cls.ann, cls.ben, cls.wei, cls.west, cls.assistant):
            user.group_ids += more
        cls.plain = new_test_user(
            cls.env, "stm_plain", "base.group_user,base.group_partner_manager"
        )
        with freeze_time(NOW):
            cls.notes = cls.note(
                cls.ann,
                cls.hu,
                hobbies="Orchids",
                topics="The garden show",
                family="A son in Xiamen",
                consent_date="2026-02-20",
            )

    @classmethod
    def note(cls, user, person, **values):
        model = cls.env["stm.contact.profile"].with_user(user)
        vals = {"partner_id": person.id, "purpose": "Visits", **values}
        return model.create(vals).sudo().with_env(cls.env)

    def readers(self, notes=None):
        """Who of all these people may read the notes."""
        people = self.ann | self.ben | self.wei | self.city | self.east | self.west
        people |= self.manager | self.deputy | self.assistant | self.gm | self.finance
        people |= self.hr | self.plain
        self.env.flush_all()
        self.env.invalidate_all()
        notes = notes or self.notes
        return people.filtered(
            lambda user: notes.with_user(user)._filtered_access("read")
        )

    @property
    def superiors(self):
        return self.city | self.east | self.manager | self.deputy | self.gm

    def rpc(self, user, model, method, *args, **kwargs):
        """A call as it comes from outside."""
        self.env.flush_all()
        self.env.invalidate_all()
        return call_kw(self.env(user=user)[model], method, list(args), kwargs)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestReaders(ProfileCase):
    """The salesperson of the customer, the superiors and the general manager."""

    def test_nobody_else_by_any_way(self):
        self.assertEqual(self.readers(), self.ann | self.superiors)
        ids = self.notes.ids
        for user in (self.ben, self.wei, self.west, self.assistant):
            with self.subTest(user=user.login), mute_logger(RULES):
                for method, args in (
                    ("search", [[("family", "ilike", "Xiamen")]]),
                    ("search_read", [[], list(TEXTS)]),
                    ("name_search", ["Hu"]),
                    ("formatted_read_group", [[], ["hobbies"], ["__count"]]),
                ):
                    found = self.rpc(user, "stm.contact.profile", method, *args)
                    self.assertFalse(found, method)
                for method, args in (
                    ("read", [ids, ["hobbies"]]),
                    ("export_data", [ids, ["family"]]),
                    ("write", [ids, {"hobbies": "x"}]),
                    ("unlink", [ids]),
                    ("copy", [ids]),
                    ("action_hand_over", [ids]),
                ):
                    with self.assertRaises(AccessError, msg=method):
                        self.rpc(user, "stm.contact.profile", method, *args)
        for user in (self.finance, self.hr, self.plain):
            with (
                self.subTest(user=user.login),
                mute_logger("odoo.addons.base.models.ir_model"),
                self.assertRaises(AccessError),
            ):
                self.rpc(user, "stm.contact.profile", "search_read", [], ["family"])

    def test_no_field_of_another_record_leads_to_the_notes(self):
        """Only the visit does, with what each reader may read of it."""
        found = {
            (name, field.name)
            for name, model in self.env.registry.items()
            for field in model._fields.values()
            if field.relational and field.comodel_name == "stm.contact.profile"
        }
        self.assertEqual(found, {("stm.visit", "profile_ids")})
        self.assertNotIn("mail.thread", self.notes._inherit)
        visit = self.visit(self.ann, self.shop, done=False)
        visit.contact_id = self.hu
        for domain in (
            [("profile_ids.family", "ilike", "Xiamen")],
            [("profile_ids", "!=", False)],
        ):
            for user in (self.ann, self.assistant):
                with self.assertRaises(ValueError):
                    self.rpc(user, "stm.visit", "search", domain)
        # The assistant sees the visit and not the notes.
        [row] = self.rpc(
            self.assistant,
            "stm.visit",
            "web_read",
            visit.ids,
            {"profile_ids": {"fields": {"family": {}}}},
        )
        self.assertEqual(row["profile_ids"], [])
        data = self.rpc(
            self.assistant,
            "stm.visit",
            "export_data",
            visit.ids,
            ["profile_ids/family"],
        )
        self.assertNotIn("Xiamen", str(data))
        [row] = self.rpc(
            self.ann,
            "stm.visit",
            "web_read",
            visit.ids,
            {"profile_ids": {"fields": {"family": {}}}},
        )
        self.assertEqual(row["profile_ids"][0]["family"], "A son in Xiamen")

    def test_stand_ins_of_a_leader_on_their_days_and_those_of_colleagues_never(self):
        absences = self.env["stm.substitution"]
        for owner, cover in ((self.ann, self.ben), (self.city, self.west)):
            absences.with_user(owner).create(
                {
                    "substitute_id": cover.id,
                    "date_from": "2026-03-03",
                    "date_to": "2026-03-04",
                }
            )
        for day, more in (
            ("02", self.env["res.users"]),
            ("03", self.west),
            ("04", self.west),
            ("05", self.env["res.users"]),
        ):
            with self.subTest(day=day), freeze_time(f"2026-03-{day} 02:00:00"):
                self.assertEqual(self.readers(), self.ann | self.superiors | more)

    def test_superiors_write_and_the_general_manager_only_reads(self):
        for user in (self.ann, self.city, self.deputy, self.manager):
            with self.subTest(user=user.login):
                self.rpc(
                    user,
                    "stm.contact.profile",
                    "write",
                    self.notes.ids,
                    {"hobbies": user.name},
                )
                self.assertEqual(self.notes.hobbies, user.name)
                self.assertEqual(self.notes.changed_by_id, user)
        with self.assertRaises(AccessError), mute_logger(RULES):
            self.rpc(
                self.gm, "stm.contact.profile", "write", self.notes.ids, {"hobbies": ""}
            )

    def test_the_way_from_the_customer_is_shown_to_readers_only(self):
        for user in (self.ann, self.city, self.gm):
            with self.subTest(user=user.login):
                for partner in (self.shop, self.hu):
                    mine = partner.with_user(user)
                    self.assertEqual(mine.stm_profile_count, 1)
                    self.assertTrue(mine.stm_can_note)
        # There is nothing yet, and it could be begun.
        self.assertTrue(self.lin.with_user(self.ann).stm_can_note)
        self.assertFalse(self.lin.with_user(self.gm).stm_can_note)
        for user in (self.ben, self.wei, self.assistant):
            with self.subTest(user=user.login):
                mine = self.hu.with_user(user)
                self.assertEqual(
                    (mine.stm_profile_count, mine.stm_can_note), (0, False)
                )
                self.assertFalse(mine.action_stm_profile()["res_id"])
        with self.assertRaises(AccessError):
            self.rpc(
                self.finance, "res.partner", "read", self.hu.ids, ["stm_profile_count"]
            )


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestWriting(ProfileCase):
    """What is refused, and what a change leaves behind."""

    def test_only_for_own_customers_and_those_of_people_led(self):
        for user in (self.ben, self.wei, self.west, self.assistant, self.gm):
            for person in (self.lin, self.hu):
                # The same answer, whether there are notes or not.
                with self.subTest(user=user.login, person=person.name):
                    with self.assertRaisesRegex(AccessError, "salesperson of the"):
                        self.note(user, person)
        self.assertEqual(self.note(self.city, self.lin).user_id, self.ann)

    def test_a_customer_without_a_salesperson(self):
        for user in (self.ann, self.manager):
            with self.assertRaisesRegex(UserError, "Nobody looks after Customer 02"):
                self.note(user, self.customers[1])

    def test_one_a_person(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                self.note(self.ann, self.hu)

    def test_what_the_system_fills_is_not_handed_in(self):
        forged = {
            "user_id": self.ben.id,
            "team_id": self.team_west.id,
            "changed_at": "2030-01-01 00:00:00",
            "changed_by_id": self.ben.id,
            "review_date": "2099-01-01",
        }
        for name, value in forged.items():
            with self.subTest(name=name):
                with self.assertRaises(AccessError):
                    self.notes.with_user(self.ann).write({name: value})
                with self.assertRaises(AccessError):
                    self.note(self.ann, self.lin, **{name: value})
        with self.assertRaisesRegex(UserError, "stay with their person"):
            self.notes.with_user(self.ann).partner_id = self.lin
        by_default = {f"default_{name}": value for name, value in forged.items()}
        model = self.env["stm.contact.profile"].with_user(self.ann)
        notes = model.with_context(**by_default).create(
            {"partner_id": self.lin.id, "purpose": "Visits"}
        )
        self.assertEqual((notes.user_id, notes.team_id), (self.ann, self.team_city))
        self.assertEqual(notes.changed_by_id, self.ann)

    def test_sensitive_texts_need_consent(self):
        for name in TEXTS:
            with self.subTest(name=name):
                if name in ("temper", "family", "career"):
                    with (
                        self.assertRaisesRegex(ValidationError, "if the person agreed"),
                        self.env.cr.savepoint(),
                    ):
                        self.note(self.ann, self.lin, **{name: "x"})
                else:
                    self.note(self.ann, self.lin, **{name: "x"}).unlink()
        with self.assertRaisesRegex(ValidationError, "if the person agreed"):
            self.notes.with_user(self.ann).consent_date = False
        with self.assertRaisesRegex(ValidationError, "in the future"):
            self.notes.with_user(self.ann).consent_date = "2026-03-05"

    def test_what_is_known_of_a_change(self):
        with freeze_time("2026-03-10 02:00:00"):
            mine = self.notes.with_user(self.city)
            mine.write({"hobbies": "Orchids", "consent_date": "2026-02-20"})
            self.assertEqual(self.notes.changed_by_id, self.ann)
            self.assertEqual(str(self.notes.changed_at), NOW)
            mine.hobbies = "Roses"
        self.assertEqual(self.notes.changed_by_id, self.city)
        self.assertEqual(str(self.notes.changed_at), "2026-03-10 02:00:00")
        self.assertEqual(str(self.notes.review_date), "2028-03-09")

    def test_of_another_company(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        with self.assertRaises(AccessError):
            self.note(self.ann, self.lin, company_id=sister.id)
        self.lin.company_id = self.company
        with self.assertRaises(UserError):
            self.note(self.env.user, self.lin, company_id=sister.id)
        # Their leader works in both; the notes belong to one.
        self.city.company_ids += sister
        model = self.env["stm.contact.profile"].with_user(self.city)
        both = model.with_context(allowed_company_ids=sister.ids)
        self.assertFalse(both.search([]))
        self.assertFalse(both._stm_of(self.hu))
        hu = self.hu.with_user(self.city).with_context(allowed_company_ids=sister.ids)
        self.assertEqual(hu.stm_profile_count, 0)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestReassigned(ProfileCase):
    """Notes follow the customer, by those who may read them."""

    def west_superiors(self):
        return self.west | self.manager | self.gm

    def test_the_former_owner_reads_them_no_longer(self):
        with freeze_time("2026-03-10 02:00:00"):
            self.shop.with_user(self.manager).sudo(False).sudo().user_id = self.wei
        self.assertEqual(self.notes.user_id, self.wei)
        self.assertEqual(self.readers(), self.wei | self.west_superiors())
        # That is no change that keeps them longer.
        self.assertEqual(str(self.notes.changed_at), NOW)

    def test_by_the_wizard_of_leaders(self):
        wizard = self.env["stm.reassign"].with_user(self.city)
        wizard.create(
            {"partner_ids": self.shop.ids, "user_id": self.ben.id}
        ).action_reassign()
        self.assertEqual(self.readers(), self.ben | self.superiors)

    def test_taking_a_customer_gives_no_notes(self):
        """Salespeople may write customers in Odoo, also those of others."""
        for user, values in (
            (self.wei, {"user_id": self.wei.id}),
            (self.plain, {"user_id": self.wei.id}),
        ):
            with self.subTest(user=user.login):
                self.shop.user_id = self.ann
                self.notes.invalidate_recordset()
                self.rpc(user, "res.partner", "write", self.shop.ids, values)
                self.assertEqual(self.shop.user_id, self.wei)
                self.assertEqual(self.readers(), self.ann | self.superiors)
        own = self.customers[5]
        own.user_id = self.wei
        self.rpc(self.plain, "res.partner", "write", self.hu.ids, {"parent_id": own.id})
        self.assertEqual(self.hu.commercial_partner_id, own)
        self.assertEqual(self.readers(), self.ann | self.superiors)
        # A later change that is none of the owner brings nothing either.
        self.hu.with_user(self.manager).sudo().write({"parent_id": own.id})
        self.assertEqual(self.notes.user_id, self.ann)
        with self.assertRaises(AccessError), mute_logger(RULES):
            self.notes.with_user(self.wei).action_hand_over()
        self.notes.with_user(self.city).action_hand_over()
        self.assertEqual(self.readers(), self.wei | self.west_superiors())

    def test_without_a_salesperson_the_team_keeps_them(self):
        self.shop.user_id = False
        self.assertEqual(self.readers(), self.superiors)
        self.shop.user_id = self.ben
        self.assertEqual(self.readers(), self.ben | self.superiors)

    def test_the_owner_changes_the_team(self):
        self.join(self.ann, self.team_west, first="2026-03-02")
        self.assertEqual(self.notes.team_id, self.team_west)
        self.assertEqual(self.readers(), self.ann | self.west_superiors())

    def test_as_many_queries_for_two_customers_as_for_twenty(self):
        counts = []
        for customers in (self.customers[1:3], self.customers[3:23]):
            customers.user_id = self.ann
            for customer in customers:
                self.note(self.ann, customer)
            mine = customers.with_user(self.city).sudo(False)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            mine.sudo().write({"user_id": self.ben.id})
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            notes = self.env["stm.contact.profile"].search(
                [("partner_id", "in", customers.ids)]
            )
            self.assertEqual(notes.user_id, self.ben)
        self.assertLessEqual(counts[1], counts[0] + 2)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestPurge(ProfileCase):
    """Deleted on the day after the last one for which they are kept."""

    def purge(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("sales_team_mgmt.ir_cron_purge_profiles")
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_on_its_day(self):
        self.company.stm_profile_days = 30
        self.assertEqual(str(self.notes.review_date), "2026-04-01")
        with freeze_time("2026-03-03 02:00:00"):
            later = self.note(self.ann, self.lin)
        with freeze_time("2026-04-01 23:59:59"):
            self.purge()
            self.assertTrue(self.notes.exists())
        with freeze_time("2026-04-02 00:00:00"):
            self.purge()
        self.assertFalse(self.notes.exists())
        self.assertTrue(later.exists())

    def test_each_company_keeps_its_own_time(self):
        self.env["res.company"].create({"name": "Sister", "stm_profile_days": 1})
        with freeze_time("2026-03-10 02:00:00"):
            self.purge()
            self.assertTrue(self.notes.exists())
            self.company.stm_profile_days = 1
            self.purge()
        self.assertFalse(self.notes.exists())

    def test_the_time_is_at_least_a_day(self):
        with self.assertRaises(ValidationError):
            self.company.stm_profile_days = 0

    def test_with_the_person(self):
        self.hu.unlink()
        self.assertFalse(self.notes.exists())


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestPreparation(ProfileCase):
    """What the salesperson knows before going in (VIS-18)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        promise = cls.env["stm.promise"].with_user(cls.ann)
        cls.promise = promise.create(
            [
                {"name": name, "partner_id": cls.hu.id, "date_due": day, **more}
                for name, day, more in (
                    ("Price list", "2026-03-20", {}),
                    ("Samples", "2026-03-10", {}),
                    ("Transfer", "2026-03-12", {"kind": "collection", "amount": 5}),
                )
            ]
        )[0]
        issue = cls.env["stm.customer.issue"].with_user(cls.ann)
        issue.create({"name": "Glue", "partner_id": cls.shop.id})
        done = promise.create(
            {"name": "Kept", "partner_id": cls.hu.id, "date_due": "2026-03-03"}
        )
        done.action_keep()

    def today(self, user):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["stm.visit"].with_user(user).stm_today()["visits"]

    def test_on_the_form(self):
        visit = self.visit(self.ann, self.shop, done=False)
        self.assertFalse(visit.profile_ids)
        visit.contact_id = self.hu
        self.assertEqual(visit.profile_ids.sudo(), self.notes)
        self.assertEqual((visit.open_promise_count, visit.open_issue_count), (2, 1))
        for method, count in (("action_open_promises", 2), ("action_open_issues", 1)):
            action = getattr(visit, method)()
            model = self.env[action["res_model"]].with_user(self.ann)
            self.assertEqual(model.search_count(action["domain"]), count)
        self.assertEqual(visit.action_open_profile()["res_id"], self.notes.id)
        # Nothing is prepared any more.
        visit.action_done()
        self.assertFalse(visit.profile_ids)

    def test_notes_on_the_customer_unless_there_are_some_on_the_person(self):
        visit = self.visit(self.ann, self.shop, done=False)
        of_shop = self.note(self.ann, self.shop, hobbies="Golf")
        visit.contact_id = self.lin
        self.assertEqual(visit.profile_ids.sudo(), of_shop)
        visit.contact_id = self.hu
        self.assertEqual(visit.profile_ids.sudo(), self.notes)

    def test_a_visit_to_the_customer_of_somebody_else(self):
        """Ben goes there; the notes and promises of Ann are none of his business."""
        visit = self.visit(self.ben, self.shop, done=False)
        visit.contact_id = self.hu
        self.assertFalse(visit.profile_ids)
        self.assertEqual((visit.open_promise_count, visit.open_issue_count), (0, 0))
        [shown] = self.today(self.ben)
        self.assertEqual((shown["profile"], shown["promises"]), (None, []))

    def test_on_the_phone(self):
        visit = self.visit(self.ann, self.shop, done=False)
        visit.contact_id = self.hu
        [shown] = self.today(self.ann)
        self.assertEqual(
            shown["profile"],
            [
                {"label": "Hobbies", "text": "Orchids"},
                {"label": "Topics to Talk About", "text": "The garden show"},
                {"label": "Family", "text": "A son in Xiamen"},
            ],
        )
        self.assertEqual(shown["promises"], ["Samples", "Price list"])
        visit.action_done()
        [shown] = self.today(self.ann)
        self.assertEqual((shown["profile"], shown["promises"]), (None, []))

    def test_as_many_queries_for_two_visits_as_for_twenty(self):
        counts = []
        for customers in (self.customers[1:3], self.customers[3:21]):
            customers.user_id = self.ann
            for customer in customers:
                self.note(self.ann, customer, hobbies="Tea")
                self.visit(self.ann, customer, done=False)
            self.today(self.ann)
            before = self.env.cr.sql_log_count
            shown = self.today(self.ann)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertTrue(all(visit["profile"] for visit in shown))
        self.assertEqual(*counts)
