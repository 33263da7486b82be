from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain


class ResUsers(models.Model):
    _inherit = "res.users"

    stm_access_ids = fields.One2many(
        "stm.access", "over_user_id", string="Seen by", copy=False
    )
    stm_region_assignment_ids = fields.One2many(
        "stm.region.assignment", "user_id", string="Sales Regions", copy=False
    )
    stm_visits_per_week = fields.Float(
        string="Full Load of Visits",
        help="Visits that this person can make in a week, at least one. Zero: as many"
        " as the company says.",
    )
    stm_visit_count = fields.Integer(compute="_compute_stm_counts")
    stm_plan_count = fields.Integer(compute="_compute_stm_counts")
    stm_report_count = fields.Integer(compute="_compute_stm_counts")

    _stm_visits_positive = models.Constraint(
        "CHECK (stm_visits_per_week IS NULL OR stm_visits_per_week = 0"
        " OR stm_visits_per_week BETWEEN 1 AND 1000)",
        "The visits that a person can make in a week lie between 1 and 1000. Enter 0"
        " for as many as the company says.",
    )

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    def _compute_stm_counts(self):
        for field, model in (
            ("stm_visit_count", "stm.visit"),
            ("stm_plan_count", "stm.work.plan"),
            ("stm_report_count", "stm.work.report"),
        ):
            counts = {}
            if self.env[model].has_access("read"):
                counts = dict(
                    self.env[model]._read_group(
                        [("user_id", "in", self.ids)], ["user_id"], ["__count"]
                    )
                )
            for user in self:
                user[field] = counts.get(user._origin, 0)

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    def write(self, vals):
        """Archiving a leaver ends posts and stand-ins at once (SEC-17)."""
        leavers = self.browse()
        if vals.get("active") is False:
            leavers = self.filtered("active")
            leavers._stm_leave()
        result = super().write(vals)
        if leavers:
            self.env["stm.access"].sudo()._rebuild()
        return result

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_stm_visits(self):
        return self._stm_open("sales_team_mgmt.stm_visit_action")

    def action_stm_plans(self):
        return self._stm_open("sales_team_mgmt.stm_work_plan_action")

    def action_stm_reports(self):
        return self._stm_open("sales_team_mgmt.stm_work_report_action")

    def _stm_open(self, xmlid):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("user_id", "=", self.id)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_leave(self):
        """End memberships and stand-ins; tell the leader what has to be handed over."""
        today = fields.Date.context_today(self)
        Member = self.env["crm.team.member"].sudo()
        members = Member._stm_on(today, Domain("user_id", "in", self.ids))
        customers = dict(
            self.env["res.partner"]
            .sudo()
            ._read_group([("user_id", "in", self.ids)], ["user_id"], ["__count"])
        )
        for member in members:
            leader = member.crm_team_id._stm_superiors(member.user_id)[:1]
            count = customers.get(member.user_id)
            if leader and count:
                member.crm_team_id.message_notify(
                    partner_ids=leader[0][0].partner_id.ids,
                    subject=self.env._("%s has left", member.user_id.name),
                    body=self.env._(
                        "%(person)s has left and still has %(count)s customers. Hand"
                        " them over with a transfer.",
                        person=member.user_id.name,
                        count=count,
                    ),
                )
        members._stm_end(today)
        members.filtered("active").write({"active": False, "stm_date_to": today})
        Substitution = self.env["stm.substitution"].sudo()
        Substitution.search(
            [("substitute_id", "in", self.ids), ("state", "=", "confirmed")]
        ).write({"state": "cancelled"})

    def _stm_today(self):
        """The date where the person lives: posts begin and end there."""
        self.ensure_one()
        return fields.Date.context_today(self.with_context(tz=self._stm_tz()))

    def _stm_tz(self):
        """Time zone of a person; that of the current user is in a cache."""
        if self._ids == (self.env.uid,):
            return self.context_get().get("tz") or "UTC"
        return self.sudo().tz or "UTC"

    def _stm_check_works_in(self, company):
        """Refuse a person who does not work in the company."""
        self.ensure_one()
        if company not in self.sudo().company_ids:
            raise ValidationError(
                self.env._(
                    "%(person)s does not work in %(company)s.",
                    person=self.name,
                    company=company.name,
                )
            )

    def _stm_held_posts(self):
        """Memberships, by user, whose post the person holds today."""
        members = (
            self.env["crm.team.member"]
            .sudo()
            .search(
                [
                    ("user_id", "in", self.ids),
                    ("active", "=", True),
                    ("stm_is_planned", "=", False),
                ]
            )
        )
        return members.filtered(
            lambda m: not m.stm_date_to or m.stm_date_to >= m.user_id._stm_today()
        ).grouped(lambda m: m.user_id.id)

    def _stm_given_groups(self):
        """{user: groups} that posts have given; those given by hand are not in it."""
        members = (
            self.env["crm.team.member"]
            .sudo()
            .with_context(active_test=False)
            .search([("user_id", "in", self.ids), ("stm_post_gave_role", "=", True)])
            .grouped(lambda m: m.user_id.id)
        )
        return {
            user: members[user.id].stm_post_id.group_id
            for user in self
            if user.id in members
        }

    def _stm_sync_post_groups(self, before):
        """Give and take back rights so that they follow the posts (SEC-15).

        Only what a post has given is taken back, and only if no other post gives it.

        :param before: result of ``_stm_given_groups`` before the change
        """
        Member = self.env["crm.team.member"].sudo()
        Groups = self.env["res.groups"].sudo()
        held = self._stm_held_posts()
        giving = Member
        for user in self.sudo():
            members = held.get(user.id, Member)
            wanted = members.stm_post_id.group_id
            given = before.get(user, Groups)
            lost, gained = given - wanted, wanted - user.group_ids
            if lost or gained:
                user.group_ids = (user.group_ids - lost) | gained
            giving |= members.filtered(
                lambda m, groups=given | gained: m.stm_post_id.group_id in groups
            )
        marked = Member.with_context(active_test=False).search(
            [("user_id", "in", self.ids), ("stm_post_gave_role", "=", True)]
        )
        (marked - giving).write({"stm_post_gave_role": False})
        (giving - marked).write({"stm_post_gave_role": True})

    @api.model
    def _stm_check_may_grant(self, group):
        """Nobody hands out a role above the own one (SEC-03).

        HR staffs the teams and so gives the roles that the team tree keeps in bounds.
        """
        actor = self.env.user
        if self.env.su or not group or actor.has_group("base.group_erp_manager"):
            return
        grantable = actor.all_group_ids
        if actor.has_group("sales_team_mgmt.group_hr"):
            leader = self.env.ref("sales_team_mgmt.group_leader")
            grantable |= leader.all_implied_ids
        if group not in grantable:
            raise AccessError(
                self.env._(
                    "The post gives the role %(group)s, which you do not have"
                    " yourself. Ask an administrator to set it.",
                    group=group.sudo().display_name,
                )
            )
