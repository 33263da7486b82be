from odoo import api, fields, models
from odoo.exceptions import ValidationError

APPROVER_KINDS = [
    ("superior", "Level Above"),
    ("post", "Holder of a Post"),
    ("group", "Role"),
    ("user", "Person"),
    ("named", "Named by an Earlier Step"),
]


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
