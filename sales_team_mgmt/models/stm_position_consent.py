from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class StmPositionConsent(models.Model):
    """That a person agreed to the reading of positions, to which words, until when.

    Given and taken back by the person alone, through the buttons of the preferences or
    the phone. Whoever agreed has agreed to these words: others need a new consent.
    """

    _name = "stm.position.consent"
    _description = "Consent to Reading Positions"
    _order = "given_at desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", required=True, index=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
    given_at = fields.Datetime(string="Given on", required=True, readonly=True)
    withdrawn_at = fields.Datetime(string="Withdrawn on", readonly=True)
    text = fields.Text(string="What Was Agreed to", required=True, readonly=True)
    lang = fields.Char(string="Language", readonly=True)

    _one_in_force = models.UniqueIndex(
        "(user_id, company_id) WHERE withdrawn_at IS NULL", "You have agreed already."
    )

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    @api.model
    def _stm_of(self, user, company):
        """The consent that was not taken back, whatever its words."""
        return self.sudo().search_fetch(
            Domain("user_id", "=", user.id)
            & Domain("company_id", "=", company.id)
            & Domain("withdrawn_at", "=", False),
            ["company_id", "text", "lang"],
            limit=1,
        )

    @api.model
    def _stm_given(self, user, company):
        """Whether a person agrees to the words as they are now."""
        consent = self._stm_of(user, company)
        return bool(consent) and consent._stm_is_current()

    def _stm_is_current(self):
        self.ensure_one()
        # The words in the language in which they were agreed to.
        company = self.company_id.sudo().with_context(lang=self.lang or None)
        return self.text == (company.stm_position_consent or "")

    @api.model
    def _stm_give(self, company):
        """The current user agrees to the words as they are now."""
        if not company.sudo().stm_record_positions:
            raise UserError(
                self.env._("%s does not record positions.", company.sudo().name)
            )
        # In the language of whoever reads it.
        text = company.with_env(self.env).sudo().stm_position_consent
        if not (text or "").strip():
            raise UserError(
                self.env._(
                    "There is nothing to agree to yet. Ask the manager to write down"
                    " what people agree to, in the settings."
                )
            )
        old = self._stm_of(self.env.user, company)
        if old and old._stm_is_current():
            return old
        now = fields.Datetime.now()
        old.write({"withdrawn_at": now})
        old.flush_recordset()
        return self.sudo().create(
            {
                "user_id": self.env.uid,
                "company_id": company.id,
                "given_at": now,
                "text": text,
                "lang": self.env.lang,
            }
        )

    @api.model
    def _stm_withdraw(self, company):
        """The current user agrees no longer; what was recorded stays its time."""
        self._stm_of(self.env.user, company).write(
            {"withdrawn_at": fields.Datetime.now()}
        )
