from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import ormcache


class Step(NamedTuple):
    """What has to be done at a customer."""

    kind: str
    #: The visit cannot be finished without it.
    required: bool
    hint: str


class StmVisitType(models.Model):
    """What has to be done at a customer, in which order (VIS-10, VIS-18, VIS-22).

    A version that visits were made with is locked; what changes comes with the next
    one and applies to new visits only (SYS-05).
    """

    _name = "stm.visit.type"
    _description = "Visit Type"
    _inherit = ["stm.version.mixin", "mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(
        default=10, help="New visits get the first type in force unless told otherwise."
    )
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: the type exists in every company."
    )
    checklist_id = fields.Many2one(
        "stm.checklist",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        check_company=True,
        domain="[('usage', '=', 'visit'), ('is_released', '=', True)]",
        help="Asked in visits of this type, in the version in force on their day."
        " Empty: what is asked of the post of the salesperson.",
    )
    preparation = fields.Text(
        translate=True, help="Shown before the visit: what to think of, what to take."
    )
    is_reported = fields.Boolean(
        string="Report to the Leader",
        tracking=True,
        help="Whoever leads the salesperson gets a to-do to read what came of each"
        " finished visit of this type (VIS-15).",
    )
    previous_id = fields.Many2one(
        "stm.visit.type",
        string="Replaces",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    action_ids = fields.One2many(
        "stm.visit.type.action", "type_id", string="Steps", copy=True
    )
    visit_ids = fields.One2many("stm.visit", "type_id", string="Visits")

    # ------------------------------------------------------------
    # Constraint methods
    # ------------------------------------------------------------

    @api.constrains("checklist_id")
    def _check_checklist(self):
        for kind in self.filtered("checklist_id"):
            checklist = kind.checklist_id
            if checklist.usage != "visit" or not checklist.is_released:
                raise ValidationError(
                    self.env._(
                        "“%s” is no checklist for visits that is released. Choose"
                        " another one, or release it first.",
                        checklist.name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"preparation", "is_reported"}:
            self.env.registry.clear_cache()
        return result

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_check_unlocked(self, names=("lines",)):
        """Which type new visits get may change at any time."""
        return super()._stm_check_unlocked([n for n in names if n != "sequence"])

    def _stm_used_ids(self):
        """Types of any visit: one look into the index for each."""
        if not self.ids:
            return set()
        return {
            kind.id
            for (kind,) in self.env["stm.visit"]
            .sudo()
            ._read_group([("type_id", "in", self.ids)], ["type_id"])
        }

    @api.model
    def _stm_in_force(self, companies, day):
        """Types that new visits of some companies can have on a day, in order."""
        return self.sudo().search(
            self._stm_in_force_domain(day)
            & Domain("company_id", "in", [*companies.ids, False])
        )

    @api.model
    @ormcache("type_id", "self.env.lang")
    def _stm_steps_of(self, type_id):
        """The steps of a type in their order; they hardly ever change."""
        return tuple(
            Step(step.kind, step.required, step.hint or "")
            for step in self.sudo().browse(type_id).action_ids
        )

    @api.model
    @ormcache("type_id", "self.env.lang")
    def _stm_preparation_of(self, type_id):
        return self.sudo().browse(type_id).preparation or None

    @api.model
    @ormcache("type_id")
    def _stm_is_reported(self, type_id):
        return self.sudo().browse(type_id).is_reported
