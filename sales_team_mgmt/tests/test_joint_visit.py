from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import StmCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 02:00:00")
class TestJointVisit(StmCase):
    """Somebody comes along: asked for, or to coach (VIS-23)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        case.env = cls.env
        cls.planned = case.visit(
            cls.ann, cls.customers[0], "2026-03-04 02:00:00", done=False
        )

    def asked(self, visit=None):
        (visit or self.planned).action_ask_company("The owner wants to meet you")
        return self.env["stm.joint.visit"].search([])

    def mine(self, joint, user):
        self.env.invalidate_all()
        return joint.with_user(user)

    def test_at_vis_23_the_salesperson_asks_for_company(self):
        joint = self.asked()
        self.assertEqual(joint.companion_id, self.city)
        self.assertEqual(joint.user_id, self.ann)
        self.assertEqual(joint.state, "requested")
        self.assertEqual(joint.request, "The owner wants to meet you")
        todo = joint.activity_ids
        self.assertEqual(
            (todo.user_id, str(todo.date_deadline)), (self.city, "2026-03-04")
        )
        self.planned.action_ask_company()
        self.assertEqual(self.env["stm.joint.visit"].search([]), joint)
        asked = self.mine(joint, self.city)
        asked.companion_id = self.wei
        asked.action_agree()
        self.assertEqual(joint.state, "agreed")
        self.assertFalse(todo.exists())
        # Whoever is sent along sees it, without seeing the visit.
        sent = self.mine(joint, self.wei)
        self.assertEqual(sent.partner_id, self.customers[0])
        with self.assertRaises(AccessError):
            sent.action_open_visit()

    def test_a_request_is_declined_with_a_reason(self):
        joint = self.asked()
        asked = self.mine(joint, self.city)
        self.assertEqual(asked.action_decline()["res_model"], "stm.joint.visit.decline")
        wizard = self.env["stm.joint.visit.decline"].with_user(self.city)
        wizard.create(
            {"joint_ids": [Command.set(joint.ids)], "reason": "At the fair"}
        ).action_confirm()
        self.assertEqual(
            (joint.state, joint.decline_reason), ("declined", "At the fair")
        )
        self.assertEqual(self.mine(joint, self.ann).decline_reason, "At the fair")
        with self.assertRaisesRegex(UserError, "answered already"):
            self.mine(joint, self.east).action_agree()

    def test_the_person_answers_nothing_and_asks_for_own_visits_only(self):
        joint = self.asked()
        with self.assertRaises(AccessError):
            self.mine(joint, self.ann).action_agree()
        with self.assertRaises(AccessError):
            self.mine(joint, self.ben).action_agree()
        with self.assertRaises(AccessError):
            self.planned.with_user(self.city).action_ask_company()

    def test_notes_are_read_by_the_salesperson_when_they_are_shared(self):
        self.mine(self.planned, self.city).action_join()
        joint = self.env["stm.joint.visit"].search([])
        self.assertEqual((joint.state, joint.companion_id), ("noted", self.city))
        notes = self.mine(joint, self.city)
        with self.assertRaisesRegex(UserError, "Write down"):
            notes.action_share()
        notes.write(
            {
                "strengths": "Well prepared",
                "agreed_step": "Price list until Friday",
                "line_ids": [
                    Command.create({"name": "Preparation", "score": "5"}),
                    Command.create({"name": "Closing", "score": "2"}),
                ],
            }
        )
        for reader in (self.ann, self.ben):
            with self.subTest(reader.login), self.assertRaises(AccessError):
                self.mine(joint, reader).read(["strengths"])
            with self.subTest(reader.login), self.assertRaises(AccessError):
                self.mine(joint.line_ids, reader).read(["score"])
        self.assertEqual(self.mine(joint, self.east).strengths, "Well prepared")
        with self.assertRaises(AccessError):
            self.mine(joint, self.east).strengths = "Not at all"
        self.mine(joint, self.city).action_share()
        read = self.mine(joint, self.ann)
        self.assertEqual(read.strengths, "Well prepared")
        self.assertEqual(read.line_ids.mapped("score"), ["5", "2"])
        with self.assertRaises(AccessError):
            read.to_improve = "Nothing"
        with self.assertRaises(AccessError):
            read.line_ids[0].score = "5"
        with self.assertRaises(AccessError):
            self.mine(joint, self.city).strengths = "Changed afterwards"
        self.mine(joint, self.city).action_unshare()
        with self.assertRaises(AccessError):
            self.mine(joint, self.ann).read(["strengths"])

    def test_only_who_leads_the_person_joins(self):
        for user in (self.ann, self.ben, self.west):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.mine(self.planned, user).action_join()
        with self.assertRaises(AccessError):
            self.env["stm.joint.visit"].with_user(self.city).create(
                {"visit_id": self.planned.id, "companion_id": self.city.id}
            )
        self.mine(self.planned, self.city).action_join()
        self.mine(self.planned, self.city).action_join()
        self.assertEqual(self.env["stm.joint.visit"].search_count([]), 1)

    def test_it_moves_with_its_visit(self):
        joint = self.asked()
        self.planned.start_at = "2026-03-06 02:00:00"
        self.assertEqual(str(joint.date), "2026-03-06")

    def test_a_colleague_of_another_company_does_not_come_along(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        only = {"company_id": sister.id, "company_ids": [Command.set(sister.ids)]}
        foreign = self.person("foreign", "group_salesperson", **only)
        joint = self.asked()
        with self.assertRaisesRegex(UserError, "does not work in"):
            self.mine(joint, self.city).companion_id = foreign
        with self.assertRaises(UserError):
            self.mine(joint, self.city).companion_id = self.ann
