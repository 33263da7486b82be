from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

DEPARTMENTS = [
    ("sales", "Sales"),
    ("management", "General Management"),
    ("finance", "Finance"),
    ("hr", "HR and Administration"),
    ("production", "Production"),
    ("design", "Design"),
    ("purchasing", "Purchasing"),
    ("warehouse", "Warehouse and Logistics"),
    ("quality", "Quality"),
    ("technical", "Technical Service"),
]

# The only groups that a post may hand out: a post is set by people who run the
# department, never by those who run the system.
POST_GROUPS = (
    "sales_team_mgmt.group_salesperson",
    "sales_team_mgmt.group_leader",
    "sales_team_mgmt.group_department_manager",
    "sales_team_mgmt.group_general_manager",
    "sales_team_mgmt.group_finance",
    "sales_team_mgmt.group_hr",
)


class StmPost(models.Model):
    """A post of the sales organisation and the rights that come with it (ORG-01)."""

    _name = "stm.post"
    _description = "Sales Post"
    _inherit = ["mail.thread"]
    _order = "level desc, sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: the post exists in every company."
    )
    department = fields.Selection(DEPARTMENTS, required=True, default="sales")
    level = fields.Integer(
        help="Rank of the post: the higher the number, the higher the post."
    )
    part_time = fields.Boolean(
        help="Holders are exempt from office hours and from duties that are not"
        " made for part-timers."
    )
    group_id = fields.Many2one(
        "res.groups",
        string="Access Rights",
        tracking=True,
        domain=lambda self: [("id", "in", self._get_grantable_groups().ids)],
        help="Given to whoever holds the post, and taken back when the post ends.",
    )
    description = fields.Html(string="Responsibilities")
    member_ids = fields.One2many("crm.team.member", "stm_post_id", string="Holders")
    holder_count = fields.Integer(compute="_compute_holder_count")

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "A post with this code exists already."
    )

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    def _compute_holder_count(self):
        counts = dict(
            self.env["crm.team.member"]._read_group(
                [("stm_post_id", "in", self.ids)], ["stm_post_id"], ["__count"]
            )
        )
        for post in self:
            post.holder_count = counts.get(post._origin, 0)

    @api.constrains("group_id")
    def _check_group_id(self):
        grantable = self._get_grantable_groups()
        for post in self:
            if post.group_id and post.group_id not in grantable:
                raise ValidationError(
                    self.env._(
                        "A post can only give a role of Sales Team Management;"
                        " %(group)s is not one of them.",
                        group=post.group_id.display_name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    def write(self, vals):
        holders = self.env["res.users"]
        if "group_id" in vals:
            holders = self.sudo().with_context(active_test=False).member_ids.user_id
            # Taking a role away from its holders is as much as giving it.
            new = self.env["res.groups"].browse(vals["group_id"] or [])
            for group in self.sudo().group_id.with_env(self.env) | new:
                self.env["res.users"]._stm_check_may_grant(group)
            before = holders._stm_given_groups()
        result = super().write(vals)
        if holders:
            holders._stm_sync_post_groups(before)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        """The history of whoever held the post needs it."""
        for post in self.sudo().with_context(active_test=False):
            if post.member_ids:
                raise UserError(
                    self.env._(
                        "The post “%s” is held by somebody or was held once. Archive"
                        " it instead of deleting it.",
                        post.name,
                    )
                )

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    @api.model
    def _get_grantable_groups(self):
        groups = self.env["res.groups"]
        for xmlid in POST_GROUPS:
            groups |= self.env.ref(xmlid, raise_if_not_found=False) or groups
        return groups
