import random
from datetime import date, datetime, timedelta

from odoo.tests import freeze_time, tagged

from ..tools.duties import consecutive_misses
from .common import StmCase

STATES = ("open", "on_time", "excused", "late", "missing", "waived")
KEYS = ("stm_test_one", "stm_test_two")
HISTORIES = 200


@tagged("post_install", "-at_install")
@freeze_time("2026-02-26 02:00:00")
class TestConsecutive(StmCase):
    """The statement that counts misses in a row agrees with the pure function."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.duty = cls.env.ref("sales_team_mgmt.duty_weekly_report")
        cls.sister = cls.env["res.company"].create({"name": "Sister"})

    def items(self, user, key, states, company=None, rng=None, **values):
        """Items of one history in order of time, inserted in any order.

        They come with a count that is wrong on purpose.
        """
        numbered = list(enumerate(states))
        if rng:
            rng.shuffle(numbered)
        items = (
            self.env["stm.duty.item"]
            .sudo()
            .create(
                [
                    {
                        "duty_id": self.duty.id,
                        "duty_key": key,
                        "model": "stm.work.report",
                        "user_id": user.id,
                        "company_id": (company or self.company).id,
                        "period_start": date(2026, 1, 5) + timedelta(weeks=number),
                        "due_at": datetime(2026, 1, 9, 10) + timedelta(weeks=number),
                        "state": state,
                        "team_id": self.team_city.id,
                        "consecutive": 9,
                        **values,
                    }
                    for number, state in numbered
                ]
            )
        )
        return items.sorted("period_start")

    def expected(self, states):
        """A miss counts what the function says of all up to it; the rest is zero."""
        return [
            consecutive_misses(states[: number + 1]) if state == "missing" else 0
            for number, state in enumerate(states)
        ]

    def test_the_statement_agrees_with_the_function_on_random_histories(self):
        rng = random.Random(7)
        people = (self.ann, self.ben, self.wei, self.city, self.west)
        compared = longest = 0
        while compared < HISTORIES:
            histories = []
            for user in people:
                for key in KEYS:
                    # Half of all are misses, or there would hardly be any row.
                    states = rng.choices(
                        STATES, (1, 1, 1, 1, 6, 2), k=rng.randint(1, 12)
                    )
                    items = self.items(user, key, states, rng=rng)
                    histories.append((user, key, states, items))
            everything = self.env["stm.duty.item"].browse(
                item.id for *_history, items in histories for item in items
            )
            everything._count_consecutive()
            for user, key, states, items in histories:
                with self.subTest(person=user.name, key=key, states=states):
                    self.assertEqual(items.mapped("consecutive"), self.expected(states))
                    # What the ladder and the deduction ask: the latest that counts
                    latest = [
                        item for item in items if item.state not in ("open", "waived")
                    ][-1:]
                    self.assertEqual(
                        latest[0].consecutive if latest else 0,
                        consecutive_misses(states),
                    )
                    longest = max(longest, *items.mapped("consecutive"))
            compared += len(histories)
            everything.sudo().unlink()
        self.assertEqual(compared, HISTORIES)
        self.assertGreater(longest, 4)

    def test_people_duties_and_companies_are_counted_apart(self):
        key, other = KEYS
        mine = self.items(self.ann, key, ["missing", "missing"])
        abroad = self.items(self.ann, key, ["late", "missing"], self.sister)
        theirs = self.items(self.ben, key, ["on_time", "missing"])
        second = self.items(self.ann, other, ["missing", "excused"])
        (mine | abroad | theirs | second)._count_consecutive()
        self.assertEqual(mine.mapped("consecutive"), [1, 2])
        self.assertEqual(abroad.mapped("consecutive"), [0, 1])
        self.assertEqual(theirs.mapped("consecutive"), [0, 1])
        self.assertEqual(second.mapped("consecutive"), [1, 0])

    def test_one_item_counts_the_whole_history_of_its_person_and_duty_only(self):
        key, other = KEYS
        mine = self.items(self.ann, key, ["missing", "missing", "missing"])
        theirs = self.items(self.ben, key, ["missing"])
        second = self.items(self.ann, other, ["missing"])
        mine[0]._count_consecutive()
        self.assertEqual(mine.mapped("consecutive"), [1, 2, 3])
        self.assertEqual(theirs.consecutive, 9)
        self.assertEqual(second.consecutive, 9)

    def test_decisions_are_not_part_of_the_row(self):
        plan = self.plan(self.ann)
        plan.action_submit()
        approval = self.env["stm.approval"].search(
            [("model", "=", "stm.work.plan"), ("res_id", "=", plan.id)]
        )
        self.assertTrue(approval)
        first = self.items(self.city, KEYS[0], ["missing", "missing"])
        decision = self.items(self.city, KEYS[0], ["late"], approval_id=approval.id)
        (first | decision)._count_consecutive()
        self.assertEqual(first.mapped("consecutive"), [1, 2])
        self.assertEqual(decision.consecutive, 9)

    def test_waiving_a_miss_joins_the_rows_on_both_sides(self):
        states = ["missing", "missing", "missing", "missing"]
        items = self.items(self.ann, KEYS[0], states)
        items._count_consecutive()
        self.assertEqual(items.mapped("consecutive"), [1, 2, 3, 4])
        waived = items[1].with_user(self.city)
        waived.waive_reason = "Ill"
        waived.action_waive()
        self.assertEqual(items.mapped("consecutive"), [1, 0, 2, 3])

    def test_nothing_is_written_where_nothing_changed(self):
        items = self.items(self.ann, KEYS[0], ["missing", "late", "missing"])
        items._count_consecutive()
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT id, xmin::text, ctid::text FROM stm_duty_item"
            " WHERE id = ANY(%s) ORDER BY id",
            [items.ids],
        )
        before = self.env.cr.fetchall()
        items._count_consecutive()
        self.env.cr.execute(
            "SELECT id, xmin::text, ctid::text FROM stm_duty_item"
            " WHERE id = ANY(%s) ORDER BY id",
            [items.ids],
        )
        self.assertEqual(self.env.cr.fetchall(), before)
