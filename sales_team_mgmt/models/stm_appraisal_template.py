from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools import scoring


class StmAppraisalTemplate(models.Model):
    """How a month, a quarter or a year of a post is scored (APP-01, ORG-20)."""

    _name = "stm.appraisal.template"
    _description = "Appraisal Template"
    _inherit = ["stm.version.mixin", "mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(help="Stays the same through all versions of the template.")
    sequence = fields.Integer(
        default=10,
        help="Of the templates that fit a person, the one that names the person comes"
        " first, then those for a region, then those for a post; the order decides"
        " among equals.",
    )
    period_kind = fields.Selection(
        [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")],
        string="Appraised Every",
        required=True,
        default="month",
        tracking=True,
    )
    company_id = fields.Many2one("res.company", index=True)
    post_ids = fields.Many2many("stm.post", string="For Posts")
    region_ids = fields.Many2many(
        "stm.region", string="For Regions", help="Regions below are included."
    )
    user_ids = fields.Many2many(
        "res.users", string="For People", domain="[('share', '=', False)]"
    )
    previous_id = fields.Many2one(
        "stm.appraisal.template", string="Replaces", readonly=True, copy=False
    )
    rule_document_id = fields.Many2one(
        "stm.rule.document",
        string="Set Down In",
        help="The approved rules that this template puts into figures.",
    )
    has_self_assessment = fields.Boolean(
        string="Self-Assessment First",
        help="The person gives the own points before the leader does.",
        tracking=True,
    )
    pivot = fields.Float(
        string="Pay Pivot",
        help="The score that stands for the full pay: the coefficient is the score"
        " over it. Zero: the score moves no pay.",
        tracking=True,
    )
    section_ids = fields.One2many(
        "stm.appraisal.section", "template_id", string="Sections", copy=True
    )
    item_ids = fields.One2many("stm.appraisal.item", "template_id", string="Items")
    result_ids = fields.One2many(
        "stm.appraisal.band", "template_id", string="Results", copy=True
    )
    weight_total = fields.Float(compute="_compute_weight_total")
    appraisal_count = fields.Integer(compute="_compute_appraisal_count")

    _pivot_not_negative = models.Constraint(
        "CHECK (pivot >= 0)", "A pay pivot cannot be negative."
    )

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.depends("section_ids.weight")
    def _compute_weight_total(self):
        for template in self:
            template.weight_total = sum(template.section_ids.mapped("weight"))

    def _compute_appraisal_count(self):
        counts = dict(
            self.env["stm.appraisal"]._read_group(
                [("template_id", "in", self.ids)], ["template_id"], ["__count"]
            )
        )
        for template in self:
            template.appraisal_count = counts.get(template._origin, 0)

    @api.constrains("section_ids", "is_released")
    def _check_weights(self):
        """Whatever is in force can be computed."""
        self.filtered("is_released")._check_complete()

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_open_appraisals(self):
        """Open the sheets that were made with this template."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_team_mgmt.stm_appraisal_action_team"
        )
        action["domain"] = [("template_id", "=", self.id)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_used_ids(self):
        groups = (
            self.env["stm.appraisal"]
            .sudo()
            ._read_group([("template_id", "in", self.ids)], ["template_id"])
        )
        return {template.id for (template,) in groups}

    def _stm_check_can_release(self):
        self._check_complete()
        return super()._stm_check_can_release()

    def _check_complete(self):
        """Refuse a template with which no sheet could be scored.

        :raises ValidationError: names the section or item and what it lacks
        """
        for template in self:
            if not template.section_ids or not all(
                section.item_ids for section in template.section_ids
            ):
                raise ValidationError(
                    self.env._(
                        "“%s” needs sections, and items in each of them.",
                        template.name,
                    )
                )
            try:
                scoring.check_weights(template.section_ids.mapped("weight"), self.env)
            except scoring.Refused as refusal:
                raise ValidationError(
                    self.env._(
                        "“%(template)s”: %(reason)s",
                        template=template.name,
                        reason=str(refusal),
                    )
                ) from refusal
            template.section_ids.item_ids._check_rule()

    @api.model
    def _find(self, people, company, kind, day):
        """{user: template} of those whose post, region or name one fits on ``day``.

        :param people: pairs (user, membership) as they were on that day
        """
        templates = self.sudo().search(
            Domain("period_kind", "=", kind)
            & Domain("company_id", "in", (company.id, False))
            & self._stm_in_force_domain(day)
        )
        if not templates:
            return {}
        paths = self._paths_of(people, company, day)
        # What names a person goes before a region, and a region before a post.
        conditions = sorted(
            ((t, t._conditions()) for t in templates),
            key=lambda pair: [not condition for condition in pair[1]],
        )
        found = {}
        for user, member in people:
            for template, (users, regions, posts) in conditions:
                if (
                    (not users or user.id in users)
                    and (not posts or member.stm_post_id.id in posts)
                    and (not regions or any(p.startswith(regions) for p in paths[user]))
                ):
                    found[user] = template
                    break
        return found

    def _conditions(self):
        """(ids of people, paths of regions, ids of posts); an empty one sets none."""
        self.ensure_one()
        return (
            frozenset(self.user_ids.ids),
            tuple(self.region_ids.mapped("parent_path")),
            frozenset(self.post_ids.ids),
        )

    @api.model
    def _paths_of(self, people, company, day):
        """{user: paths of the regions he works in on ``day``}: the own ones, and that
        of the team."""
        assignments = (
            self.env["stm.region.assignment"]
            .sudo()
            .search(
                Domain("user_id", "in", [user.id for user, _member in people])
                & Domain("company_id", "=", company.id)
                & Domain("date_from", "<=", day)
                & (Domain("date_to", "=", False) | Domain("date_to", ">=", day))
            )
        )
        assigned = assignments.grouped("user_id")
        none = assignments.browse()
        return {
            user: [
                *assigned.get(user, none).region_id.mapped("parent_path"),
                member.crm_team_id.stm_region_id.parent_path or "",
            ]
            for user, member in people
        }

    def _result_of(self, score):
        """Name of the result that a score stands for, such as excellent or poor."""
        self.ensure_one()
        reached = self.result_ids.filtered(lambda band: band.start <= score)
        return reached.sorted("start")[-1:].name or False

    def action_release(self):
        """A template without anybody it is for would never be used."""
        for template in self:
            if not (template.user_ids or template.post_ids or template.region_ids):
                raise UserError(
                    self.env._(
                        "Say which posts, regions or people “%s” is for.",
                        template.name,
                    )
                )
        return super().action_release()
