from odoo import api, fields, models
from odoo.exceptions import AccessError


class ResUsers(models.Model):
    """The consent to reading positions, given and withdrawn in the own preferences."""

    _inherit = "res.users"  # pylint: disable=consider-merging-classes-inherited

    stm_consent_state = fields.Selection(
        [
            ("none", "Not Given"),
            ("changed", "The Text Has Changed"),
            ("given", "Given"),
        ],
        string="Consent to Reading Positions",
        compute="_compute_stm_consent",
    )
    stm_consent_text = fields.Text(
        string="What You Agree to", compute="_compute_stm_consent"
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "stm_consent_state", "stm_consent_text"]

    @api.depends_context("uid", "company", "lang")
    def _compute_stm_consent(self):
        """Only for oneself; empty where positions are not recorded."""
        self.stm_consent_state = False
        self.stm_consent_text = False
        company = self.env.company.sudo()
        for user in self.filtered(lambda user: user._origin == self.env.user):
            if not company.stm_record_positions:
                continue
            consent = self.env["stm.position.consent"]._stm_of(self.env.user, company)
            current = consent and consent._stm_is_current()
            user.stm_consent_text = company.stm_position_consent
            user.stm_consent_state = (
                "given" if current else "changed" if consent else "none"
            )

    def action_stm_give_consent(self):
        """Agree to the reading of positions at check-in and check-out."""
        self._stm_check_self()
        self.env["stm.position.consent"]._stm_give(self.env.company)
        return True

    def action_stm_withdraw_consent(self):
        """Agree no longer."""
        self._stm_check_self()
        self.env["stm.position.consent"]._stm_withdraw(self.env.company)
        return True

    def _stm_check_self(self):
        if self != self.env.user:
            raise AccessError(
                self.env._("Everybody agrees or withdraws for oneself only.")
            )
