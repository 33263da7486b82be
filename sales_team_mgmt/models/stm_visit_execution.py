from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.http import request
from odoo.tools import format_date, format_datetime

from ..tools import positions
from .stm_scope_mixin import InScope
from .stm_visit import OPEN_STATES, REQUIRED_WHEN_DONE

# Fields that a step of a visit fills, for steps that are not rows of their own.
STEP_FIELDS = {"note": REQUIRED_WHEN_DONE, "next_step": ("next_step",)}

# What a check-in reads of the customer, for the verdict and the exceptions.
CUSTOMER_AT_THE_DOOR = (
    # For the display name, which does not say so.
    *("name", "parent_id", "company_name"),
    "partner_latitude",
    "partner_longitude",
    "commercial_partner_id",
    "stm_region_id",
)


class Evidence(NamedTuple):
    """What comes with a check-in or check-out."""

    times: positions.Times
    position: positions.Position | None = None
    #: Why there is no position, one of ``positions.ERRORS``.
    error: str | None = None
    #: What the person says about a position that is not verified.
    reason: str = ""


class ReasonNeeded(UserError):
    """The position is not verified: the person is asked why, and then let through."""

    def __init__(self, verdict):
        super().__init__(verdict.why)
        self.verdict = verdict


class StmVisit(models.Model):  # pylint: disable=consider-merging-classes-inherited
    """How a visit is made: check-in, steps, check-out, and what is believed of it."""

    _inherit = "stm.visit"

    _stm_system_fields = frozenset({"sent_late"})

    type_id = fields.Many2one(
        "stm.visit.type",
        string="Type",
        compute="_compute_type_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        check_company=True,
        domain="[('version_state', '=', 'in_force'),"
        " ('company_id', 'in', (company_id, False))]",
    )
    preparation = fields.Text(related="type_id.preparation")
    sent_late = fields.Integer(
        string="Minutes Sent Late",
        readonly=True,
        copy=False,
        aggregator="max",
        help="How long the check-in or check-out waited in the phone.",
    )
    position_ids = fields.One2many("stm.visit.position", "visit_id", string="Positions")
    photo_ids = fields.One2many("stm.visit.photo", "visit_id", string="Photos")
    stock_ids = fields.One2many("stm.visit.stock", "visit_id", string="Stock")
    competitor_ids = fields.One2many(
        "stm.visit.competitor", "visit_id", string="Competitors"
    )
    order_ids = fields.One2many("sale.order", "stm_visit_id", string="Orders")
    order_count = fields.Integer(compute="_compute_order_count")
    steps_missing = fields.Char(string="Steps to Do", compute="_compute_steps_missing")
    can_see_proof = fields.Boolean(compute="_compute_can_see_proof")
    stm_proof_in_scope = InScope(
        string="Proof in My Sales Scope",
        store=False,
        search="_search_stm_proof_in_scope",
        exportable=False,
    )

    _verdict_idx = models.Index("(verdict, date DESC) WHERE verdict IS NOT NULL")

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("company_id")
    def _compute_type_id(self):
        """The first type in force, unless another one was chosen."""
        without = self.filtered(lambda visit: not visit.type_id)
        if not without:
            return
        today = fields.Date.context_today(self)
        types = self.env["stm.visit.type"]._stm_in_force(without.company_id, today)
        for visit in without:
            visit.type_id = types.filtered(
                lambda t, visit=visit: t.company_id.id in (visit.company_id.id, False)
            )[:1]

    def _compute_order_count(self):
        """Orders that the reader may see."""
        counts = {}
        if self.env["sale.order"].has_access("read"):
            counts = dict(
                self.env["sale.order"]._read_group(
                    [("stm_visit_id", "in", self.ids)], ["stm_visit_id"], ["__count"]
                )
            )
        for visit in self:
            visit.order_count = counts.get(visit._origin, 0)

    @api.depends(
        "type_id",
        "content",
        "result",
        "problem",
        "next_step",
        "photo_ids",
        "stock_ids",
        "competitor_ids",
        "checklist_answer_ids.is_answered",
    )
    def _compute_steps_missing(self):
        for visit in self:
            visit.steps_missing = ""
        visits = self._origin.filtered(lambda visit: visit.state in OPEN_STATES)
        for visit, labels in visits._stm_missing_steps().items():
            self.filtered(
                lambda v, visit=visit: v._origin == visit
            ).steps_missing = ", ".join(labels)

    @api.constrains("type_id")
    def _check_type(self):
        for visit in self.filtered("type_id"):
            if not visit.type_id.is_released:
                raise ValidationError(
                    self.env._(
                        "“%s” is not released yet. Choose another type of visit.",
                        visit.type_id.name,
                    )
                )

    @api.depends("user_id", "team_id")
    @api.depends_context("uid")
    def _compute_can_see_proof(self):
        seen = self._origin.filtered_domain([("stm_proof_in_scope", "=", True)])
        for visit in self:
            visit.can_see_proof = visit._origin in seen

    @api.model
    def _search_stm_proof_in_scope(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self.env["stm.access"]._stm_proof_domain()

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"partner_id", "company_id", "start_at", "user_id"}:
            self._stm_check_orders()
        if "type_id" in vals:
            self.filtered(lambda v: v.state in OPEN_STATES)._stm_restart_checklist()
        return result

    def unlink(self):
        """The files of photos go as well, which the database knows nothing of."""
        photos = self.sudo().photo_ids
        if photos:
            self.check_access("unlink")
            photos.unlink()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_checked_in(self):
        if any(visit.check_in_at for visit in self):
            raise UserError(
                self.env._(
                    "A visit that somebody checked in to is cancelled with a reason,"
                    " not deleted."
                )
            )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_check_in(self, reason=""):
        """Check in without a position; where one is expected, ask why there is none."""
        return self._stm_check_at_desk("in", reason)

    def action_check_out(self, reason=""):
        """Check out and finish the visit."""
        return self._stm_check_at_desk("out", reason)

    def action_done(self):
        """Finish visits, with all that their types ask for."""
        for visit, labels in self._stm_missing_steps().items():
            raise UserError(
                self.env._(
                    "Still to do at %(customer)s: %(steps)s.",
                    customer=visit.partner_id.display_name,
                    steps=", ".join(labels),
                )
            )
        on_site = self.filtered(lambda visit: visit.state == "started")
        result = super().action_done()
        if on_site:
            staying = on_site.filtered(lambda visit: not visit.check_out_at)
            staying.sudo().write({"check_out_at": fields.Datetime.now()})
            on_site._stm_after_check_out()
        self._stm_report_to_leaders()
        return result

    def action_open_orders(self):
        """Orders taken at the visits."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sale.action_quotations_with_onboarding"
        )
        action["domain"] = [("stm_visit_id", "in", self.ids)]
        action["context"] = {"create": False}
        return action

    def action_new_order(self):
        """A new quotation for the customer visited, by the rights of the caller."""
        self.ensure_one()
        self._check_mine()
        self._stm_check_open()
        self._stm_check_order_day(fields.Datetime.now())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Quotation"),
            "res_model": "sale.order",
            "view_mode": "form",
            "context": {
                "default_partner_id": self.partner_id.id,
                "default_stm_visit_id": self.id,
                "default_company_id": self.company_id.id,
            },
        }

    # ------------------------------------------------------------
    # Business methods: orders
    # ------------------------------------------------------------

    def _stm_check_order_day(self, moment):
        """Refuse an order made at that moment if it was before the day of the visit."""
        self.ensure_one()
        local = self.with_context(tz=self.user_id._stm_tz())
        day = fields.Datetime.context_timestamp(local, moment).date()
        if day < self.date:
            raise ValidationError(
                self.env._(
                    "An order of %(day)s was not taken at the visit to %(customer)s on"
                    " %(visit_day)s. Link orders of that day or later.",
                    day=format_date(self.env, day),
                    customer=self.partner_id.display_name,
                    visit_day=format_date(self.env, self.date),
                )
            )

    def _stm_check_orders(self):
        """A visit stays that at which its orders can have been taken."""
        orders = (
            self.env["sale.order"].sudo().search([("stm_visit_id", "in", self.ids)])
        )
        for order in orders:
            visit = order.stm_visit_id
            partner = order.partner_id.commercial_partner_id
            if (partner, order.company_id) != (
                visit.commercial_partner_id,
                visit.company_id,
            ):
                raise ValidationError(
                    self.env._(
                        "The order %(order)s of %(customer)s was taken at the visit:"
                        " customer and company stay. Plan another visit.",
                        order=order.name,
                        customer=partner.display_name,
                    )
                )
        orders._stm_check_visit_day()

    # ------------------------------------------------------------
    # Hooks
    # ------------------------------------------------------------

    def _stm_after_check_in(self):
        """Hook: after people have checked in; refuses by raising."""

    def _stm_after_photo(self, photos):
        """Hook: after photos were added to the visits."""

    def _stm_after_check_out(self):
        """Hook: after people have checked out and finished."""

    # ------------------------------------------------------------
    # Business methods: check-in and check-out
    # ------------------------------------------------------------

    def _stm_check_at_desk(self, way, reason):
        """Check in or out without a phone: there is no position."""
        self.ensure_one()
        self._check_mine()
        now = fields.Datetime.now()
        evidence = Evidence(
            positions.Times(now, now, now),
            error="unsupported",
            reason=(reason or "").strip(),
        )
        if way == "out":
            self._stm_check_out(evidence)
            return True
        try:
            self._stm_check_in(evidence)
        except ReasonNeeded as needed:
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Check-in without a Position"),
                "res_model": "stm.visit.check.in",
                "view_mode": "form",
                "target": "new",
                "context": {
                    "default_visit_id": self.id,
                    "default_verdict_note": needed.verdict.why,
                },
            }
        return True

    def _stm_check_in(self, evidence):
        """Begin a visit of the current user, at the time that the evidence says."""
        self.ensure_one()
        self.company_id._stm_fetch_settings()
        moment = positions.happened_at(evidence.times)
        self._stm_check_can_begin(moment)
        verdict, evidence = self._stm_judge(evidence)
        vals = {
            "state": "started",
            "check_in_at": moment,
            "sent_late": self._stm_minutes_late(evidence.times),
        }
        if verdict:
            proven = verdict.code == positions.VERIFIED
            # Whoever has not agreed to positions owes nobody a reason.
            if not proven and not evidence.reason and evidence.error != "no_consent":
                raise ReasonNeeded(verdict)
            vals |= {
                "verdict": verdict.code,
                "verdict_note": verdict.why,
                "verdict_reason": not proven and evidence.reason,
                "distance": verdict.distance or 0,
            }
        # The times of both tell more than messages in the chatter.
        self.sudo().with_context(mail_notrack=True).write(vals)
        self._stm_record_position("in", evidence, verdict)
        self._stm_after_check_in()

    def _stm_check_out(self, evidence):
        """End a visit of the current user: everything must be done and written."""
        self.ensure_one()
        if self.state == "planned":
            raise UserError(
                self.env._(
                    "You are not checked in at %s. Check in first.",
                    self.partner_id.display_name,
                )
            )
        self._stm_check_open()
        moment = max(self.check_in_at, positions.happened_at(evidence.times))
        late = max(self.sent_late, self._stm_minutes_late(evidence.times))
        verdict, evidence = self._stm_judge(evidence)
        quiet = self.with_context(mail_notrack=True)
        quiet.sudo().write({"check_out_at": moment, "sent_late": late})
        quiet._stm_record_position("out", evidence, verdict)
        quiet.action_done()

    def _stm_check_open(self):
        for visit in self:
            if visit.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "The visit to %s is finished or cancelled already.",
                        visit.partner_id.display_name,
                    )
                )

    def _stm_check_can_begin(self, moment):
        """Refuse a check-in to a visit that has begun, or at two places at once."""
        self._stm_check_open()
        if self.state == "started":
            raise UserError(
                self.env._(
                    "You checked in at %(customer)s on %(moment)s already.",
                    customer=self.partner_id.display_name,
                    moment=format_datetime(self.env, self.check_in_at),
                )
            )
        local = self.with_context(tz=self.user_id._stm_tz())
        day = fields.Datetime.context_timestamp(local, moment).date()
        if day != self.date:
            raise UserError(
                self.env._(
                    "The visit to %(customer)s is planned for %(day)s. Move it to"
                    " %(today)s first.",
                    customer=self.partner_id.display_name,
                    day=format_date(self.env, self.date),
                    today=format_date(self.env, day),
                )
            )
        elsewhere = self.sudo().search(
            Domain("user_id", "=", self.user_id.id) & Domain("state", "=", "started"),
            limit=1,
        )
        if elsewhere:
            raise UserError(
                self.env._(
                    "You are still checked in at %s. Check out there first.",
                    elsewhere.partner_id.display_name,
                )
            )

    def _stm_judge(self, evidence):
        """The verdict on a position, and the evidence without what may not be kept.

        Without the consent of the person a position is neither judged nor recorded;
        where the company records none, there is no verdict.
        """
        company = self.company_id.sudo()
        if not company.stm_record_positions:
            return None, evidence._replace(position=None, error=None)
        if not self.env["stm.position.consent"]._stm_given(self.user_id, company):
            evidence = evidence._replace(position=None, error="no_consent")
        elif evidence.error == "no_consent":
            # Only what is written down here says who has not agreed.
            evidence = evidence._replace(position=None, error="off")
        elif evidence.error:
            evidence = evidence._replace(position=None)
        partner = self.partner_id.sudo()
        # Of a customer much is known, and little of it is asked at the door.
        partner.fetch(CUSTOMER_AT_THE_DOOR)
        verdict = positions.judge(
            evidence.position,
            evidence.error,
            (partner.partner_latitude, partner.partner_longitude),
            positions.Rules(
                radius=company.stm_check_in_radius,
                accuracy=company.stm_position_accuracy,
                age=company.stm_position_age,
                tolerance=company.stm_clock_tolerance,
            ),
            evidence.times,
            env=self.env,
        )
        return verdict, evidence

    def _stm_record_position(self, kind, evidence, verdict):
        """Keep what the verdict rests on, where the company records positions."""
        if not verdict:
            return
        position, times = evidence.position, evidence.times
        measured = position and {
            "latitude": position.latitude,
            "longitude": position.longitude,
            "accuracy": position.accuracy,
            "read_at": position.read_at,
        }
        agent = request and request.httprequest.user_agent.string or ""
        self.env["stm.visit.position"].sudo().create(
            {
                "visit_id": self.id,
                "kind": kind,
                **(measured or {}),
                "device_at": times.acted_at,
                "server_at": times.server_at,
                "distance": verdict.distance or 0,
                "verdict": verdict.code,
                "note": verdict.why,
                "reason": evidence.reason or False,
                "error": evidence.error,
                "user_agent": agent[:200],
            }
        )

    @api.model
    def _stm_minutes_late(self, times):
        """Whole minutes that an act waited in the phone; a moment is not late."""
        waited = times.server_at - positions.happened_at(times)
        return int(waited.total_seconds() / 60)

    # ------------------------------------------------------------
    # Business methods: steps
    # ------------------------------------------------------------

    def _stm_find_checklists(self):
        """The checklist of the type comes before what is asked of the post."""
        days = defaultdict(set)
        for visit in self.sudo():
            if visit.type_id.checklist_id and visit.date:
                days[visit.type_id.checklist_id].add(visit.date)
        in_force = self.env["stm.checklist"]._in_force_on(days) if days else {}
        found, rest = {}, self.browse()
        for visit in self:
            named = visit.sudo().type_id.checklist_id
            if named:
                checklist = in_force.get((named, visit.date))
                if checklist:
                    found[visit] = checklist
            else:
                rest |= visit
        if rest:
            found |= super(StmVisit, rest)._stm_find_checklists()
        return found

    def _stm_filter_answerable(self):
        """A visit is written down by whoever makes it, until it is finished."""
        return self.filtered(
            lambda v: v.state in OPEN_STATES and v.user_id.id == self.env.uid
        )

    @api.model
    def _stm_photos_domain(self):
        """Photos that answer a question are proof like all the others."""
        return Domain("stm_proof_in_scope", "=", True)

    def _stm_prepare_photo_answer(self, encoded):
        """Stored like all other photos: small, anonymous, with the hash of what came.

        Where visits of several companies get one, the smallest size holds.
        """
        if not encoded:
            return {"value_photo": False, "photo_sha256": False}
        pixels = min(self.company_id.sudo().mapped("stm_photo_pixels"))
        photo = self.env["stm.visit.photo"]._stm_store(encoded, pixels)
        return {"value_photo": photo["image"], "photo_sha256": photo["sha256"]}

    def _stm_step_counts(self, kinds):
        """{kind: ids of visits that have rows of it}, one read for each kind asked."""
        models_of = {
            "photo": ("stm.visit.photo", "visit_id", []),
            "stock": ("stm.visit.stock", "visit_id", []),
            "competitor": ("stm.visit.competitor", "visit_id", []),
            "order": ("sale.order", "stm_visit_id", [("state", "!=", "cancel")]),
            "collection": ("stm.promise", "visit_id", [("kind", "=", "collection")]),
            "promise": ("stm.promise", "visit_id", [("kind", "=", "promise")]),
        }
        found = {}
        for kind in kinds & models_of.keys():
            model, link, domain = models_of[kind]
            rows = (
                self.env[model]
                .sudo()
                ._read_group([(link, "in", self.ids), *domain], [link])
            )
            found[kind] = {visit.id for (visit,) in rows}
        return found

    def _stm_steps(self, only_required=False, known=None):
        """{visit: [(step, done)]} for all visits, in a constant number of reads.

        :param known: {kind: ids of visits that have it}, where it was read already
        """
        Type = self.env["stm.visit.type"]
        steps = {
            visit: [
                step
                for step in Type._stm_steps_of(visit.type_id.id)
                if step.required or not only_required
            ]
            for visit in self
        }
        kinds = {step.kind for found in steps.values() for step in found}
        rows = dict(known or {})
        rows |= self._stm_step_counts(kinds - rows.keys())
        open_questions = self._stm_missing_questions() if "questions" in kinds else {}
        return {
            visit: [
                (step, visit._stm_is_step_done(step.kind, rows, open_questions))
                for step in found
            ]
            for visit, found in steps.items()
        }

    def _stm_is_step_done(self, kind, rows, open_questions):
        if kind == "questions":
            return self not in open_questions
        if kind in STEP_FIELDS:
            return all((self[name] or "").strip() for name in STEP_FIELDS[kind])
        return self.id in rows[kind]

    def _stm_report_to_leaders(self):
        """A to-do of whoever leads the salesperson, or stands in: read the report of
        visits whose type asks for one (VIS-15)."""
        Kind = self.env["stm.visit.type"]
        receivers = {}
        for visit in self.sudo():
            if Kind._stm_is_reported(visit.type_id.id):
                superiors = visit.team_id._stm_superiors(visit.user_id)
                if superiors:
                    receivers[visit] = superiors[0][0]
        if not receivers:
            return
        stand_ins = self.env["stm.substitution"]._stand_ins_of(
            self.env["res.users"].union(*receivers.values())
        )
        activity_type = self.env.ref("sales_team_mgmt.mail_activity_visit_report")
        model_id = self.env["ir.model"]._get_id(self._name)
        values = []
        for visit, leader in receivers.items():
            receiver = stand_ins.get(leader, leader)
            if receiver == visit.user_id:
                receiver = leader
            words = visit.with_context(lang=receiver.lang)
            values.append(
                {
                    "res_model_id": model_id,
                    "res_id": visit.id,
                    "activity_type_id": activity_type.id,
                    "automated": True,
                    "user_id": receiver.id,
                    "date_deadline": receiver._stm_today(),
                    "summary": words.env._(
                        "Report of %(person)s on %(customer)s",
                        person=visit.user_id.name,
                        customer=visit.partner_id.display_name,
                    ),
                }
            )
        self.env["mail.activity"].sudo().with_context(
            mail_activity_quick_update=True
        ).create(values)

    def _stm_missing_steps(self):
        """{visit: labels of required steps not done}; those without are left out.

        Notes and questions are asked for by their own names when visits are finished.
        """
        missing = {}
        kinds = self.env["stm.visit.type.action"]._fields["kind"]
        names = dict(kinds._description_selection(self.env))
        for visit, steps in self._stm_steps(only_required=True).items():
            labels = [
                names[step.kind]
                for step, done in steps
                if not done and step.kind not in ("note", "questions")
            ]
            if labels:
                missing[visit] = labels
        return missing
