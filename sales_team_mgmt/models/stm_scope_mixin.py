from odoo import api, fields, models
from odoo.fields import Domain


class InScope(fields.Boolean):
    """A condition that is asked afresh each time, of a search or of records at hand.

    A computed field would answer from the cache of the transaction, which knows
    nothing of a leader who was replaced a moment ago or of a stand-in whose last day
    ended at midnight.
    """

    def filter_function(self, records, field_expr, operator, value):
        if field_expr != self.name or operator != "in":
            return super().filter_function(records, field_expr, operator, value)
        domain = getattr(records, self.search)("in", [True])
        inside = set(records.filtered_domain(domain)._ids)
        return lambda record: (record._ids[0] in inside) in value


class StmScopeMixin(models.AbstractModel):
    """Records that belong to a person and a team, seen by whoever the scope says.

    Record rules say ``[('stm_in_scope', '=', True)]``. What that means today for the
    current user is looked up once a search and reaches PostgreSQL as plain ids, for
    which it can choose an index; the rule itself, which Odoo caches, holds no date,
    no person and no team.
    """

    _name = "stm.scope.mixin"
    _description = "Record in a Sales Scope"

    stm_in_scope = InScope(
        string="In My Sales Scope",
        store=False,
        search="_search_stm_in_scope",
        exportable=False,
    )

    @api.model
    def _search_stm_in_scope(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._stm_scope_domain()

    @api.model
    def _stm_scope_domain(self):
        """What the current user sees today: the own records, those of the teams led
        and those of people stood in for. Stored fields only, people and teams by id.
        """
        scope = self.env["stm.access"]._stm_scope()
        return Domain("user_id", "in", scope.user_ids) | Domain(
            "team_id", "in", scope.team_ids
        )

    @api.model
    def _stm_open_document(self, document):
        """Window on the document behind a record, if one may read it."""
        document.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "view_mode": "form",
        }
