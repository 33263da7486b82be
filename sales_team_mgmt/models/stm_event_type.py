from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

EVENT_CONFIRMATIONS = [
    ("leader", "Once a Leader Confirms It"),
    ("auto", "At Once"),
]

# What past events were recorded under: fixed as soon as there is one.
MEANING_FIELDS = ("code", "uses_quantity", "uses_amount")


class StmEventType(models.Model):
    """A kind of fact that counts for or against somebody (APP-12).

    Appraisals weigh events by their type. A type that is archived is recorded no
    more, neither by hand nor by the system.
    """

    _name = "stm.event.type"
    _description = "Event Type"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(
        required=True, tracking=True, help="Documents name the type by its code."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: the type exists in every company."
    )
    description = fields.Text(translate=True)
    uses_quantity = fields.Boolean(
        string="Asks How Many",
        tracking=True,
        help="For example the number of customers lost; otherwise an event is one.",
    )
    uses_amount = fields.Boolean(
        string="Asks for an Amount",
        tracking=True,
        help="For example the money lost, in the currency of the company.",
    )
    confirmation = fields.Selection(
        EVENT_CONFIRMATIONS,
        string="Counts",
        required=True,
        default="leader",
        tracking=True,
        help="At once: what the system records, or whoever leads the person, counts"
        " without another decision.",
    )
    is_used = fields.Boolean(compute="_compute_is_used")

    _code_uniq = models.UniqueIndex("(code)", "An event type has this code already.")
    _order_idx = models.Index("(sequence, id)")

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    def _compute_is_used(self):
        used = self._used_ids()
        for kind in self:
            kind.is_used = kind.id in used

    @api.constrains("company_id")
    def _check_company_id(self):
        """A type is not taken away from events of other companies."""
        groups = (
            self.env["stm.event"]
            .sudo()
            ._read_group([("type_id", "in", self.ids)], ["type_id", "company_id"])
        )
        for kind, company in groups:
            if kind.company_id and kind.company_id != company:
                raise ValidationError(
                    self.env._(
                        "“%(type)s” was used in %(company)s and stays there. Leave the"
                        " company of the type empty.",
                        type=kind.name,
                        company=company.name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    def write(self, vals):
        changed = [name for name in MEANING_FIELDS if name in vals]
        if changed:
            used = self._used_ids()
            for kind in self:
                if kind.id in used and any(
                    kind[name] != vals[name] for name in changed
                ):
                    raise UserError(
                        self.env._(
                            "“%(type)s” was used, so it keeps its meaning. Rename it,"
                            " or archive it and create another one.",
                            type=kind.name,
                        )
                    )
        return super().write(vals)

    def copy_data(self, default=None):
        default = dict(default or {})
        values = super().copy_data(default)
        for kind, vals in zip(self, values, strict=True):
            if "name" not in default:
                vals["name"] = self.env._("%s (copy)", kind.name)
            if "code" not in default:
                vals["code"] = f"{kind.code}_copy"
        return values

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self._used_ids()
        shipped = self._get_external_ids()
        for kind in self:
            if kind.id in used:
                raise UserError(
                    self.env._(
                        "“%s” was used. Archive it instead of deleting it.", kind.name
                    )
                )
            if any(not xmlid.startswith("__") for xmlid in shipped[kind.id]):
                raise UserError(
                    self.env._(
                        "Documents of the application record “%s”. Archive it instead"
                        " of deleting it.",
                        kind.name,
                    )
                )

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _used_ids(self):
        """Ids of the types of which there are events."""
        groups = (
            self.env["stm.event"]
            .sudo()
            ._read_group([("type_id", "in", self.ids)], ["type_id"])
        )
        return {kind.id for (kind,) in groups}
