from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class StmVersionMixin(models.AbstractModel):
    """Rules that have effective dates and are superseded, never edited.

    A version is written as a draft, released from a day on, locked as soon as it is
    used, and replaced by the next version, which ends it the day before. Whatever
    was made under a version keeps pointing at it (SYS-05).

    Models add ``previous_id``, a many2one to themselves.
    """

    _name = "stm.version.mixin"
    _description = "Versioned Rule"
    _inherit = ["stm.system.mixin"]

    _stm_system_fields = frozenset({"version", "is_released", "previous_id"})

    active = fields.Boolean(default=True)
    version = fields.Integer(default=1, readonly=True, copy=False)
    is_released = fields.Boolean(readonly=True, copy=False, string="Released")
    date_from = fields.Date(string="In Force From", copy=False)
    date_to = fields.Date(string="In Force Until", copy=False)
    is_used = fields.Boolean(compute="_compute_is_used")
    is_locked = fields.Boolean(compute="_compute_is_used")
    version_state = fields.Selection(
        [
            ("draft", "Draft"),
            ("scheduled", "Scheduled"),
            ("in_force", "In Force"),
            ("ended", "Ended"),
        ],
        string="Validity",
        compute="_compute_version_state",
        search="_search_version_state",
    )

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    def _compute_is_used(self):
        used = self._stm_used_ids()
        for rule in self:
            rule.is_used = rule.id in used
            rule.is_locked = rule.is_released and rule.is_used

    @api.depends("is_released", "date_from", "date_to")
    def _compute_version_state(self):
        today = fields.Date.context_today(self)
        for rule in self:
            if not rule.is_released:
                rule.version_state = "draft"
            elif rule.date_from and rule.date_from > today:
                rule.version_state = "scheduled"
            elif rule.date_to and rule.date_to < today:
                rule.version_state = "ended"
            else:
                rule.version_state = "in_force"

    @api.model
    def _search_version_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        released = Domain("is_released", "=", True)
        domains = {
            "draft": ~released,
            "scheduled": released & Domain("date_from", ">", today),
            "ended": released & Domain("date_to", "<", today),
            "in_force": self._stm_in_force_domain(today),
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    @api.constrains("date_from", "date_to")
    def _check_version_dates(self):
        for rule in self:
            if rule.date_from and rule.date_to and rule.date_to < rule.date_from:
                raise ValidationError(
                    self.env._("A version cannot end before it comes into force.")
                )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self.browse()._stm_check_system_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._stm_check_system_fields(vals)
            self._stm_check_unlocked(vals.keys())
            if "date_to" in vals:
                self._stm_check_end(fields.Date.to_date(vals["date_to"]))
        return super().write(vals)

    def copy_data(self, default=None):
        default = dict(default or {})
        values = super().copy_data(default)
        for rule, vals in zip(self, values, strict=True):
            if "name" in vals and "name" not in default:
                vals["name"] = self.env._("%s (copy)", rule.name)
        return values

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(rule.is_used for rule in self):
            raise UserError(
                self.env._("A version that was used is kept. Archive it instead.")
            )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_release(self):
        """Put drafts in force from their date (default: today)."""
        self.check_access("write")
        self._stm_check_can_release()
        today = fields.Date.context_today(self)
        for rule in self:
            first = rule.date_from or today
            rule.sudo().write({"is_released": True, "date_from": first})
            previous = rule.sudo().previous_id
            if previous and (not previous.date_to or previous.date_to >= first):
                last = first - timedelta(days=1)
                if previous.date_from and previous.date_from > last:
                    # No day is left on which the old version applies.
                    previous.write({"date_to": previous.date_from, "active": False})
                else:
                    previous.date_to = last
        return True

    def action_new_version(self):
        """Copy the version into a draft that will replace it."""
        self.ensure_one()
        self.check_access("write")
        draft = self.sudo().search(
            [("previous_id", "=", self.id), ("is_released", "=", False)], limit=1
        )
        if not draft:
            draft = self.sudo().copy({"name": self.name})
            draft.write({"previous_id": self.id, "version": self.version + 1})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "view_mode": "form",
        }

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_used_ids(self):
        """Hook: ids of the versions that documents were made under."""
        return set()

    def _stm_check_can_release(self):
        for rule in self:
            if rule.is_released:
                raise UserError(
                    self.env._("“%(name)s” is released already.", name=rule.name)
                )

    def _stm_check_unlocked(self, names=("lines",)):
        """A used version only ends or is archived; anything else needs a new one."""
        content = {
            name
            for name in names
            if not name.startswith(("message_", "activity_"))
            and (name not in self._fields or self._fields[name].store)
        }
        if content <= {"active", "date_to"}:
            return
        for rule in self:
            if rule.is_locked:
                raise UserError(
                    self.env._(
                        "“%(name)s” was used and can no longer be changed. Make a new"
                        " version of it.",
                        name=rule.display_name,
                    )
                )

    def _stm_check_end(self, date_to):
        """A version that was used may end earlier, never live on."""
        for rule in self:
            if (
                rule.is_used
                and rule.date_to
                and (not date_to or date_to > rule.date_to)
            ):
                raise UserError(
                    self.env._(
                        "“%(name)s” has ended and was used: it cannot come back into"
                        " force. Make a new version of it.",
                        name=rule.display_name,
                    )
                )

    @api.model
    def _stm_in_force_domain(self, day):
        return (
            Domain("is_released", "=", True)
            & Domain("active", "=", True)
            & (Domain("date_from", "=", False) | Domain("date_from", "<=", day))
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", day))
        )
