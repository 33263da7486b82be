from odoo import fields, models


class StmDayException(models.Model):
    """A day that is not what its weekday says: a holiday, or a make-up work day."""

    _name = "stm.day.exception"
    _description = "Holiday or Make-up Work Day"
    _inherit = ["mail.thread"]
    _order = "date desc, id"

    name = fields.Char(required=True, translate=True)
    date = fields.Date(required=True, index=True, tracking=True)
    is_workday = fields.Boolean(
        string="Make-up Work Day",
        tracking=True,
        help="Ticked: people work on this day although its weekday is free."
        " Not ticked: the day is free.",
    )
    company_id = fields.Many2one(
        "res.company", index=True, default=lambda self: self.env.company
    )

    _date_uniq = models.UniqueIndex(
        "(date, COALESCE(company_id, 0))",
        "This day has an exception already. Change that one.",
    )
