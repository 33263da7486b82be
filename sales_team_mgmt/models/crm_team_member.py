from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

# What decides who holds which post where: a change moves documents and rights.
FOLLOWED_FIELDS = {
    "active",
    "crm_team_id",
    "stm_date_from",
    "stm_date_to",
    "stm_post_id",
}


class CrmTeamMember(models.Model):
    """A membership has dates and a post, so the history of a person survives a move.

    Odoo archives a membership when the person joins another team; here it also gets
    its last day. Documents ask for the membership of their own date.
    """

    _inherit = "crm.team.member"

    stm_date_from = fields.Date(
        string="From",
        required=True,
        index=True,
        default=fields.Date.context_today,
        tracking=True,
    )
    stm_date_to = fields.Date(string="To", index=True, tracking=True)
    stm_post_id = fields.Many2one(
        "stm.post", string="Post", index="btree_not_null", tracking=True
    )

    _stm_dates = models.Constraint(
        "CHECK (stm_date_to IS NULL OR stm_date_to >= stm_date_from - 1)",
        "A membership cannot end before it starts.",
    )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        users = self.env["res.users"].browse({v["user_id"] for v in vals_list})
        before = users._stm_post_groups()
        self._stm_end_other_teams(vals_list)
        members = super().create(vals_list)
        members._stm_check_may_grant()
        users._stm_sync_post_groups(before)
        members._stm_after_change()
        return members

    def write(self, vals):
        before = self.user_id._stm_post_groups()
        grants = self._stm_is_granted_by(vals)
        self._stm_check_same_person(vals)
        if vals.get("active") is False and "stm_date_to" not in vals:
            self._stm_end(fields.Date.context_today(self))
        elif vals.get("active") and "stm_date_to" not in vals:
            self.filtered(lambda member: not member.active)._stm_come_back()
        result = super().write(vals)
        if grants:
            self._stm_check_may_grant()
        if FOLLOWED_FIELDS & vals.keys():
            self.user_id._stm_sync_post_groups(before)
            self._stm_after_change()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_past(self):
        today = fields.Date.context_today(self)
        if any(member.stm_date_from < today for member in self):
            raise UserError(
                self.env._(
                    "Past memberships are kept as history. Archive the membership"
                    " instead of deleting it."
                )
            )

    def unlink(self):
        users = self.user_id
        before = users._stm_post_groups()
        result = super().unlink()
        users._stm_sync_post_groups(before)
        return result

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_is_granted_by(self, vals):
        """Whether writing ``vals`` gives a post, begins it earlier or prolongs it."""
        if vals.keys() & {"stm_post_id", "stm_date_from"}:
            return True
        if vals.get("active") and not all(member.active for member in self):
            return True
        last = fields.Date.to_date(vals.get("stm_date_to"))
        return "stm_date_to" in vals and any(
            member.stm_date_to and (not last or last > member.stm_date_to)
            for member in self
        )

    def _stm_check_may_grant(self):
        """Nobody gives a post with rights to oneself, or one above the own role."""
        if self.env.su:
            return
        for member in self:
            group = member.stm_post_id.group_id
            if group and member.user_id == self.env.user:
                raise AccessError(
                    self.env._(
                        "You cannot change your own post. Ask your superior to do it."
                    )
                )
            self.env["res.users"]._stm_check_may_grant(group)

    def _stm_check_same_person(self, vals):
        """History is not rewritten: a membership keeps its person."""
        if any(m.user_id.id != vals.get("user_id", m.user_id.id) for m in self):
            raise UserError(
                self.env._(
                    "A membership belongs to one person. End it, and add the other"
                    " person to the team."
                )
            )

    def _synchronize_memberships(self, user_team_ids):
        """A membership that is planned ahead, or past, ends no other one today."""
        return super()._synchronize_memberships(
            [values for values in user_team_ids if values.get("active", True)]
        )

    def _stm_come_back(self):
        """Who comes back begins anew today; the time before stays on record."""
        today = fields.Date.context_today(self)
        for member in self:
            first = member.stm_date_from
            if member.stm_date_to and member.stm_date_to < today:
                past = {"stm_date_from": first, "stm_date_to": member.stm_date_to}
                member.sudo().copy({**past, "active": False})
                first = today
            member.write({"stm_date_from": first, "stm_date_to": False})

    def _stm_end(self, last_day):
        """Give open memberships their last day, never one before their first."""
        for member in self:
            if not member.stm_date_to or member.stm_date_to > last_day:
                first = member.stm_date_from
                member.stm_date_to = max(last_day, first - timedelta(days=1))

    def _stm_end_other_teams(self, vals_list):
        """One team a day: who joins a team leaves the other one the day before."""
        params = self.env["ir.config_parameter"].sudo()
        if params.get_param("sales_team.membership_multi"):
            return
        today = fields.Date.context_today(self)
        for vals in vals_list:
            first = fields.Date.to_date(vals.get("stm_date_from")) or today
            last = fields.Date.to_date(vals.get("stm_date_to"))
            if last and last < today:
                continue
            others = self.search(
                [
                    ("user_id", "=", vals["user_id"]),
                    ("crm_team_id", "!=", vals.get("crm_team_id")),
                    ("active", "=", True),
                ]
            )
            others._stm_end(first - timedelta(days=1))

    def _stm_after_change(self):
        """What depends on who holds which post where."""
        today = fields.Date.context_today(self)
        self.filtered(
            lambda member: member.active and member.stm_date_from <= today
        )._stm_move_open_documents()
        self.env["stm.approval"].sudo()._refresh_approvers()

    def _stm_move_open_documents(self):
        """Open documents follow their person into the team; closed ones stay."""
        for member in self.sudo():
            for model in self.env["stm.access"]._document_models():
                documents = (
                    self.env[model]
                    .sudo()
                    .search(
                        self.env[model]._stm_open_domain()
                        & Domain("user_id", "=", member.user_id.id)
                        & Domain("team_id", "!=", member.crm_team_id.id)
                    )
                )
                if hasattr(documents, "_stm_in_open_periods"):
                    documents = documents._stm_in_open_periods()
                documents.write({"team_id": member.crm_team_id.id})
                if documents and "approval_id" in documents._fields:
                    documents.approval_id.team_id = member.crm_team_id

    @api.model
    def _stm_on(self, day, domain=Domain.TRUE):
        """Memberships that hold on ``day``, archived ones included; latest first."""
        current = (
            Domain("stm_date_from", "<=", day)
            & (Domain("stm_date_to", "=", False) | Domain("stm_date_to", ">=", day))
            & domain
        )
        return (
            self.sudo()
            .with_context(active_test=False)
            .search(current, order="stm_date_from desc, id desc")
        )

    @api.model
    def _stm_teams_of(self, users, day):
        """{user: team} on ``day``: the membership, or else the team that one leads.

        A person without both is missing from the result.
        """
        teams = {}
        for member in self._stm_on(day, Domain("user_id", "in", users.ids)):
            teams.setdefault(member.user_id.with_env(self.env), member.crm_team_id)
        leaders = users.filtered(lambda user: user not in teams)
        if leaders:
            led = self.env["crm.team"].sudo()
            led = led.search([("user_id", "in", leaders.ids)], order="parent_path desc")
            for team in led.sorted(lambda t: len(t._stm_chain())):
                teams.setdefault(team.user_id.with_env(self.env), team)
        return {user: team.with_env(self.env) for user, team in teams.items()}

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_follow_dates(self):
        """Begin and end memberships that were planned ahead, on their day."""
        today = fields.Date.context_today(self)
        everybody = self.with_context(active_test=False)
        ended = self.search([("stm_date_to", "<", today)])
        begun = everybody.search(
            [
                ("active", "=", False),
                ("stm_date_from", "<=", today),
                ("stm_date_from", ">=", "today -7d"),
                "|",
                ("stm_date_to", "=", False),
                # Later than today: what was archived today ends today.
                ("stm_date_to", ">", today),
                ("user_id.active", "=", True),
            ]
        )
        # Archived ones were only to be found: the main team is one of the others.
        begun = begun.with_env(self.env)
        users = (ended | begun).user_id
        before = {user: user._stm_post_groups_of(ended)[user] for user in users}
        for member in ended:
            member.write({"active": False, "stm_date_to": member.stm_date_to})
        for member in begun:
            member.write({"active": True, "stm_date_to": member.stm_date_to})
        users._stm_sync_post_groups(before)
