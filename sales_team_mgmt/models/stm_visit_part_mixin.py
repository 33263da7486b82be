from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .stm_visit import OPEN_STATES


class StmVisitPartMixin(models.AbstractModel):
    """What was found, seen or measured at a customer: a part of its visit.

    Entered by whoever makes the visit, as long as it is open, and by nobody else: what
    leaders and managers may change by their rights they may not change here. The files
    of photos follow, because attachments ask for the rights to their record.
    """

    _name = "stm.visit.part.mixin"
    _description = "Part of a Visit"
    _inherit = ["stm.system.mixin"]

    _stm_system_fields = frozenset({"company_id", "user_id"})

    visit_id = fields.Many2one(
        "stm.visit", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        related="visit_id.company_id", store=True, precompute=True, index=True
    )
    user_id = fields.Many2one(
        related="visit_id.user_id", store=True, precompute=True, index=True
    )

    # ------------------------------------------------------------
    # Access
    # ------------------------------------------------------------

    def _check_access(self, operation):
        """Access rights and rules, and then: the own visit, as long as it is open."""
        result = super()._check_access(operation)
        if self.env.su or operation == "read" or not any(self._ids):
            return result
        refused = result[0] if result else self.browse()
        rest = (self - refused).sudo()
        mine = rest.visit_id.filtered(
            lambda v: v.user_id.id == self.env.uid and v.state in OPEN_STATES
        )
        refused |= rest.filtered(lambda part: part.visit_id not in mine).with_env(
            self.env
        )
        if not refused:
            return None
        return refused, result[1] if result else partial(
            AccessError,
            self.env._(
                "A visit is written down by whoever makes it, and only until it is"
                " finished or cancelled."
            ),
        )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self.browse()._stm_check_system_fields(vals)
        parts = super().create(vals_list)
        if not self.env.su:
            parts.visit_id._stm_check_period()
        return parts

    def write(self, vals):
        if not self.env.su:
            self._stm_check_system_fields(vals)
            moved = vals.get("visit_id", False)
            if "visit_id" in vals and any(p.visit_id.id != moved for p in self):
                raise AccessError(
                    self.env._("What belongs to a visit cannot be moved to another.")
                )
            self.sudo().visit_id._stm_check_period()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed_period(self):
        if not self.env.su:
            self.sudo().visit_id._stm_check_period()
