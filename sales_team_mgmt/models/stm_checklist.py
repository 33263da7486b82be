from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class StmChecklist(models.Model):
    """A list of questions that documents of one kind have to answer.

    What a visit has to look at, what an appraisal interview has to talk about: written
    as a draft, released, locked as soon as a document was made with it, and replaced
    by the next version (SYS-01, SYS-05).
    """

    _name = "stm.checklist"
    _description = "Checklist"
    _inherit = ["stm.version.mixin", "mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(
        default=10, help="The first checklist in force that fits a person is taken."
    )
    usage = fields.Selection(
        [("visit", "Visit"), ("interview", "Appraisal Interview")],
        string="Used for",
        required=True,
        default="visit",
        index=True,
        tracking=True,
    )
    is_for_types = fields.Boolean(
        string="Only Visit Types",
        tracking=True,
        help="Asked in visits whose type names this checklist, and in no others.",
    )
    company_id = fields.Many2one("res.company", index=True)
    post_ids = fields.Many2many("stm.post", string="Only Posts")
    previous_id = fields.Many2one(
        "stm.checklist", string="Replaces", readonly=True, copy=False
    )
    line_ids = fields.One2many(
        "stm.checklist.line", "checklist_id", string="Questions", copy=True
    )

    def _stm_used_ids(self):
        groups = (
            self.env["stm.checklist.answer"]
            .sudo()
            ._read_group([("checklist_id", "in", self.ids)], ["checklist_id"])
        )
        return {checklist.id for (checklist,) in groups}

    def _stm_check_can_release(self):
        for checklist in self:
            if not checklist.line_ids:
                raise UserError(
                    self.env._(
                        "“%s” has no questions. Add what has to be answered first.",
                        checklist.name,
                    )
                )
        return super()._stm_check_can_release()

    @api.model
    def _find(self, usage, wanted):
        """{key: checklist} in force for each person's post; keys without are missing.

        One search, and one more for the posts where a checklist asks for them.

        :param str usage: what the checklist is used for
        :param wanted: {key: (user, company, day)}
        """
        wanted = {key: value for key, value in wanted.items() if value[2]}
        if not wanted:
            return {}
        days = [day for _user, _company, day in wanted.values()]
        companies = {company.id for _user, company, _day in wanted.values()}
        in_reach = (
            (Domain("date_from", "=", False) | Domain("date_from", "<=", max(days)))
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", min(days)))
            & Domain("is_released", "=", True)
            & Domain("active", "=", True)
        )
        checklists = self.sudo().search(
            Domain("usage", "=", usage)
            & Domain("is_for_types", "=", False)
            & Domain("company_id", "in", [*companies, False])
            & in_reach
        )
        if not checklists:
            return {}
        members = {}
        if checklists.post_ids:
            members = self._memberships(wanted.values(), min(days), max(days))
        found = {}
        for key, (user, company, day) in wanted.items():
            post = self._post_on(members.get(user.id, ()), company, day)
            for checklist in checklists:
                if checklist._fits(company, post, day):
                    found[key] = checklist.with_env(self.env)
                    break
        return found

    def _in_force_on(self, days):
        """{checklist: the version of it that is in force on its day, or none}

        :param days: {checklist: set of days}
        """
        found, waiting = {}, {}
        for checklist, wanted in days.items():
            for day in wanted:
                waiting[checklist, day] = checklist.sudo()
        while waiting:
            later = {}
            for key, version in waiting.items():
                if version._is_in_force_on(key[1]):
                    found[key] = version.with_env(self.env)
                elif version:
                    later[key] = version
            if not later:
                break
            ended = self.sudo().union(*later.values())
            next_versions = (
                self.sudo()
                .search([("previous_id", "in", ended.ids), ("is_released", "=", True)])
                .grouped("previous_id")
            )
            waiting = {
                key: next_versions[version][:1]
                for key, version in later.items()
                if version in next_versions
            }
        return found

    def _is_in_force_on(self, day):
        return bool(
            self
            and self.active
            and self.is_released
            and (not self.date_from or self.date_from <= day)
            and (not self.date_to or self.date_to >= day)
        )

    @api.model
    def _memberships(self, wanted, first, last):
        """{user id: memberships between two days, latest first}"""
        users = {user.id for user, _company, _day in wanted}
        Member = self.env["crm.team.member"].sudo().with_context(active_test=False)
        return Member.search(
            Domain("user_id", "in", list(users))
            & Domain("stm_date_from", "<=", last)
            & (Domain("stm_date_to", "=", False) | Domain("stm_date_to", ">=", first)),
            order="stm_date_from desc, id desc",
        ).grouped(lambda member: member.user_id.id)

    @api.model
    def _post_on(self, members, company, day):
        """Post that a person holds on a day, in the company first."""
        nowhere = self.env["res.company"]
        held = [
            member
            for member in members
            if member.stm_date_from <= day
            and (not member.stm_date_to or member.stm_date_to >= day)
        ]
        held.sort(key=lambda m: m.crm_team_id.company_id not in (company, nowhere))
        return held[0].stm_post_id if held else self.env["stm.post"]

    def _fits(self, company, post, day):
        self.ensure_one()
        return (
            (not self.company_id or self.company_id == company)
            and (not self.post_ids or post in self.post_ids)
            and (not self.date_from or self.date_from <= day)
            and (not self.date_to or self.date_to >= day)
        )
