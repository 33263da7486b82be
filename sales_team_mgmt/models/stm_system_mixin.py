from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import ormcache


class StmSystemMixin(models.AbstractModel):
    """A record with fields that only the system fills.

    Values come from three sides: from the call, from ``default_…`` keys of its
    context, and from defaults that a user has saved. The first is refused, the other
    two are ignored, so that nobody hands in a document that is approved already.
    """

    _name = "stm.system.mixin"
    _description = "Record with Fields of the System"

    # Names of these fields; models add to those of their mixins.
    _stm_system_fields = frozenset()

    @api.model
    def default_get(self, fields):
        """Fields of the system start with the default of the model, and no other."""
        guarded = self._stm_get_system_fields().intersection(fields)
        values = super().default_get([name for name in fields if name not in guarded])
        for name in guarded:
            if self._fields[name].default:
                values[name] = self._fields[name].default(self)
        return values

    @api.model
    @ormcache()
    def _stm_get_system_fields(self):
        """The fields that the model and all its mixins name, and what is computed and
        stored: Odoo leaves it to the screens not to write that."""
        named = (
            vars(base).get("_stm_system_fields", ()) for base in type(self).__mro__
        )
        computed = (
            name
            for name, field in self._fields.items()
            if field.store and field.compute and field.readonly and not field.inverse
        )
        return frozenset(computed).union(*named)

    def _stm_check_system_fields(self, vals):
        """Refuse values for fields that only the system fills.

        In a new record their default is no value; in an old one only what it holds.
        """
        for name in self._stm_get_system_fields() & vals.keys():
            field = self._fields[name]
            default = field.default(self) if field.default else False
            if self and all(
                field.convert_to_write(record[name], record) == vals[name]
                for record in self
            ):
                continue
            if not self and (vals[name] == default or not (vals[name] or default)):
                continue
            raise AccessError(
                self.env._(
                    "“%(field)s” is filled by the system and cannot be set. Use the"
                    " buttons of the document.",
                    field=field._description_string(self.env),
                )
            )
