import ast

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

APPROVER_KINDS = [
    ("superior", "Level Above"),
    ("post", "Holder of a Post"),
    ("group", "Role"),
    ("user", "Person"),
    ("named", "Named by an Earlier Step"),
]


class StmApprovalRoute(models.Model):
    """Who has to say yes to which documents, in which order (ORG-21)."""

    _name = "stm.approval.route"
    _description = "Approval Route"
    _inherit = ["stm.version.mixin", "mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(
        default=10, help="The first route in force that fits a document is taken."
    )
    model = fields.Selection(
        selection="_selection_model", string="Document", required=True, tracking=True
    )
    company_id = fields.Many2one("res.company", index=True)
    condition = fields.Char(
        string="Only If",
        default="[]",
        tracking=True,
        help="Documents that the route is for; empty: all of them.",
    )
    previous_id = fields.Many2one(
        "stm.approval.route", string="Replaces", readonly=True, copy=False
    )
    step_ids = fields.One2many(
        "stm.approval.route.step", "route_id", string="Steps", copy=True
    )
    notify_post_ids = fields.Many2many(
        "stm.post",
        string="Then Tell",
        help="Holders of these posts are told the final decision.",
    )

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.model
    def _selection_model(self):
        """Documents that know how to be approved."""
        return sorted(
            (
                (name, self.env["ir.model"]._get(name).name or name)
                for name, model in self.env.registry.items()
                if not model._abstract
                and issubclass(model, self.env.registry["stm.approval.mixin"])
            ),
            key=lambda entry: entry[1],
        )

    @api.constrains("condition", "model")
    def _check_condition(self):
        for route in self:
            try:
                domain = Domain(ast.literal_eval(route.condition or "[]"))
                domain.validate(self.env[route.model].sudo())
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "The condition of “%(route)s” cannot be understood. Choose it"
                        " with the filter editor.",
                        route=route.name,
                    )
                ) from error

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_used_ids(self):
        groups = (
            self.env["stm.approval"]
            .sudo()
            ._read_group([("route_id", "in", self.ids)], ["route_id"])
        )
        return {route.id for (route,) in groups}

    def _stm_check_can_release(self):
        for route in self:
            if not route.step_ids:
                raise UserError(
                    self.env._(
                        "“%(route)s” has no steps. Add at least one step before you"
                        " release it.",
                        route=route.name,
                    )
                )
        return super()._stm_check_can_release()

    @api.model
    def _find(self, documents):
        """{document: route} the first released route that fits; raises if none."""
        routes = self.sudo().search(
            Domain("model", "=", documents._name)
            & self._stm_in_force_domain(fields.Date.context_today(self))
        )
        found = {}
        for document in documents:
            for route in routes:
                if route.company_id and route.company_id != document.company_id:
                    continue
                condition = Domain(ast.literal_eval(route.condition or "[]"))
                if document.sudo().filtered_domain(condition):
                    found[document] = route
                    break
            else:
                raise UserError(
                    self.env._(
                        "No approval route fits “%(document)s”. Ask the department"
                        " manager to release one under Configuration, Approval Routes.",
                        document=document.display_name,
                    )
                )
            if not route.step_ids:
                raise UserError(
                    self.env._(
                        "The approval route “%(route)s” has no steps. Ask the"
                        " department manager to complete it.",
                        route=route.name,
                    )
                )
        return found


class StmApprovalRouteStep(models.Model):
    """One step of a route: who decides, alone or together with others."""

    _name = "stm.approval.route.step"
    _description = "Step of an Approval Route"
    _inherit = ["stm.version.line.mixin"]
    _order = "route_id, sequence, id"

    _stm_version_field = "route_id"

    route_id = fields.Many2one(
        "stm.approval.route", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(APPROVER_KINDS, required=True, default="superior")
    level = fields.Integer(
        default=1, help="1: the leader of the team, 2: the leader above, and so on."
    )
    post_id = fields.Many2one("stm.post")
    group_id = fields.Many2one("res.groups", string="Role")
    user_id = fields.Many2one("res.users", domain=[("share", "=", False)])
    everybody = fields.Boolean(
        string="All Must Agree",
        help="Ticked: everybody named here has to approve (countersigning)."
        " Not ticked: the first answer counts.",
    )
    comment_required = fields.Boolean(
        help="The step can only be decided with a written comment."
    )
    names_countersigners = fields.Boolean(
        help="Whoever decides this step names the people of the step"
        " “Named by an Earlier Step”."
    )

    _level_positive = models.Constraint(
        "CHECK (kind <> 'superior' OR level > 0)", "The level above starts at 1."
    )

    @api.constrains("kind", "post_id", "group_id", "user_id")
    def _check_target(self):
        needed = {"post": "post_id", "group": "group_id", "user": "user_id"}
        for step in self:
            name = needed.get(step.kind)
            if name and not step[name]:
                raise ValidationError(
                    self.env._(
                        "Step “%(step)s” does not say who decides. Fill in"
                        " “%(field)s”.",
                        step=step.name,
                        field=step._fields[name]._description_string(self.env),
                    )
                )

    @api.constrains("kind", "sequence", "names_countersigners", "route_id")
    def _check_named(self):
        for route in self.route_id:
            named_before = False
            for step in route.step_ids.sorted(lambda s: (s.sequence, s.id)):
                if step.kind == "named" and not named_before:
                    raise ValidationError(
                        self.env._(
                            "Step “%(step)s” needs an earlier step that names the"
                            " countersigners.",
                            step=step.name,
                        )
                    )
                named_before = named_before or step.names_countersigners
