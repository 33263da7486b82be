from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import StmCase

THURSDAY = "2026-02-26 02:00:00"


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestGate(StmCase):
    """Closing a period whose documents nobody has decided yet (SYS-06)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.march = cls.month("2026-03-01", "2026-03-31")

    @classmethod
    def month(cls, first, last, **values):
        return cls.env["stm.period"].create(
            {"name": first[:7], "date_from": first, "date_to": last, **values}
        )

    def undecided(self, user=None, monday="2026-03-02"):
        plan = self.plan(user or self.ann, monday)
        plan.action_submit()
        return plan

    def ask(self, user=None, period=None, **values):
        period = period or self.march
        action = period.with_user(user or self.manager).action_ask_exception()
        return (
            self.env["stm.gate.exception"]
            .with_user(user or self.manager)
            .with_context(**action["context"])
            .create({"reason": "The books are waiting", **values})
        )

    def approved(self, **values):
        exception = self.ask(**values)
        exception.action_submit()
        exception.with_user(self.gm).action_approve()
        return exception

    def close(self, area="work", periods=None):
        return (periods or self.march).with_user(self.manager).action_close(area)

    def test_an_undecided_document_keeps_the_period_open(self):
        plan = self.undecided()
        for area in ("work", None):
            with self.assertRaises(UserError) as refusal, self.env.cr.savepoint():
                self.close(area)
            message = str(refusal.exception)
            for part in ("2026-03:", "• Weekly Plan: 1", plan.display_name):
                self.assertIn(part, message)
            self.assertIn("Ask for an Exception", message)
        self.assertFalse(self.march.closing_ids)
        self.close("pay")
        self.assertEqual(self.march.closing_ids.area, "pay")
        plan.with_user(self.city).action_approve()
        self.close(None)
        self.assertEqual(len(self.march.closing_ids), 4)

    def test_an_approved_exception_closes_it(self):
        self.undecided()
        exception = self.approved()
        self.assertEqual(exception.validity, "holds")
        self.close()
        self.assertTrue(self.march.is_closed)
