from odoo import api, models


class StmVersionLineMixin(models.AbstractModel):
    """A line of a versioned rule: locked together with it."""

    _name = "stm.version.line.mixin"
    _description = "Line of a Versioned Rule"

    # Many2one to the versioned rule.
    _stm_version_field = None

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.su:
            lines[self._stm_version_field]._stm_check_unlocked()
        return lines

    def write(self, vals):
        if not self.env.su:
            self[self._stm_version_field]._stm_check_unlocked()
        result = super().write(vals)
        if not self.env.su and self._stm_version_field in vals:
            self[self._stm_version_field]._stm_check_unlocked()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        if not self.env.su:
            self[self._stm_version_field]._stm_check_unlocked()
