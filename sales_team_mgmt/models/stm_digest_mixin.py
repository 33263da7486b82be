from odoo import api, fields, models
from odoo.fields import Domain


class StmDigestMixin(models.AbstractModel):
    """Records that wait for somebody, announced by one activity a person.

    A leader with forty records to look at finds one line among the activities, not
    forty. It hangs on one of the records and moves on to another one when that is
    settled; with the last one it goes.
    """

    _name = "stm.digest.mixin"
    _description = "Record in a Digest"
    _inherit = ["mail.activity.mixin"]

    # Fields that decide who has to look, besides team and person.
    _stm_digest_fields = ()

    @api.model
    def _stm_waiting_domain(self):
        """Hook: the records that wait for somebody."""
        raise NotImplementedError

    def _stm_digest_summary(self):
        """Hook: what the activity says, in the language of the environment."""
        raise NotImplementedError

    @api.model
    def _stm_receivers(self, groups):
        """{group: who has to look}: the nearest leader, or who stands in today.

        :param groups: tuples (team, person, …) of the digest fields
        """
        leaders = {}
        for group in groups:
            team, person = group[:2]
            if chain := team.sudo()._stm_superiors(person.sudo()):
                leaders[group] = chain[0][0]
        people = self.env["res.users"].union(*leaders.values())
        stand_ins = self.env["stm.substitution"]._stand_ins_of(people)
        receivers = {}
        for group, leader in leaders.items():
            receiver = stand_ins.get(leader, leader)
            receivers[group] = leader if receiver == group[1] else receiver
        return receivers

    def _stm_waiting_by_receiver(self, domain):
        """{receiver: id of the first record} of what waits."""
        names = ["team_id", "user_id", *self._stm_digest_fields]
        rows = self.sudo()._read_group(domain, names, ["id:min"])
        groups = {tuple(row[: len(names)]): row[-1] for row in rows}
        found = {}
        for group, receiver in self._stm_receivers(groups).items():
            found[receiver] = min(groups[group], found.get(receiver, groups[group]))
        return found

    def _stm_announce(self):
        """Tell whoever has to look at these records, unless they know already."""
        if not self:
            return
        waiting = self._stm_waiting_by_receiver(
            self._stm_waiting_domain() & Domain("id", "in", self.ids)
        )
        known = self._stm_digests(list(waiting)).user_id
        kind = self.env.ref("sales_team_mgmt.mail_activity_check")
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].sudo().with_context(
            mail_activity_quick_update=True
        ).create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": first,
                    "activity_type_id": kind.id,
                    "automated": True,
                    "user_id": receiver.id,
                    "date_deadline": fields.Date.context_today(self),
                    "summary": self.with_context(
                        lang=receiver.sudo().lang
                    )._stm_digest_summary(),
                }
                for receiver, first in waiting.items()
                if receiver not in known
            ]
        )

    def _stm_settle(self):
        """These records wait no longer: their activities move on to others, or go."""
        digests = self._stm_digests().filtered(lambda a: a.res_id in set(self.ids))
        if not digests:
            return
        left = self._stm_waiting_by_receiver(self._stm_waiting_domain())
        for activity in digests:
            if first := left.get(activity.user_id):
                activity.res_id = first
            else:
                activity.unlink()

    @api.model
    def _stm_digests(self, receivers=None):
        """Activities that announce records of this model."""
        domain = Domain("res_model", "=", self._name) & Domain(
            "activity_type_id",
            "=",
            self.env.ref("sales_team_mgmt.mail_activity_check").id,
        )
        if receivers is not None:
            domain &= Domain("user_id", "in", [user.id for user in receivers])
        return self.env["mail.activity"].sudo().search(domain)
