from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import split_every

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

    _name = "crm.team.member"
    _inherit = ["crm.team.member", "stm.system.mixin"]

    _stm_system_fields = frozenset({"stm_is_planned", "stm_post_gave_role"})

    stm_date_from = fields.Date(
        string="From",
        required=True,
        index=True,
        default=fields.Date.context_today,
        tracking=True,
    )
    stm_date_to = fields.Date(string="To", index=True, tracking=True)
    stm_post_id = fields.Many2one(
        "stm.post",
        string="Post",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    stm_is_planned = fields.Boolean(
        string="Planned Ahead", copy=False, help="Has not begun yet."
    )
    stm_post_gave_role = fields.Boolean(
        string="Role Given by the Post",
        copy=False,
        help="The role goes with the post. One that somebody gave by hand stays.",
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
        if not self.env.su:
            for vals in vals_list:
                self.browse()._stm_check_system_fields(vals)
        users = self.env["res.users"].browse({v["user_id"] for v in vals_list})
        before = users._stm_given_groups()
        self._stm_end_other_teams(vals_list)
        members = super().create(vals_list)
        members._stm_plan_ahead()
        members._stm_check_may_grant()
        users._stm_sync_post_groups(before)
        members._stm_after_change()
        return members

    def write(self, vals):
        if not self.env.su:
            self._stm_check_system_fields(vals)
        before = self.user_id._stm_given_groups()
        grants = self._stm_is_granted_by(vals)
        self._stm_check_same_person(vals)
        if vals.get("active") is False and "stm_date_to" not in vals:
            self._stm_end(fields.Date.context_today(self))
        elif vals.get("active") and "stm_date_to" not in vals:
            self.filtered(
                lambda m: not m.active
                # A plan keeps its dates, unless it was called off.
                and not (m.stm_is_planned and m._stm_has_days())
            )._stm_come_back()
        result = super().write(vals)
        if "stm_date_from" in vals or vals.get("active"):
            self._stm_plan_ahead()
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
        before = users._stm_given_groups()
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
        past = self.filtered(lambda m: m.stm_date_to and m.stm_date_to < today)
        dates = ("stm_date_from", "stm_date_to")
        history = [
            {**values, **{name: member[name] for name in dates}, "active": False}
            for member, values in zip(past, past.sudo().copy_data(), strict=True)
        ]
        self.sudo().create(history)
        past.write({"stm_date_from": today, "stm_date_to": False})
        (self - past).write({"stm_date_to": False})

    def _stm_has_days(self):
        """Whether it lasts at all: what is called off ends before it begins."""
        return not self.stm_date_to or self.stm_date_to >= self.stm_date_from

    def _stm_plan_ahead(self):
        """Remember what has not begun, so that the cron begins it whenever it runs.

        Today is the later one of the actor's day and the day where the person lives:
        who joins today holds the post at once.
        """
        today = fields.Date.context_today(self)
        self.filtered(
            lambda m: m.stm_date_from > max(today, m.user_id._stm_today())
        ).sudo().stm_is_planned = True

    def _stm_end(self, last_day):
        """Give open memberships their last day, never one before their first."""
        later = self.filtered(lambda m: not m.stm_date_to or m.stm_date_to > last_day)
        for end, members in later.grouped(
            lambda m: max(last_day, m.stm_date_from - timedelta(days=1))
        ).items():
            members.write({"stm_date_to": end})

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
                    "|",
                    ("active", "=", True),
                    # Planned for an earlier day: it would begin after this one.
                    "&",
                    ("stm_is_planned", "=", True),
                    ("stm_date_from", "<=", first),
                ]
            )
            others._stm_end(first - timedelta(days=1))

    def _stm_after_change(self):
        """What depends on who holds which post where."""
        self.filtered(
            lambda member: member.active and not member.stm_is_planned
        )._stm_move_open_documents()
        self.env["stm.approval"].sudo()._refresh_approvers()

    def _stm_move_open_documents(self):
        """Open documents follow their person into the team; closed ones stay.

        None leaves a team of its own company for one of another company.
        """
        for team, members in self.sudo().grouped("crm_team_id").items():
            for model in self.env["stm.access"]._document_models():
                documents = (
                    self.env[model]
                    .sudo()
                    .search(
                        self.env[model]._stm_open_domain()
                        & Domain("user_id", "in", members.user_id.ids)
                        & Domain("team_id", "!=", team.id)
                    )
                )
                documents = documents.filtered(
                    lambda d, team=team: (
                        self._stm_fits(team, d.company_id)
                        or not self._stm_fits(d.team_id, d.company_id)
                    )
                )
                if hasattr(documents, "_stm_in_open_periods"):
                    documents = documents._stm_in_open_periods()
                documents.write({"team_id": team.id})
                if documents and "approval_id" in documents._fields:
                    documents.approval_id.team_id = team

    @api.model
    def _stm_fits(self, team, company):
        """Whether documents of ``company`` have their place in ``team``."""
        return not team.company_id or not company or team.company_id == company

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
    def _stm_latest_on(self, day):
        """{(user, company): latest membership} of everybody on ``day``."""
        latest = {}
        for member in self._stm_on(day):
            user = member.user_id
            company = member.crm_team_id.company_id or user.company_id
            latest.setdefault((user, company), member)
        return latest

    @api.model
    def _stm_teams_of(self, users, day, company=None):
        """{user: team} on ``day``: the membership, or else the team that one leads.

        Whoever is in teams of several companies stands in the one of ``company``; if
        there is none, in the latest. A person without any is missing from the result.
        """
        teams = {}
        members = self._stm_on(day, Domain("user_id", "in", users.ids))
        for member in members.sorted(
            lambda m: not self._stm_fits(m.crm_team_id, company)
        ):
            teams.setdefault(member.user_id.with_env(self.env), member.crm_team_id)
        leaders = users.filtered(lambda user: user not in teams)
        if leaders:
            led = self.env["crm.team"].sudo()
            led = led.search([("user_id", "in", leaders.ids)], order="parent_path desc")
            for team in led.sorted(
                lambda t: (not self._stm_fits(t, company), len(t._stm_chain()))
            ):
                teams.setdefault(team.user_id.with_env(self.env), team)
        return {user: team.with_env(self.env) for user, team in teams.items()}

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_follow_dates(self, batch_size=500):
        """Begin and end memberships on their day, by the calendar of their person.

        What could not be done on its day, because no cron ran, is done later.
        """
        cron = self.env["ir.cron"]
        # Whoever lives furthest east is the first to have a new day.
        furthest = fields.Datetime.now().date() + timedelta(days=1)
        changes = self.with_context(active_test=False).search(
            (Domain("active", "=", True) & Domain("stm_date_to", "<", furthest))
            | (
                Domain("stm_is_planned", "=", True)
                & Domain("stm_date_from", "<=", furthest)
            ),
            order="user_id, id",
        )
        # Archived ones were only to be found: the main team is one of the others.
        due = changes.with_env(self.env)._stm_due()
        ids = {user.id: members.ids for user, members in due.grouped("user_id").items()}
        remaining = len(ids)
        cron._commit_progress(remaining=remaining)
        for batch in split_every(batch_size, ids):

            def follow(batch=batch):
                # One worker a person: what one membership gives, another may take.
                people = self.env["res.users"].browse(batch)
                people = people.try_lock_for_update(allow_referencing=True)
                members = self.browse(id_ for user in people for id_ in ids[user.id])
                members.exists()._stm_due()._stm_follow_dates()
                return len(batch)

            remaining -= len(batch)
            _done, seconds = cron._stm_do(follow, lambda left=remaining: left)
            if not seconds:
                return

    def _stm_due(self):
        """Those that begin or end by the day where their person lives."""

        def is_due(member):
            today = member.user_id._stm_today()
            if member.stm_is_planned:
                return member.stm_date_from <= today
            return member.active and member.stm_date_to and member.stm_date_to < today

        return self.filtered(is_due)

    def _stm_follow_dates(self):  # pylint: disable=missing-return
        """Begin and end these memberships, all as one change.

        Roles, documents and decisions follow at the end: who leaves one team for the
        other is never without a post in between.
        """
        over = self.filtered(
            lambda m: m.stm_date_to and m.stm_date_to < m.user_id._stm_today()
        )
        # Who has left the company does not begin.
        missed = (self - over).filtered(lambda m: not m.user_id.active)
        begun = self - over - missed
        before = self.user_id._stm_given_groups()
        done = {"stm_is_planned": False}
        super(CrmTeamMember, missed).write(done)
        super(CrmTeamMember, over).write({**done, "active": False})
        super(CrmTeamMember, begun).write({**done, "active": True})
        self.user_id._stm_sync_post_groups(before)
        self._stm_after_change()
