from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import StmCase

THURSDAY = "2026-02-26 02:00:00"

# The smallest picture there is.
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)

OPERATIONS = ("read", "write", "create", "unlink")
LOGGERS = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


ROLES = (
    "owner",
    "colleague",
    "other",
    "leader",
    "above",
    "other_leader",
    "manager",
    "deputy",
    "assistant",
    "gm",
    "finance",
    "hr",
    "plain",
    "portal",
)

# What each role may do with a record of Ann's (or of the company) by access rights and
# rules: r(ead), w(rite), c(reate), d(elete). In the order of ROLES.
RIGHTS = {
    "stm.absence": "r - - rwcd rwcd - rwcd rwcd r r - rwcd - -",
    "stm.approval": "r - - r r - r r r r - - - -",
    "stm.approval.line": "r - - r r - r r r r - - - -",
    "stm.approval.route": "r r r r r r rwcd r r r - - - -",
    "stm.approval.route.step": "r r r r r r rwcd r r r - - - -",
    "stm.appraisal": "- - - rwc rwc - rwc rwc - rwc - rwc - -",
    "stm.appraisal.appeal": "rwcd - - rwcd rwcd - rwcd rwcd - r - r - -",
    "stm.appraisal.band": "r r r r r r rwcd r r r - r - -",
    "stm.appraisal.deduction": "r r r r r r rwcd r r r - r - -",
    "stm.appraisal.item": "r r r r r r rwcd r r r - r - -",
    "stm.appraisal.line": "- - - rw rw - rw rw - rw - rw - -",
    "stm.appraisal.part": "- - - r r - r r - r - r - -",
    "stm.appraisal.section": "r r r r r r rwcd r r r - r - -",
    "stm.appraisal.template": "r r r r r r rwcd r r r - r - -",
    "stm.access": "- - - - - - r - - - - - - -",
    "stm.acknowledgement": "r - - r r - r r r r - - - -",
    "stm.checklist": "r r r r r r rwcd r r r - - - -",
    "stm.checklist.answer": "rw - - r r - r r r r - - - -",
    "stm.checklist.line": "r r r r r r rwcd r r r - - - -",
    "stm.contact.log": "rwcd - - rwcd rwcd - rwcd rwcd rwcd r - - - -",
    "stm.contact.profile": "rwcd - - rwcd rwcd - rwcd rwcd - r - - - -",
    "stm.customer.issue": "rwc - - rwc rwc - rwc rwc rwc r - - - -",
    "stm.client.action": "r - - r r - r r - - - - - -",
    "stm.day.exception": "r r r r r r rwcd r r r - rwcd - -",
    "stm.decision": "- - - rwc - - - - - - - - - -",
    "stm.duty": "r r r r r r rwcd r r r - - - -",
    "stm.duty.item": "rw - - rw rw - rw rw rw r - - - -",
    "stm.duty.step": "r r r r r r rwcd r r r - - - -",
    "stm.event": "- - - rwcd rwcd - rwcd rwcd rwcd rwcd - rwcd - -",
    "stm.event.dismiss": "- - - rwc - - - - - - - - - -",
    "stm.event.type": "r r r r r r rwcd r r r - r - -",
    "stm.gate.exception": "rwcd - - rwcd rwcd - rwcd rwcd rwcd r - - - -",
    "stm.indicator": "r r r r r r rwcd r r r r r - -",
    "stm.measure": "r - - r r - r r r r r r - -",
    "stm.measure.correction": "r - - r r - r r r r r r - -",
    "stm.measure.evidence": "- - - - - - r - - - - - - -",
    "stm.measure.task": "- - - - - - r - - - - - - -",
    "stm.period": "r r r r r r rwcd r r r r r - -",
    "stm.period.closing": "r r r r r r r r r r r r - -",
    "stm.position.consent": "r - - - - - - - - - - - - -",
    "stm.post": "r r r r r r rwcd r r r r rwc r -",
    "stm.customer.class": "r r r r r r rwcd r r r r r r -",
    "stm.promise": "rwc - - rwc rwc - rwc rwc rwc r - - - -",
    "stm.promise.change": "- - - rwc - - - - - - - - - -",
    "stm.region": "r r r r r r rwcd r r r r r r -",
    "stm.region.assignment": "r - - r r - rwcd r r r - rwcd - -",
    "stm.report.template": "r r r r r r rwcd r r r - - - -",
    "stm.report.template.line": "r r r r r r rwcd r r r - - - -",
    "stm.rule.document": "rwcd - - rwcd rwcd - rwcd rwcd rwcd r - - - -",
    "stm.substitution": "rwcd - - rwcd rwcd - rwcd rwcd rwcd r - rwcd - -",
    "stm.transfer": "- - - - - - rwc - - - - - - -",
    "stm.visit": "rwcd - - rwcd rwcd - rwcd rwcd rwcd r - - - -",
    "stm.visit.check.in": "rwc - - - - - - - - - - - - -",
    "stm.visit.competitor": "rwcd - - r r - r r r r - - - -",
    "stm.visit.photo": "rcd - - r r - r r - - - - - -",
    "stm.visit.position": "r - - r r - r r - - - - - -",
    "stm.visit.stock": "rwcd - - r r - r r r r - - - -",
    "stm.visit.type": "r r r r r r rwcd r r r - - - -",
    "stm.visit.type.action": "r r r r r r rwcd r r r - - - -",
    "stm.visit.cancel": "rwc - - - - - - - - - - - - -",
    "stm.reassign": "- - - rwc - - - - - - - - - -",
    "stm.workload": "- - - rwc - - - - - - - - - -",
    "stm.workload.line": "- - - rwcd - - - - - - - - - -",
    "stm.staffing.ratio": "- - - r r r rwcd r - r - r - -",
    "stm.visit.carry.over": "rwc - - - - - - - - - - - - -",
    "stm.visit.policy": "r r r r r r rwcd r r r - - - -",
    "stm.visit.policy.line": "r r r r r r rwcd r r r - - - -",
    "stm.visit.window": "rwcd rwcd rwcd rwcd rwcd rwcd rwcd rwcd rwcd rwcd r r r -",
    "stm.plan.generator": "- - - rwc - - - - - - - - - -",
    "stm.route": "rwcd - - rwcd rwcd - rwcd rwcd rwcd r - - - -",
    "stm.route.line": "rwcd - - rwcd rwcd - rwcd rwcd rwcd r - - - -",
    "stm.work.plan.unplaced": "r - - r r - r r r r - - - -",
    "stm.work.plan": "rwcd - - rwcd rwcd - rwcd rwcd rwcd r - - - -",
    "stm.work.plan.line": "rwcd - - rwcd rwcd - rwcd rwcd rwcd r - - - -",
    "stm.work.plan.point": "rwcd - - rwcd rwcd - rwcd rwcd rwcd r - - - -",
    "stm.work.report": "rwcd - - rwcd rwcd - rwcd rwcd rwcd r - - - -",
    "stm.work.report.line": "rw - - rw rw - rw rw rw r - - - -",
    "stm.joint.visit": "rw - - rw rw - rw rw rw r - - - -",
    "stm.joint.visit.line": "- - - rwcd rwcd - rwcd rwcd rwcd r - - - -",
    "stm.joint.visit.decline": "- - - rwc - - - - - - - - - -",
    "stm.spot.check": "- - - rwcd rwcd - rwcd rwcd rwcd r - - - -",
    "stm.spot.check.draw": "- - - rwc - - - - - - - - - -",
    "stm.spot.check.reopen": "- - - rwc - - - - - - - - - -",
    "stm.visit.exception": "rw - - rw rw - rw rw rw r - - - -",
    "stm.visit.exception.decide": "- - - rwc - - - - - - - - - -",
    "stm.visit.slip": "rwcd - - rwcd rwcd - rwcd rwcd rwcd r - - - -",
    "stm.visit.slip.line": "rwcd - - rwcd rwcd - rwcd rwcd rwcd r - - - -",
}

# What comes out when they try to change it (w) or to delete it (d): the documents
# refuse what the rules would let pass. Models without a row refuse nothing more.
ATTEMPTS = {
    "stm.appraisal": "- - - w w - w w - - - - - -",
    "stm.appraisal.appeal": "wd - - - - - - - - - - - - -",
    "stm.appraisal.line": "- - - w w - w w - - - - - -",
    "stm.checklist.answer": "w - - - - - - - - - - - - -",
    "stm.contact.log": "wd - - - - - - - - - - - - -",
    "stm.customer.issue": "w - - - - - - - - - - - - -",
    "stm.duty.item": "- - - w w - w w - - - - - -",
    "stm.event": "- - - wd w - w w - - - - - -",
    "stm.gate.exception": "wd - - - - - - - - - - - - -",
    "stm.promise": "w - - - - - - - - - - - - -",
    "stm.rule.document": "wd - - - - - - - - - - - - -",
    "stm.substitution": "wd - - wd wd - wd wd - - - wd - -",
    "stm.visit": "wd - - - - - - - - - - - - -",
    "stm.visit.window": "wd - - wd wd - wd wd - - - - - -",
    "stm.route": "wd - - wd wd - wd wd - - - - - -",
    "stm.route.line": "wd - - wd wd - wd wd - - - - - -",
    "stm.work.plan": "wd - - - - - - - - - - - - -",
    "stm.work.plan.line": "wd - - - - - - - - - - - - -",
    "stm.work.plan.point": "wd - - - - - - - - - - - - -",
    "stm.work.report": "wd - - - - - - - - - - - - -",
    "stm.work.report.line": "w - - - - - - - - - - - - -",
    "stm.joint.visit": "w - - - - - - - - - - - - -",
    "stm.joint.visit.line": "- - - wd - - - - - - - - - -",
    "stm.spot.check": "- - - w w - w w - - - - - -",
    "stm.visit.exception": "w - - - - - - - - - - - - -",
    "stm.visit.slip": "wd - - - - - - - - - - - - -",
    "stm.visit.slip.line": "wd - - - - - - - - - - - - -",
}

# A change that is harmless by itself.
CHANGES = {
    "stm.appraisal": {"interview_comment": "x"},
    "stm.appraisal.appeal": {"reason": "x"},
    "stm.appraisal.band": {"points": 77},
    "stm.appraisal.deduction": {"sequence": 77},
    "stm.appraisal.item": {"sequence": 77},
    "stm.appraisal.line": {"comment": "x"},
    "stm.appraisal.part": {"points": 77},
    "stm.appraisal.section": {"sequence": 77},
    "stm.appraisal.template": {"sequence": 77},
    "stm.absence": {"reason": "x"},
    "stm.approval": {"name": "x"},
    "stm.approval.line": {"comment": "x"},
    "stm.approval.route": {"sequence": 77},
    "stm.approval.route.step": {"sequence": 77},
    "stm.access": {"date_to": "2030-01-01"},
    "stm.acknowledgement": {"date": "2026-01-01 00:00:00"},
    "stm.checklist": {"sequence": 77},
    "stm.checklist.answer": {"value_yes_no": "yes"},
    "stm.checklist.line": {"sequence": 77},
    "stm.contact.log": {"content": "x"},
    "stm.contact.profile": {"hobbies": "x"},
    "stm.customer.issue": {"description": "x"},
    "stm.client.action": {"late": 77},
    "stm.day.exception": {"name": "x"},
    "stm.decision": {"comment": "x"},
    "stm.duty": {"sequence": 77},
    "stm.duty.item": {"waive_reason": "x"},
    "stm.duty.step": {"sequence": 77},
    "stm.event": {"note": "x"},
    "stm.event.dismiss": {"reason": "x"},
    "stm.event.type": {"sequence": 77},
    "stm.gate.exception": {"valid_until": "2030-01-01"},
    "stm.indicator": {"sequence": 77},
    "stm.measure": {"numerator": 77},
    "stm.measure.correction": {"came": 77},
    "stm.measure.evidence": {"checksum": "x"},
    "stm.measure.task": {"wanted_at": "2026-01-01 00:00:00"},
    "stm.period": {"name": "x"},
    "stm.period.closing": {"area": "pay"},
    "stm.position.consent": {"text": "x"},
    "stm.post": {"sequence": 77},
    "stm.customer.class": {"name": "x"},
    "stm.promise": {"name": "x"},
    "stm.promise.change": {"reason": "x"},
    "stm.region": {"name": "x"},
    "stm.region.assignment": {"date_to": "2026-12-31"},
    "stm.report.template": {"sequence": 77},
    "stm.report.template.line": {"sequence": 77},
    "stm.rule.document": {"body": "x"},
    "stm.substitution": {"reason": "x"},
    "stm.transfer": {"note": "x"},
    "stm.visit": {"purpose": "x"},
    "stm.visit.cancel": {"reason": "x"},
    "stm.reassign": {"date": "2026-03-06"},
    "stm.workload": {"factor": 2.0},
    "stm.workload.line": {"count": 77},
    "stm.staffing.ratio": {"sequence": 77},
    "stm.visit.carry.over": {"date": "2026-03-06"},
    "stm.visit.policy": {"sequence": 77},
    "stm.visit.policy.line": {"sequence": 77},
    "stm.visit.window": {"hour_to": 18.0},
    "stm.plan.generator": {"weeks": 2},
    "stm.route": {"color": 7},
    "stm.route.line": {"sequence": 77},
    "stm.work.plan.unplaced": {"note": "x"},
    "stm.visit.check.in": {"reason": "x"},
    "stm.visit.competitor": {"product": "x"},
    "stm.visit.photo": {"label": "x"},
    "stm.visit.position": {"note": "x"},
    "stm.visit.stock": {"quantity": 77},
    "stm.visit.type": {"sequence": 77},
    "stm.visit.type.action": {"sequence": 77},
    "stm.work.plan": {"note": "x"},
    "stm.work.plan.line": {"purpose": "x"},
    "stm.work.plan.point": {"measure": "x"},
    "stm.work.report": {"summary": "x"},
    "stm.work.report.line": {"text": "x"},
    "stm.joint.visit": {"request": "x"},
    "stm.joint.visit.line": {"note": "x"},
    "stm.joint.visit.decline": {"reason": "x"},
    "stm.spot.check": {"finding": "x"},
    "stm.spot.check.draw": {"number": 7},
    "stm.spot.check.reopen": {"reason": "x"},
    "stm.visit.exception": {"answer": "x"},
    "stm.visit.exception.decide": {"comment": "x"},
    "stm.visit.slip": {"purpose": "x"},
    "stm.visit.slip.line": {"purpose": "x"},
}

# Rows of reports: read only for everybody, tested with accounting.
WITHOUT_RECORD = {
    "stm.collection": "r r r r r r r r r r r - - -",
    "stm.coverage": "r r r r r r r r r r - - - -",
    "stm.customer.ledger": "r r r r r r r r r r - - - -",
    "stm.obligation": "r r r r r r r r r r - - - -",
    "stm.leaderboard": "r r r r r r r r r r - - - -",
    "stm.visit.report": "r r r r r r r r r r - - - -",
}


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestAccess(StmCase):
    """Every model against every role; a new model has to be entered above."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deputy = cls.person("deputy", "group_leader")
        cls.assistant = cls.person("assistant", "group_salesperson")
        cls.cover = cls.person("cover", "group_salesperson")
        for user in (cls.deputy, cls.assistant, cls.cover):
            cls.join(user, cls.team_west, "customer_service")
        cls.team_city.write(
            {
                "stm_deputy_id": cls.deputy.id,
                "stm_assistant_ids": [Command.link(cls.assistant.id)],
            }
        )
        cls.plain = new_test_user(cls.env, "stm_plain", "base.group_user")
        cls.portal = new_test_user(cls.env, "stm_portal", "base.group_portal")
        people = (
            cls.ann | cls.ben | cls.wei | cls.city | cls.east | cls.west | cls.manager
        )
        people |= cls.deputy | cls.assistant | cls.gm | cls.finance | cls.hr
        cls.people = dict(zip(ROLES, people | cls.plain | cls.portal, strict=True))
        cls.records = cls()._make_records()

    def _make_records(self):
        """One record a model, made by whoever makes it in daily work."""
        env = self.env
        draft = self.plan(self.ann, "2026-03-09")
        submitted = self.plan(self.ann, "2026-03-02")
        submitted.action_submit()
        approval = submitted.sudo().approval_id
        report = self.report(self.ann, "2026-02-23")
        checklist = env["stm.checklist"].create(
            {"name": "Visit", "line_ids": [Command.create({"name": "Tidy?"})]}
        )
        checklist.action_release()
        visit = self.visit(self.ann, self.customers[0], "2026-03-05 02:00:00", False)
        self.open_duties("2026-02-26")
        rules = env["stm.rule.document"].with_user(self.ann)
        rules = rules.create({"name": "Rules", "body": "<p>x</p>"})
        in_force = rules.copy({"name": "Older rules", "body": "<p>x</p>"})
        in_force.action_submit()
        in_force.with_user(self.city).action_approve("Good", self.west.ids)
        in_force.with_user(self.west).action_approve("Agreed")
        in_force.with_user(self.gm).action_approve()
        in_force.with_user(self.ann).action_acknowledge()
        absence = env["stm.substitution"].with_user(self.ann)
        absence = absence.create(
            {
                "substitute_id": self.cover.id,
                "date_from": "2026-04-01",
                "date_to": "2026-04-03",
            }
        )
        manager = env(user=self.manager)
        period = manager["stm.period"].create(
            {"name": "2026-05", "date_from": "2026-05-01", "date_to": "2026-05-31"}
        )
        closed = manager["stm.period"].create(
            {"name": "2026-06", "date_from": "2026-06-01", "date_to": "2026-06-30"}
        )
        closed.action_close("pay")
        season = manager["stm.period"].create(
            {
                "name": "Spring",
                "kind": "season",
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
            }
        )
        # Salespeople close no periods; their own documents have gates elsewhere.
        exception = env["stm.gate.exception"].with_user(self.ann).sudo()
        exception = exception.create(
            {
                "model": "stm.period",
                "res_id": season.id,
                "act": "close_work",
                "reason": "x",
            }
        )
        questions = checklist.copy()
        customer_class = manager["stm.customer.class"].create(
            {"name": "Key account", "code": "K"}
        )
        region = manager["stm.region"].create({"name": "Zhejiang"})
        assigned = manager["stm.region"].create({"name": "Jiangsu"})
        assignment = manager["stm.region.assignment"].create(
            {"user_id": self.ann.id, "region_id": assigned.id}
        )
        holiday = manager["stm.day.exception"].create(
            {"name": "Holiday", "date": "2026-05-04"}
        )
        approval_route = env.ref("sales_team_mgmt.route_work_plan").copy()
        duty = env.ref("sales_team_mgmt.duty_weekly_plan").copy({"code": "other"})
        template = env.ref("sales_team_mgmt.report_template_weekly").copy()
        figures = manager["stm.period"].create(
            [
                {"name": name, "date_from": f"{name}-01", "date_to": f"{name}-{last}"}
                for name, last in (("2026-01", 31), ("2026-02", 28))
            ]
        )[0]
        figures.action_close("targets")
        self.visit(self.ann, self.customers[0], "2026-01-15 02:00:00")
        done = env.ref("sales_team_mgmt.indicator_visits_done")
        env["stm.measure"]._refresh(figures.with_env(env), done)
        of_figures = [("period_id", "=", figures.id), ("indicator_id", "=", done.id)]
        measure = env["stm.measure"].search(
            [*of_figures, ("owner_kind", "=", "user"), ("user_id", "=", self.ann.id)]
        )
        indicator = manager["stm.indicator"].create(
            {"name": "Own visits", "code": "own_visits", "source": "visits_done"}
        )
        decision = env["stm.decision"].with_user(self.city)
        decision = decision.create(
            {
                "decision": "approve",
                "model": submitted._name,
                "res_ids": str(submitted.id),
            }
        )
        log = env["stm.contact.log"].with_user(self.ann)
        log = log.create({"partner_id": self.customers[0].id, "content": "Call"})
        promise = env["stm.promise"].with_user(self.ann)
        promise = promise.create(
            {
                "name": "Samples",
                "partner_id": self.customers[0].id,
                "date_due": "2026-03-10",
            }
        )
        change = env["stm.promise.change"].with_user(self.city)
        change = change.create({"promise_ids": promise.ids, "reason": "Later"})
        issue = env["stm.customer.issue"].with_user(self.ann)
        issue = issue.create({"name": "Glue", "partner_id": self.customers[0].id})
        proof = self._make_proof()
        cancel = env["stm.visit.cancel"].with_user(self.ann)
        cancel = cancel.create({"visit_ids": visit.ids, "reason": "Closed"})
        carry = env["stm.visit.carry.over"].with_user(self.ann)
        carry = carry.create({"visit_ids": visit.ids, "date": "2026-03-06"})
        generator = env["stm.plan.generator"].with_user(self.city).create({})
        reassign = env["stm.reassign"].with_user(self.city)
        reassign = reassign.create(
            {"partner_ids": self.customers[0].ids, "user_id": self.ben.id}
        )
        self.customers[0].stm_class_id = env.ref("sales_team_mgmt.customer_class_a")
        workload = env["stm.workload"].with_user(self.city).create({})
        ratio = env.ref("sales_team_mgmt.staffing_ratio_supervisor").copy(
            {"post_id": env.ref("sales_team_mgmt.post_gm").id}
        )
        route = env["stm.route"].with_user(self.ann)
        route = route.create(
            {
                "name": "North",
                "line_ids": [Command.create({"partner_id": self.customers[0].id})],
            }
        )
        window = env["stm.visit.window"].with_user(self.ann)
        self.customers[24].user_id = self.ann
        window = window.create({"partner_id": self.customers[24].id})
        profile = env["stm.contact.profile"].with_user(self.ann)
        profile = profile.create(
            {"partner_id": self.customers[24].id, "purpose": "Visits"}
        )
        policy = env.ref("sales_team_mgmt.visit_policy_default").copy()
        unplaced = env["stm.work.plan.unplaced"].create(
            {
                "plan_id": draft.id,
                "partner_id": self.customers[0].id,
                "reason": "capacity",
            }
        )
        event = env["stm.event"].with_user(self.city)
        event = event.create(
            {
                "user_id": self.ann.id,
                "type_id": env.ref("sales_team_mgmt.event_type_complaint").id,
                "note": "A customer complained",
            }
        )
        dismiss = env["stm.event.dismiss"].with_user(self.city)
        dismiss = dismiss.create({"event_ids": event.ids, "reason": "Not so"})
        kind = manager["stm.event.type"].create({"name": "Other", "code": "other"})
        transfer = manager["stm.transfer"].create(
            {"user_id": self.ann.id, "team_id": self.team_west.id}
        )
        entered = env["stm.absence"].with_user(self.city)
        entered = entered.create({"user_id": self.ann.id, "date": "2026-02-25"})
        december = manager["stm.period"].create(
            {"name": "2025-12", "date_from": "2025-12-01", "date_to": "2025-12-31"}
        )
        sheets = env["stm.appraisal"]._open_all((figures | december).with_env(env))
        sheets = sheets.filtered(lambda sheet: sheet.user_id == self.ann)
        sheet = sheets.filtered(lambda s: s.period_id.id == figures.id)
        discussed = sheets - sheet
        discussed.state = "shared"
        appeal = env["stm.appraisal.appeal"].with_user(self.ann)
        appeal = appeal.create({"appraisal_id": discussed.id, "reason": "Too few"})
        scores = env.ref("sales_team_mgmt.appraisal_t3").copy()
        items = scores.section_ids.item_ids
        seen = self.visit(self.ann, self.customers[1], "2026-02-25 02:00:00")
        seen.with_user(self.city).action_spot_check()
        check = seen.sudo().spot_check_ids
        reopen = env["stm.spot.check.reopen"].with_user(self.city)
        reopen = reopen.create({"check_ids": check.ids, "reason": "x"})
        odd = env["stm.visit.exception"]._raise(
            [seen._prepare_exception("outside", "Far away")]
        )
        decide = env["stm.visit.exception.decide"].with_user(self.city)
        decide = decide.create({"exception_ids": odd.ids, "comment": "x"})
        slip = env["stm.visit.slip"].with_user(self.ann)
        slip = slip.create(
            {
                "destination": "Hangzhou",
                "purpose": "x",
                "out_from": "2026-03-05 01:00:00",
                "out_to": "2026-03-05 09:00:00",
                "line_ids": [
                    Command.create(
                        {
                            "partner_id": self.customers[1].id,
                            "start_at": "2026-03-05 02:00:00",
                        }
                    )
                ],
            }
        )
        visit.action_ask_company()
        joint = visit.sudo().joint_visit_ids
        # Notes of another visit that are not shared yet.
        seen.with_user(self.city).action_join()
        notes = seen.sudo().joint_visit_ids.with_user(self.city)
        notes.line_ids = [Command.create({"name": "Preparation"})]
        decline = env["stm.joint.visit.decline"].with_user(self.city)
        decline = decline.create({"joint_ids": joint.ids, "reason": "x"})
        records = [
            check,
            env["stm.spot.check.draw"].with_user(self.city).create({}),
            reopen,
            odd,
            decide,
            slip,
            slip.line_ids,
            joint,
            notes.line_ids,
            decline,
            sheet,
            sheet.line_ids[0],
            sheet.part_ids[0],
            appeal,
            scores,
            scores.section_ids[0],
            items[0],
            items.deduction_ids[0],
            scores.result_ids[0],
            entered,
            measure,
            measure.correction_ids,
            env["stm.measure.evidence"].search(of_figures),
            env["stm.measure.task"].search(of_figures),
            approval,
            approval.line_ids,
            approval_route,
            approval_route.step_ids,
            carry,
            generator,
            reassign,
            workload,
            workload.line_ids[0],
            ratio,
            route,
            route.line_ids,
            window,
            policy,
            policy.line_ids[0],
            unplaced,
            env["stm.access"].search([("user_id", "=", self.city.id)], limit=1),
            in_force.sudo().acknowledgement_ids,
            holiday,
            decision,
            duty,
            self.duties(self.ann),
            duty.step_ids[0],
            event,
            dismiss,
            kind,
            indicator,
            period,
            closed.closing_ids,
            manager["stm.post"].create({"name": "Envoy", "code": "envoy"}),
            customer_class,
            region,
            assignment,
            template,
            template.line_ids[0],
            rules,
            absence,
            transfer,
            visit,
            visit.checklist_answer_ids,
            questions,
            questions.line_ids,
            exception,
            log,
            profile,
            promise,
            change,
            issue,
            *proof,
            cancel,
            draft,
            draft.line_ids,
            draft.point_ids,
            report,
            report.line_ids[0],
        ]
        return {record._name: record.with_env(env) for record in records}

    def _make_proof(self):
        """What a visit is believed by, sent by Ann's phone; she is still there."""
        self.company.stm_record_positions = True
        consent = self.env["stm.position.consent"].with_user(self.ann)
        consent = consent._stm_give(self.company)
        visit = self.visit(self.ann, self.customers[1], THURSDAY, done=False)
        stamp = THURSDAY.replace(" ", "T") + "Z"
        action = {
            "uuid": "0b7f9e3c-5d4a-4c55-9d0e-6a3f5f7b1c21",
            "kind": "check_in",
            "visit": visit.id,
            "at": stamp,
            "data": {"error": "denied", "reason": "Forbidden in the shop"},
        }
        self.assertEqual(visit.stm_send([action])[0]["state"], "done")
        product = self.env["product.product"].create({"name": "Green tea"})
        mine = self.env(user=self.ann)
        photo = mine["stm.visit.photo"].create({"visit_id": visit.id, "image": PIXEL})
        stock = mine["stm.visit.stock"].create(
            {"visit_id": visit.id, "product_id": product.id, "quantity": 1}
        )
        competitor = mine["stm.visit.competitor"].create(
            {"visit_id": visit.id, "name": "Other tea"}
        )
        kind = self.env["stm.visit.type"].create({"name": "Audit"})
        step = self.env["stm.visit.type.action"].create(
            {"type_id": kind.id, "kind": "photo"}
        )
        wizard = mine["stm.visit.check.in"].create(
            {"visit_id": visit.id, "reason": "x"}
        )
        sent = self.env["stm.client.action"].search([("visit_id", "=", visit.id)])
        records = [consent, sent, visit.position_ids, photo, stock, competitor, kind]
        return [*records, step, wizard]

    def rights(self, record, user):
        """Letters of what access rights and rules let ``user`` do."""
        mine = record.with_user(user)
        letters = ""
        for letter, operation in zip("rwcd", OPERATIONS, strict=True):
            if mine.has_access(operation):
                letters += letter
                self.assertEqual(mine._filtered_access(operation), mine)
        found = mine.browse().has_access("read") and mine.with_context(
            active_test=False
        ).search([("id", "=", record.id)])
        self.assertEqual(bool(found), "r" in letters)
        return letters or "-"

    def attempts(self, record, user):
        """Letters of what ``user`` really brings about; all of it is undone."""
        letters = ""
        changes = CHANGES[record._name]
        for letter in "wd":
            before = record.read(list(changes))
            savepoint = self.env.cr.savepoint()
            self.env.invalidate_all()
            mine = record.with_user(user)
            try:
                with mute_logger(*LOGGERS):
                    if letter == "w":
                        mine.write(changes)
                    else:
                        mine.unlink()
                    self.env.flush_all()
                letters += letter
            except UserError:
                self.env.invalidate_all()
                # Refused means that nothing happened
                self.assertEqual(record.exists().read(list(changes)), before)
            savepoint.close(rollback=True)
            self.env.invalidate_all()
        return letters or "-"

    def test_every_model_has_a_row(self):
        ours = {
            name
            for name, model in self.env.registry.items()
            if name.startswith("stm.") and not model._abstract
        }
        self.assertEqual(ours, RIGHTS.keys() | WITHOUT_RECORD.keys())
        self.assertEqual(self.records.keys(), RIGHTS.keys())
        self.assertEqual(CHANGES.keys(), RIGHTS.keys())

    def test_rights_of_every_role(self):
        for name, record in self.records.items():
            expected = dict(zip(ROLES, RIGHTS[name].split(), strict=True))
            for role, user in self.people.items():
                with self.subTest(model=name, role=role):
                    self.assertEqual(self.rights(record, user), expected[role])

    def test_what_every_role_brings_about(self):
        for name, record in self.records.items():
            rights = dict(zip(ROLES, RIGHTS[name].split(), strict=True))
            attempts = ATTEMPTS.get(name)
            if attempts:
                attempts = dict(zip(ROLES, attempts.split(), strict=True))
            for role, user in self.people.items():
                allowed = "".join(c for c in rights[role] if c in "wd") or "-"
                expected = attempts[role] if attempts else allowed
                with self.subTest(model=name, role=role):
                    self.assertEqual(self.attempts(record, user), expected)
                    self.assertLessEqual(set(expected) - {"-"}, set(rights[role]))

    def test_figures_of_collections_are_only_read(self):
        for name, row in WITHOUT_RECORD.items():
            for role, right in zip(ROLES, row.split(), strict=True):
                model = self.env[name].with_user(self.people[role])
                with self.subTest(model=name, role=role):
                    self.assertEqual(model.has_access("read"), right == "r")
                    for operation in OPERATIONS[1:]:
                        self.assertFalse(model.has_access(operation))

    def test_rules_in_force_are_read_by_every_salesperson(self):
        document = self.records["stm.acknowledgement"].document_id
        for role, user in self.people.items():
            with self.subTest(role=role):
                readers = ("finance", "hr", "plain", "portal")
                self.assertEqual(
                    document.with_user(user).has_access("read"), role not in readers
                )

    def test_whoever_has_to_decide_reads_and_no_longer_when_nobody_asks(self):
        """An approver outside the team sees the document he was asked for."""
        rules = self.records["stm.rule.document"].with_user(self.ann)
        self.assertFalse(rules.with_user(self.west).has_access("read"))
        rules.action_submit()
        rules.with_user(self.city).action_approve("Good", self.west.ids)
        self.env.invalidate_all()
        self.assertTrue(rules.with_user(self.west).has_access("read"))
        self.assertFalse(rules.with_user(self.wei).has_access("read"))

    def test_partners_and_orders_of_other_teams_are_not_opened_by_our_rules(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customers[0].id,
                "user_id": self.ann.id,
                "team_id": self.team_city.id,
            }
        )
        readers = {"owner", "leader", "above", "manager", "deputy", "assistant", "gm"}
        for role, user in self.people.items():
            with self.subTest(role=role):
                mine = order.with_user(user)
                self.assertEqual(mine.has_access("read"), role in readers)
                self.assertEqual(mine.has_access("write"), role == "owner")
                if role not in readers:
                    with self.assertRaises(AccessError):
                        mine.read(["name"])
