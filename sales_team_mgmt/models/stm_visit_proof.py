from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL, format_datetime, formatLang

from ..tools.check_ins import COMPARED_WITHIN, CheckIn, doubts
from .stm_gate_mixin import Reason
from .stm_visit import OPEN_STATES


class StmVisit(models.Model):
    """What makes a visit believed: notice, region, checks, exceptions, company."""

    _name = "stm.visit"
    _inherit = ["stm.visit", "stm.gate.mixin"]

    _stm_system_fields = frozenset({"slip_id", "slip_line_id"})

    slip_id = fields.Many2one(
        "stm.visit.slip",
        string="Visit Slip",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    # The slip keeps its visits when one of its lines goes.
    slip_line_id = fields.Many2one(
        "stm.visit.slip.line",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    exception_ids = fields.One2many("stm.visit.exception", "visit_id")
    exception_count = fields.Integer(
        string="Exceptions", compute="_compute_proof_counts"
    )
    # A search by it would tell whose visits were drawn, before they are checked.
    spot_check_ids = fields.One2many(
        "stm.spot.check", "visit_id", groups=fields.NO_ACCESS
    )
    spot_check_count = fields.Integer(
        string="Spot Checks", compute="_compute_proof_counts"
    )
    joint_visit_ids = fields.One2many("stm.joint.visit", "visit_id")
    joint_visit_count = fields.Integer(
        string="Joint Visits", compute="_compute_proof_counts"
    )
    region_warning = fields.Char(compute="_compute_region_warning")
    can_be_checked = fields.Boolean(compute="_compute_can_be_checked")
    can_be_joined = fields.Boolean(compute="_compute_can_be_checked")
    needs_slip = fields.Boolean(compute="_compute_needs_slip")

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_proof_counts(self):
        """What the reader may see of it."""
        for name, model in (
            ("exception_count", "stm.visit.exception"),
            ("spot_check_count", "stm.spot.check"),
            ("joint_visit_count", "stm.joint.visit"),
        ):
            counts = {}
            if self.env[model].has_access("read"):
                counts = dict(
                    self.env[model]._read_group(
                        [("visit_id", "in", self.ids)], ["visit_id"], ["__count"]
                    )
                )
            for visit in self:
                visit[name] = counts.get(visit._origin, 0)

    @api.depends("partner_id.stm_region_id", "user_id", "date", "company_id")
    def _compute_region_warning(self):
        judged = self.filtered(
            lambda visit: visit.company_id.sudo().stm_region_rule != "none"
            and visit.state in OPEN_STATES
        )
        outside = judged._stm_out_of_region()
        for visit in self:
            visit.region_warning = visit in outside and self.env._(
                "%(region)s is not a region of %(person)s on this day.",
                region=outside[visit].sudo().display_name,
                person=visit.user_id.name,
            )

    @api.depends("state", "is_counted", "user_id", "company_id")
    @api.depends_context("uid")
    def _compute_can_be_checked(self):
        saved = self._origin
        led = saved._stm_decided_by_me()
        checked = saved.sudo().spot_check_ids.visit_id
        for visit in self:
            leading = visit._origin in led
            visit.can_be_joined = leading and visit.state != "cancelled"
            visit.can_be_checked = (
                leading
                and visit.state == "done"
                and visit.is_counted
                and visit._origin not in checked.with_env(self.env)
            )

    @api.depends("state", "user_id", "plan_id", "slip_id")
    @api.depends_context("uid")
    def _compute_needs_slip(self):
        for visit in self:
            visit.needs_slip = (
                bool(visit._origin)
                and visit.state == "planned"
                and visit.user_id == self.env.user
                and not visit.plan_id
                and not visit.slip_id
                and visit.company_id.sudo().stm_visit_notice != "none"
            )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_ask_slip(self):
        """Open a new slip for the visits, to be submitted before leaving (ATT-06)."""
        self._check_mine()
        open_ones = self.filtered(
            lambda visit: visit.state == "planned" and not visit.slip_id
        )
        if open_ones != self or len(self.company_id) != 1:
            raise UserError(
                self.env._(
                    "Choose planned visits of one company that are on no slip yet."
                )
            )
        slip = self.env["stm.visit.slip"].create(self._prepare_slip())
        return {
            "type": "ir.actions.act_window",
            "res_model": "stm.visit.slip",
            "res_id": slip.id,
            "view_mode": "form",
        }

    def action_spot_check(self):
        """Have finished visits checked, drawn or not (VIS-08)."""
        checks = self._stm_order_checks()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_team_mgmt.stm_spot_check_action"
        )
        if len(checks) == 1:
            return {
                **action,
                "view_mode": "form",
                "views": [(False, "form")],
                "res_id": checks.id,
            }
        return {**action, "domain": [("id", "in", checks.ids)], "context": {}}

    def action_ask_company(self, request=""):
        """Ask the leader to come along (VIS-23)."""
        self._check_mine()
        if any(visit.state != "planned" for visit in self):
            raise UserError(self.env._("Ask for company before the visit begins."))
        vals_list = []
        for visit in self:
            chain = visit.sudo().team_id._stm_superiors(visit.user_id)
            if not chain:
                raise UserError(
                    self.env._(
                        "Nobody leads %s, so there is nobody to ask.",
                        visit.user_id.name,
                    )
                )
            if not visit.sudo().joint_visit_ids:
                vals_list.append(
                    visit._prepare_joint_visit(chain[0][0], "requested")
                    | {"request": isinstance(request, str) and request.strip()}
                )
        self.env["stm.joint.visit"].sudo().create(vals_list)._ask()
        return self.action_open_joint_visits()

    def action_join(self):
        """Come along on the visit and write notes, as somebody who leads its person."""
        self.check_access("read")
        foreign = self - self._stm_decided_by_me()
        if foreign:
            raise AccessError(
                self.env._(
                    "Only somebody who leads %s today writes notes on the visit.",
                    foreign[0].user_id.name,
                )
            )
        if any(visit.state == "cancelled" for visit in self):
            raise UserError(self.env._("A cancelled visit was joined by nobody."))
        known = self.env["stm.joint.visit"].sudo()
        known = known.search(
            [("visit_id", "in", self.ids), ("companion_id", "=", self.env.uid)]
        )
        self.env["stm.joint.visit"].sudo().create(
            [
                visit._prepare_joint_visit(self.env.user, "noted")
                for visit in self - known.visit_id
            ]
        )
        return self.action_open_joint_visits()

    def action_open_joint_visits(self):
        return self._stm_open_proof("sales_team_mgmt.stm_joint_visit_action")

    def action_open_exceptions(self):
        return self._stm_open_proof("sales_team_mgmt.stm_visit_exception_action")

    def action_open_spot_checks(self):
        return self._stm_open_proof("sales_team_mgmt.stm_spot_check_action")

    def _stm_open_proof(self, xmlid):
        """Window on what belongs to the visits, with the rights of the reader."""
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("visit_id", "in", self.ids)]
        action["context"] = {}
        records = self.env[action["res_model"]].search(action["domain"], limit=2)
        if len(records) == 1:
            action.update(res_id=records.id, view_mode="form", views=[(False, "form")])
        return action

    # ------------------------------------------------------------
    # Business methods: checks and company
    # ------------------------------------------------------------

    def _stm_order_checks(self):
        """The checks of these visits, made where there is none yet."""
        self.check_access("read")
        foreign = self - self._stm_decided_by_me()
        if foreign:
            raise AccessError(
                self.env._(
                    "Only somebody who leads %s today can order a check.",
                    foreign[0].user_id.name,
                )
            )
        checks = self.env["stm.spot.check"].search([("visit_id", "in", self.ids)])
        missing = self - checks.visit_id
        for visit in missing:
            if visit.state != "done":
                raise UserError(
                    self.env._(
                        "The visit to %s is not finished. Check it when it is.",
                        visit.partner_id.display_name,
                    )
                )
        missing._stm_check_period()
        return checks | checks._draw_visits(missing)

    def _prepare_joint_visit(self, companion, state):
        self.ensure_one()
        return {
            "visit_id": self.id,
            "user_id": self.user_id.id,
            "company_id": self.company_id.id,
            "companion_id": companion.id,
            "state": state,
        }

    def _prepare_slip(self):
        """Values of a slip with these visits, from the first one to the last."""
        ends = [
            fields.Datetime.add(visit.start_at, hours=visit.duration) for visit in self
        ]
        places = dict.fromkeys(
            visit.partner_id.city or visit.partner_id.display_name for visit in self
        )
        purposes = dict.fromkeys(visit.purpose for visit in self if visit.purpose)
        return {
            "company_id": self.company_id.id,
            "out_from": min(self.mapped("start_at")),
            "out_to": max(ends),
            "destination": ", ".join(places),
            "purpose": "; ".join(purposes) or self.env._("Customer visit"),
            "line_ids": [
                Command.create(
                    {
                        "partner_id": visit.partner_id.id,
                        "contact_id": visit.contact_id.id,
                        "start_at": visit.start_at,
                        "duration": visit.duration,
                        "purpose": visit.purpose,
                    }
                )
                for visit in self
            ],
        }

    # ------------------------------------------------------------
    # Business methods: notice and region
    # ------------------------------------------------------------

    def _stm_without_notice(self):
        """Those that are in no approved plan and on no approved slip (ATT-06).

        A slip covers the customers that it names, also in a visit that was entered
        later on. A plan covers a visit that was carried over from it, as often as
        that was, as long as it is to the same customer.
        """
        self.flush_model(
            [
                "plan_id",
                "slip_id",
                "carried_from_id",
                "user_id",
                "company_id",
                "commercial_partner_id",
                "date",
            ]
        )
        for name in ("stm.work.plan", "stm.visit.slip", "stm.visit.slip.line"):
            self.env[name].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT visit.id
                  FROM stm_visit visit
                 WHERE visit.id = ANY(%s)
                   AND NOT EXISTS (
                       WITH RECURSIVE origin AS (
                           SELECT visit.plan_id, visit.carried_from_id
                            UNION
                           SELECT earlier.plan_id, earlier.carried_from_id
                             FROM origin
                             JOIN stm_visit earlier
                               ON earlier.id = origin.carried_from_id
                              AND earlier.commercial_partner_id
                                  = visit.commercial_partner_id)
                       SELECT FROM origin
                         JOIN stm_work_plan plan ON plan.id = origin.plan_id
                        WHERE plan.state = 'approved')
                   AND NOT EXISTS (
                       SELECT FROM stm_visit_slip slip
                        WHERE slip.user_id = visit.user_id
                          AND slip.company_id = visit.company_id
                          AND slip.state = 'approved'
                          AND (slip.id = visit.slip_id
                               OR visit.date BETWEEN slip.date AND slip.date_to
                              AND EXISTS (
                                  SELECT FROM stm_visit_slip_line line
                                    JOIN res_partner named
                                      ON named.id = line.partner_id
                                   WHERE line.slip_id = slip.id
                                     AND named.commercial_partner_id
                                         = visit.commercial_partner_id)))
                """,
                self.ids,
            )
        )
        return self.browse(id_ for (id_,) in rows)

    def _stm_out_of_region(self):
        """{visit: region of its customer} where its person has no business (ORG-04)."""
        places = {}
        for visit in self:
            region = visit.sudo().partner_id._stm_region()
            if region and visit.date and visit.user_id and visit.company_id:
                places[visit] = (
                    visit.user_id.id,
                    visit.company_id.id,
                    visit.date,
                    region.id,
                )
        return self.env["stm.region.assignment"]._stm_outside(places)

    @api.model
    def _stm_gate_acts(self):
        return super()._stm_gate_acts() | {"check_in": self.env._("Check In")}

    @api.model
    def _stm_gate_checks(self, act):
        checks = super()._stm_gate_checks(act)
        if act == "check_in":
            checks = [*checks, "_check_notice", "_check_region"]
        return checks

    def _stm_gate_values(self, act):
        """Whom, where, by whom, when: an exception is for this visit as it is."""
        return {
            visit: {
                "user": visit.user_id.id,
                "partner": visit.partner_id.id,
                "region": visit.partner_id._stm_region().id,
                "date": str(visit.date),
            }
            for visit in self
        }

    def _stm_gate_may_ask(self, act):
        """The person whose visit it is, as long as it can take place."""
        return self._filtered_access("write").filtered(
            lambda visit: visit.user_id == self.env.user and visit.state in OPEN_STATES
        )

    def _check_notice(self):
        """Where the company wants it, nobody checks in without notice (ATT-06)."""
        strict = self.filtered(lambda v: v.company_id.stm_visit_notice == "refuse")
        missing = strict._stm_without_notice() if strict else strict
        return {
            visit: [
                Reason(
                    "no_notice",
                    self.env._(
                        "Your leader has not been told of this visit. Ask for a visit"
                        " slip and check in when it is approved."
                    ),
                )
            ]
            for visit in missing
        }

    def _check_region(self):
        """Where the company wants it, work outside the region needs an approval."""
        strict = self.filtered(lambda v: v.company_id.stm_region_rule == "refuse")
        return {
            visit: [
                Reason(
                    "out_of_region",
                    self.env._(
                        "%(customer)s lies in %(region)s, which is not a region of"
                        " %(person)s on this day.",
                        customer=visit.partner_id.display_name,
                        region=region.display_name,
                        person=visit.user_id.name,
                    ),
                    liftable=True,
                )
            ]
            for visit, region in strict._stm_out_of_region().items()
        }

    # ------------------------------------------------------------
    # Business methods: what a check-in and a photo say
    # ------------------------------------------------------------

    def _stm_after_check_in(self):
        """Refuse what the company forbids, and note what the leader should look at."""
        result = super()._stm_after_check_in()
        companies = self.company_id.sudo()
        if any(
            company.stm_visit_notice == "refuse" or company.stm_region_rule == "refuse"
            for company in companies
        ):
            self._stm_pass_gate("check_in")
        visits = self.sudo()
        self.env["stm.visit.exception"]._raise(
            [
                *visits._prepare_rule_exceptions(),
                *visits._prepare_doubts(),
            ]
        )
        return result

    def _stm_after_check_out(self):
        """Note check-outs that come too late to say how long the visit was."""
        result = super()._stm_after_check_out()
        self.env["stm.visit.exception"]._raise(self.sudo()._prepare_long_stays())
        return result

    def _stm_after_photo(self, photos):
        """Note photos whose very file was sent with another visit before."""
        result = super()._stm_after_photo(photos)
        self.env["stm.visit.exception"]._raise(self._prepare_photo_exceptions(photos))
        return result

    def _stm_after_photo_answer(self, answers):
        """Note answers whose very file was sent with another visit before."""
        result = super()._stm_after_photo_answer(answers)
        self.env["stm.visit.exception"]._raise(self._prepare_photo_exceptions(answers))
        return result

    def _prepare_exception(self, kind, note, key=""):
        self.ensure_one()
        return {
            "kind": kind,
            "key": f"{kind}-{key or self.id}",
            "user_id": self.user_id.id,
            "company_id": self.company_id.id,
            "date": self.date,
            "visit_id": self.id,
            "note": note,
        }

    def _prepare_rule_exceptions(self):
        """Values for the verdict of the position, visits without notice, the region."""
        vals_list = []
        doubtful = self.filtered(lambda v: v.verdict in ("outside", "unverified"))
        wrong_clocks = doubtful._stm_with_wrong_clock()
        labels = dict(self._fields["verdict"]._description_selection(self.env))
        for visit in doubtful:
            kind = "clock" if visit in wrong_clocks else visit.verdict
            note = visit.verdict_note or labels[visit.verdict]
            vals_list.append(visit._prepare_exception(kind, note))
        noticed = self.filtered(lambda v: v.company_id.stm_visit_notice == "exception")
        for visit in noticed and noticed._stm_without_notice():
            note = self.env._(
                "The visit to %s is in no approved plan and on no approved slip.",
                visit.partner_id.display_name,
            )
            vals_list.append(visit._prepare_exception("no_notice", note))
        judged = self.filtered(lambda v: v.company_id.stm_region_rule != "none")
        for visit, region in judged._stm_out_of_region().items():
            note = self.env._(
                "%(customer)s lies in %(region)s, which is not a region of %(person)s"
                " on this day.",
                customer=visit.partner_id.display_name,
                region=region.display_name,
                person=visit.user_id.name,
            )
            vals_list.append(visit._prepare_exception("out_of_region", note))
        return vals_list

    def _prepare_long_stays(self):
        """Values for visits with a check-out that was forgotten on leaving."""
        vals_list = []
        for visit in self.filtered(lambda v: v.check_in_at and not v.is_stay_known):
            stay = visit.check_out_at - visit.check_in_at
            note = self.env._(
                "Checked out of %(customer)s %(hours)s hours after the check-in. How"
                " long the visit was is unknown and in no figure.",
                customer=visit.partner_id.display_name,
                hours=formatLang(self.env, stay.total_seconds() / 3600, digits=1),
            )
            vals_list.append(visit._prepare_exception("long_stay", note))
        return vals_list

    def _stm_with_wrong_clock(self):
        """Those checked in by a phone whose clock was off by more than is allowed.

        The check-in has the server's time: what waited in the phone is taken off.
        """
        places = self.env["stm.visit.position"]
        if self:
            places = places.sudo().search(
                [("visit_id", "in", self.ids), ("kind", "=", "in")]
            )

        def is_wrong(place):
            visit = place.visit_id
            error = place.device_at and (place.device_at - visit.check_in_at)
            allowed = 60 * visit.company_id.stm_clock_tolerance
            return error and abs(error.total_seconds()) > allowed

        return places.filtered(is_wrong).visit_id

    @api.model
    def _check_ins_of(self, domain):
        """{person: check-ins} of visits, with their positions, in one query.

        :param SQL domain: condition on ``visit``
        """
        for name in ("stm.visit", "stm.visit.position"):
            self.env[name].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT visit.user_id, visit.id,
                       visit.commercial_partner_id, visit.check_in_at,
                       place.latitude, place.longitude, place.accuracy
                  FROM stm_visit visit
                  LEFT JOIN LATERAL (
                       SELECT latitude, longitude, accuracy
                         FROM stm_visit_position
                        WHERE visit_id = visit.id AND kind = 'in'
                        ORDER BY id LIMIT 1) place ON TRUE
                 WHERE visit.check_in_at IS NOT NULL AND visit.state <> 'cancelled'
                   AND %s
                """,
                domain,
            )
        )
        found = defaultdict(list)
        for user_id, *values in rows:
            found[user_id].append(CheckIn(*values[:5], values[5] or 0.0))
        return found

    def _prepare_doubts(self):
        """Values for check-ins that do not go with the one before or after.

        Time decides, not the day: the one before may have been before midnight.
        """
        moments = [visit.check_in_at for visit in self if visit.check_in_at]
        if not moments:
            return []
        days = {visit.date + timedelta(days=n) for visit in self for n in (-1, 0, 1)}
        groups = self._check_ins_of(
            SQL(
                "visit.user_id = ANY(%s) AND visit.date = ANY(%s::date[])"
                " AND visit.check_in_at BETWEEN %s AND %s",
                self.user_id.ids,
                # They are those of the check-ins, and in the index.
                list(days),
                min(moments) - COMPARED_WITHIN,
                max(moments) + COMPARED_WITHIN,
            )
        )
        return [
            vals
            for (user, company), visits in self.grouped(
                lambda visit: (visit.user_id, visit.company_id)
            ).items()
            for vals in self._doubts_of(groups[user.id], company, visits)
        ]

    @api.model
    def _doubts_of(self, check_ins, company, visits=None):
        """Values of exceptions about the later one of two check-ins.

        :param visits: if given, one of the two is one of these
        """
        vals_list = []
        for doubt in doubts(
            check_ins, company.stm_check_in_gap, company.stm_possible_speed
        ):
            pair = {doubt.before.id, doubt.after.id}
            if visits is not None and pair.isdisjoint(visits._ids):
                continue
            before, after = map(self.sudo().browse, (doubt.before.id, doubt.after.id))
            names = {
                "before": before.partner_id.display_name,
                "after": after.partner_id.display_name,
                "minutes": round(doubt.minutes),
            }
            if doubt.kind == "too_close":
                note = self.env._(
                    "Checked in at %(after)s only %(minutes)s minutes after"
                    " %(before)s.",
                    **names,
                )
            else:
                note = self.env._(
                    "Checked in at %(after)s %(minutes)s minutes after %(before)s,"
                    " %(distance)s km away.",
                    distance=formatLang(self.env, doubt.kilometres, digits=1),
                    **names,
                )
            key = f"{before.id}-{after.id}"
            vals_list.append(after._prepare_exception(doubt.kind, note, key))
        return vals_list

    @api.model
    def _prepare_check_in_exceptions(self, company, date_from, date_to):
        """Values of all doubts in these days, for visits that came in late."""
        groups = self._check_ins_of(
            SQL(
                "visit.company_id = %s AND visit.date BETWEEN %s AND %s",
                company.id,
                date_from,
                date_to,
            )
        )
        return [
            vals
            for check_ins in groups.values()
            for vals in self._doubts_of(check_ins, company)
        ]

    def _prepare_photo_exceptions(self, photos):
        """Values for photos whose file was sent with another visit, in one query.

        A photo of its own and one that answers a question are the same here.

        :param photos: those just sent, of one of the two kinds
        """
        for name in ("stm.visit", "stm.visit.photo", "stm.checklist.answer"):
            self.env[name].flush_model()
        are_answers = photos._name == "stm.checklist.answer"
        rows = self.env.execute_query(
            SQL(
                """
                SELECT sent.id, sent.visit_id, sent.sha256, MIN(earlier.visit_id)
                  FROM %(sent)s sent
                  JOIN LATERAL (
                       SELECT photo.visit_id FROM stm_visit_photo photo
                        WHERE photo.sha256 = sent.sha256
                          AND photo.company_id = sent.company_id
                    UNION ALL
                       SELECT visit.id FROM stm_checklist_answer answer
                         JOIN stm_visit visit ON visit.id = answer.res_id
                        WHERE answer.photo_sha256 = sent.sha256
                          AND answer.model = 'stm.visit'
                          AND visit.company_id = sent.company_id) earlier
                    ON earlier.visit_id <> sent.visit_id
                 WHERE sent.id = ANY(%(ids)s)
                 GROUP BY sent.id, sent.visit_id, sent.sha256
                """,
                sent=SQL(
                    """
                    (SELECT answer.id, visit.id AS visit_id, visit.company_id,
                            answer.photo_sha256 AS sha256
                       FROM stm_checklist_answer answer
                       JOIN stm_visit visit ON visit.id = answer.res_id
                      WHERE answer.model = 'stm.visit')
                    """
                    if are_answers
                    else "stm_visit_photo"
                ),
                ids=photos.ids,
            )
        )
        vals_list = []
        for photo_id, visit_id, sha256, earlier_id in rows:
            # Another picture may answer the same question until the visit is finished.
            key = f"answer-{photo_id}-{sha256[:16]}" if are_answers else photo_id
            visit, earlier = (
                self.sudo().browse(visit_id),
                self.sudo().browse(earlier_id),
            )
            note = self.env._(
                "The same photo was sent with the visit to %(customer)s of %(person)s"
                " (%(moment)s).",
                customer=earlier.partner_id.display_name,
                person=earlier.user_id.name,
                moment=format_datetime(
                    self.env, earlier.start_at, tz=earlier.user_id.tz
                ),
            )
            vals_list.append(visit._prepare_exception("same_photo", note, key))
        return vals_list
