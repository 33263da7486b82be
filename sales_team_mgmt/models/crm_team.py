from odoo import api, fields, models
from odoo.exceptions import ValidationError

TEAM_LEVELS = [
    ("department", "Department"),
    ("area", "Area"),
    ("team", "Team"),
    ("group", "Group"),
]

TEAM_FUNCTIONS = [
    ("sales", "Sales"),
    ("expansion", "Market Expansion"),
    ("service", "Customer Service"),
    ("coordination", "Business Coordination"),
]

# What decides who sees whom: a change of one of these rebuilds the scope.
SCOPE_FIELDS = {"parent_id", "user_id", "stm_deputy_id", "stm_assistant_ids", "active"}


class CrmTeam(models.Model):
    """The sales organisation is a tree of sales teams (ORG-03, ORG-05)."""

    _name = "crm.team"
    _inherit = "crm.team"
    _parent_store = True

    parent_id = fields.Many2one(
        "crm.team",
        string="Part of",
        index=True,
        ondelete="restrict",
        tracking=True,
        check_company=True,
        help="The team above. Whoever leads it sees this team as well.",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("crm.team", "parent_id", string="Teams Below")
    user_id = fields.Many2one(tracking=True)
    stm_deputy_id = fields.Many2one(
        "res.users",
        string="Deputy",
        tracking=True,
        check_company=True,
        domain=[("share", "=", False)],
        help="Sees what the leader sees and may decide in the leader's place.",
    )
    stm_assistant_ids = fields.Many2many(
        "res.users",
        "stm_crm_team_assistant_rel",
        "team_id",
        "user_id",
        string="Assistants",
        domain=[("share", "=", False)],
        help="See the documents of the team but decide nothing.",
    )
    stm_level = fields.Selection(TEAM_LEVELS, string="Level", default="team")
    stm_function = fields.Selection(TEAM_FUNCTIONS, string="Function", default="sales")
    stm_region_id = fields.Many2one(
        "stm.region", string="Region", index="btree_not_null", tracking=True
    )
    stm_access_ids = fields.One2many("stm.access", "team_id", string="Seen by")

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._(
                    "A team cannot be part of itself or of a team below it. Choose"
                    " another team above."
                )
            )

    @api.constrains("parent_id", "company_id")
    def _check_parent_company(self):
        for team in self.sudo():
            above, companies = team.parent_id.company_id, team.child_ids.company_id
            if above and team.company_id != above:
                raise ValidationError(
                    self.env._(
                        "%(team)s must belong to %(company)s like the team above it.",
                        team=team.name,
                        company=above.name,
                    )
                )
            if team.company_id and companies - team.company_id:
                raise ValidationError(
                    self.env._(
                        "Teams below %(team)s belong to another company. Move them"
                        " first.",
                        team=team.name,
                    )
                )

    @api.constrains("parent_id", "stm_region_id")
    def _check_region(self):
        """Rules follow the tree, so the regions of the teams must follow it too."""
        for team in self | self.child_ids:
            above = team.parent_id.stm_region_id
            region = team.stm_region_id
            if above and region:
                if not region.parent_path.startswith(above.parent_path):
                    raise ValidationError(
                        self.env._(
                            "The region of %(team)s must lie inside %(region)s, the"
                            " region of the team above.",
                            team=team.name,
                            region=above.display_name,
                        )
                    )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        if any(SCOPE_FIELDS & vals.keys() for vals in vals_list):
            self.env["stm.access"].sudo()._rebuild()
        return teams

    def write(self, vals):
        result = super().write(vals)
        if SCOPE_FIELDS & vals.keys():
            self.env["stm.access"].sudo()._rebuild()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["stm.access"].sudo()._rebuild()
        return result

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_chain(self):
        """The team and the teams above it, nearest first."""
        self.ensure_one()
        ids = [int(part) for part in (self.parent_path or "").split("/") if part]
        return self.browse(reversed(ids))

    def _stm_superiors(self, user):
        """Leaders above ``user`` in this team, nearest first, each once.

        :return: list of pairs (leader, team that makes him the leader)
        """
        superiors, seen = [], {user.id}
        for team in self._stm_chain() if self else self:
            leader = team.user_id
            if team.active and leader.active and leader.id not in seen:
                seen.add(leader.id)
                superiors.append((leader, team))
        return superiors
