"""Weekly plans and reports with their approvals, key points and duty items."""

from datetime import date, datetime, timedelta

from .copying import Copier, Pattern, example
from .growth import moment
from .parameters import ABSENT_WEEKS, LATE_DOCUMENTS, MISSING_DOCUMENTS, Parameters
from .people import Organisation

KEY_POINTS = 2


class Weeks:
    def __init__(self, env, parameters: Parameters, copier: Copier, rng):
        self.env = env
        self.parameters = parameters
        self.copier = copier
        self.rng = rng
        #: Id of the plan of a person and week.
        self.plans: dict[tuple[int, date], int] = {}

    def fill(self, organisation: Organisation):
        self.organisation = organisation
        self._make_patterns()
        # Due on Monday at nine, and at nine on the Monday after.
        self._copy_documents("stm.work.plan", timedelta(0))
        self._copy_documents("stm.work.report", timedelta(days=7))
        self._copy_points()
        self._copy_absences()

    def _make_patterns(self):
        """A plan and a report of somebody, approved by the leader, and what was due."""
        person = self.organisation.areas[0][-1]
        monday = self.parameters.mondays[0]
        self.patterns = {}
        with example(self.env):
            for model, route in (
                ("stm.work.plan", "route_work_plan"),
                ("stm.work.report", "route_work_report"),
            ):
                values = {"user_id": person.user_id, "date_from": monday}
                document = self.env[model].sudo().create(values)
                self.patterns[model] = self._read(document, route)
            plan = self.env["stm.work.plan"].search(
                [("user_id", "=", person.user_id)], limit=1
            )
            point = (
                self.env["stm.work.plan.point"]
                .sudo()
                .create({"plan_id": plan.id, "name": "Win back a customer"})
            )
            absence = (
                self.env["stm.absence"]
                .sudo()
                .create({"user_id": person.user_id, "date": monday})
            )
            self.env.flush_all()
            self.patterns["absence"] = Pattern(self.env.cr, absence._table, absence.id)
            self.patterns["point"] = Pattern(self.env.cr, point._table, point.id)

    def _read(self, document, route) -> dict[str, Pattern]:
        """The patterns around a document: itself, approval, step, duty item."""
        route = self.env.ref(f"sales_team_mgmt.{route}")
        duty = self.env.ref(
            "sales_team_mgmt.duty_weekly_plan"
            if document._name == "stm.work.plan"
            else "sales_team_mgmt.duty_weekly_report"
        )
        now = datetime(2026, 1, 1)
        whose = {"user_id": document.user_id.id, "company_id": document.company_id.id}
        approval = (
            self.env["stm.approval"]
            .sudo()
            .create(
                {
                    **whose,
                    "name": document.display_name,
                    "model": document._name,
                    "res_id": document.id,
                    "route_id": route.id,
                    "requester_id": document.user_id.id,
                    "state": "approved",
                    "fingerprint": "-",
                    "submitted_at": now,
                    "decided_at": now,
                }
            )
        )
        step = self.env["stm.approval.line"].sudo()
        step = step.create(
            {
                "approval_id": approval.id,
                "step_id": route.step_ids[:1].id,
                "user_id": document.user_id.id,
                "state": "approved",
                "acted_by_id": document.user_id.id,
                "acted_at": now,
            }
        )
        item = self.env["stm.duty.item"].sudo()
        item = item.create(
            {
                **whose,
                "duty_id": duty.id,
                "duty_key": duty.code,
                "model": document._name,
                "res_id": document.id,
                "period_kind": "week",
                "period_start": document.date_from,
                "document_start": document.date_from,
                "due_at": now,
            }
        )
        self.env.flush_all()
        return {
            record._name: Pattern(self.env.cr, record._table, record.id)
            for record in (document, approval, step, item)
        }

    def _copy_documents(self, model: str, later: timedelta):
        """Everybody's document of each week: most in time, some late, few missing."""
        patterns = self.patterns[model]
        people = self.organisation.people
        documents, approvals, steps, items = [], [], [], []
        for monday in self.parameters.mondays:
            if monday + later > self.parameters.last_day:
                break
            due = moment(monday + later, 9)
            for person in people:
                team = person.team_on(monday)
                luck = self.rng.random()
                if luck < MISSING_DOCUMENTS:
                    items.append(
                        (person.user_id, team, monday, monday, due, None)
                        + (None, "missing")
                    )
                    continue
                late = luck < MISSING_DOCUMENTS + LATE_DOCUMENTS
                handed_in = due + timedelta(hours=5 if late else -5)
                decided = handed_in + timedelta(hours=20)
                leader = self.organisation.leader_of.get(team)
                documents.append(
                    (person.user_id, team, monday, monday + timedelta(days=6))
                    + ("approved", handed_in, decided)
                )
                approvals.append(
                    (person.user_id, person.user_id, team, handed_in, decided)
                )
                steps.append((leader or person.user_id, leader, team, decided))
                items.append(
                    (person.user_id, team, monday, monday, due, handed_in)
                    + (len(documents) - 1, "late" if late else "on_time")
                )
        table = patterns[model].table
        ids = self.copier.ids(table, len(documents))
        approval_ids = self.copier.ids("stm_approval", len(documents))
        self.copier.append(
            patterns[model],
            ["id", "approval_id", "user_id", "team_id", "date_from", "date_to"]
            + ["state", "submitted_at", "decided_at"],
            zip_rows(ids, approval_ids, documents),
        )
        self.copier.append(
            patterns["stm.approval"],
            ["id", "res_id", "user_id", "requester_id", "team_id"]
            + ["submitted_at", "decided_at"],
            zip_rows(approval_ids, ids, approvals),
        )
        self.copier.append(
            patterns["stm.approval.line"],
            ["id", "approval_id", "user_id", "acted_by_id", "team_id", "acted_at"],
            zip_rows(
                self.copier.ids("stm_approval_line", len(steps)), approval_ids, steps
            ),
        )
        self.copier.append(
            patterns["stm.duty.item"],
            ["id", "user_id", "team_id", "period_start", "document_start", "due_at"]
            + ["submitted_at", "res_id", "state"],
            (
                (row_id, *row[:6], None if row[6] is None else ids[row[6]], row[7])
                for row_id, row in zip(
                    self.copier.ids("stm_duty_item", len(items)), items, strict=True
                )
            ),
        )
        if model == "stm.work.plan":
            for row_id, document in zip(ids, documents, strict=True):
                self.plans[document[0], document[2]] = row_id

    def _copy_absences(self):
        """A day away now and then."""
        rows = [
            (person.user_id, person.team_on(monday), monday + timedelta(days=2))
            for monday in self.parameters.mondays
            for person in self.organisation.people
            if monday + timedelta(days=2) <= self.parameters.last_day
            and self.rng.random() < ABSENT_WEEKS
        ]
        self.copier.append(
            self.patterns["absence"],
            ["id", "user_id", "team_id", "date"],
            zip_rows(self.copier.ids("stm_absence", len(rows)), rows),
        )

    def _copy_points(self):
        plans = [(plan, user) for (user, _monday), plan in self.plans.items()]
        rows = [pair for pair in plans for _number in range(KEY_POINTS)]
        outcomes = ("done", "done", "done", "partly", "not_done")
        self.copier.append(
            self.patterns["point"],
            ["id", "plan_id", "user_id", "outcome"],
            (
                (row_id, plan, user, outcomes[row_id % len(outcomes)])
                for row_id, (plan, user) in zip(
                    self.copier.ids("stm_work_plan_point", len(rows)), rows, strict=True
                )
            ),
        )


def zip_rows(*columns):
    """Rows that begin with the values of all columns but the last, which has rows."""
    for *first, row in zip(*columns, strict=True):
        yield (*first, *row)
