from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class StmReportTemplate(models.Model):
    """What a weekly or monthly report has to say (WPL-03)."""

    _name = "stm.report.template"
    _description = "Report Template"
    _inherit = ["stm.version.mixin", "mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(
        default=10, help="The first template in force that fits a person is taken."
    )
    period_kind = fields.Selection(
        [("week", "Week"), ("month", "Month")],
        string="Period",
        required=True,
        default="week",
    )
    company_id = fields.Many2one("res.company", index=True)
    post_ids = fields.Many2many("stm.post", string="Only Posts")
    previous_id = fields.Many2one(
        "stm.report.template", string="Replaces", readonly=True, copy=False
    )
    needs_next_plan = fields.Boolean(
        string="Needs Next Week's Plan",
        help="The report can only be handed in together with the plan of next week.",
    )
    line_ids = fields.One2many(
        "stm.report.template.line", "template_id", string="Items", copy=True
    )

    def _stm_used_ids(self):
        groups = (
            self.env["stm.work.report"]
            .sudo()
            ._read_group([("template_id", "in", self.ids)], ["template_id"])
        )
        return {template.id for (template,) in groups}

    def _stm_check_can_release(self):
        for template in self:
            if not template.line_ids:
                raise UserError(
                    self.env._(
                        "“%s” has no items. Add what the report has to say first.",
                        template.name,
                    )
                )
        return super()._stm_check_can_release()

    @api.model
    def _find(self, users, company, kind, day):
        """{user: template} for each person's post on ``day``."""
        templates = self.sudo().search(
            Domain("period_kind", "=", kind)
            & Domain("company_id", "in", (company.id, False))
            & self._stm_in_force_domain(day)
        )
        posts = {}
        Member = self.env["crm.team.member"]
        for member in Member._stm_on(day, Domain("user_id", "in", users.ids)):
            posts.setdefault(member.user_id.id, member.stm_post_id)
        found = {}
        for user in users:
            post = posts.get(user.id, self.env["stm.post"])
            for template in templates:
                if not template.post_ids or post in template.post_ids:
                    found[user] = template
                    break
            else:
                raise UserError(
                    self.env._(
                        "There is no report template in force for %s. Ask the"
                        " department manager to release one.",
                        user.name,
                    )
                )
        return found
