from odoo import api, models


class StmVersionLineMixin(models.AbstractModel):
    """A line of a versioned rule: locked together with it, logged on it (SYS-01)."""

    _name = "stm.version.line.mixin"
    _description = "Line of a Versioned Rule"

    # Many2one to the versioned rule.
    _stm_version_field = None

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.su:
            rules = lines[self._stm_version_field]
            rules._stm_check_unlocked()
            lines._stm_log_lines(self.env._("Added"))
        return lines

    def write(self, vals):
        if not self.env.su:
            self[self._stm_version_field]._stm_check_unlocked()
        result = super().write(vals)
        if not self.env.su:
            self[self._stm_version_field]._stm_check_unlocked()
            self._stm_log_lines(self.env._("Changed"))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        if not self.env.su:
            self[self._stm_version_field]._stm_check_unlocked()
            self._stm_log_lines(self.env._("Removed"))

    def _stm_log_lines(self, what):
        """Write in the chatter of the rules which of their lines were touched."""
        by_rule = self.grouped(self._stm_version_field)
        rules = self[self._stm_version_field]
        rules.sudo()._message_log_batch(
            bodies={
                rule.id: f"{what}: {', '.join(lines.mapped('display_name'))}"
                for rule, lines in by_rule.items()
            }
        )
