from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import StmCase

THURSDAY = "2026-02-26 02:00:00"
MORNING = "2026-02-26 01:00:00"


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestChecklist(StmCase):
    """Questions of a visit: asked, answered, frozen with it (VIS-05, VIS-06)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.checklist = cls.make_checklist()

    @classmethod
    def make_checklist(cls, release=True, **values):
        checklist = cls.env["stm.checklist"].create(
            {
                "name": "Shop visit",
                "usage": "visit",
                "line_ids": [
                    Command.create({"name": "Shelf filled?", "points": 4}),
                    Command.create({"name": "Remarks", "answer_type": "text"}),
                    Command.create(
                        {
                            "name": "Facings",
                            "answer_type": "number",
                            "minimum": 0,
                            "maximum": 50,
                        }
                    ),
                    Command.create(
                        {
                            "name": "Mood",
                            "answer_type": "choice",
                            "options": "Good\nBad\n",
                        }
                    ),
                    Command.create(
                        {
                            "name": "Cleanliness",
                            "answer_type": "score",
                            "minimum": 1,
                            "maximum": 5,
                            "points": 10,
                        }
                    ),
                    Command.create(
                        {
                            "name": "Next delivery",
                            "answer_type": "date",
                            "required": False,
                        }
                    ),
                    Command.create(
                        {"name": "Shelf", "answer_type": "photo", "required": False}
                    ),
                ],
                **values,
            }
        )
        if release:
            checklist.action_release()
        return checklist

    def answers(self, visit):
        rows = visit.checklist_answer_ids
        return {row.question: row for row in rows}

    def test_a_visit_is_finished_when_the_questions_are_answered(self):
        visit = self.visit(self.ann, self.customers[0], MORNING, done=False)
        self.assertEqual(visit.checklist_id, self.checklist)
        self.assertEqual(len(visit.checklist_answer_ids), 7)
        self.assertEqual(
            visit.checklist_missing,
            "Shelf filled?, Remarks, Facings, Mood, Cleanliness",
        )
        with self.assertRaisesRegex(UserError, "“Facings”"):
            visit.action_done()
        rows = self.answers(visit)
        rows["Shelf filled?"].value_yes_no = "yes"
        rows["Remarks"].value_text = "Fine"
        rows["Facings"].value_number = 0
        rows["Mood"].value_choice = "Good"
        rows["Cleanliness"].value_number = 3
        self.assertFalse(visit.checklist_missing)
        self.assertEqual(rows["Cleanliness"].points, 5)
        visit.action_done()
        with self.assertRaisesRegex(UserError, "finished"):
            rows["Facings"].value_number = 2
