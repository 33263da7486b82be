from odoo import fields, models

REASONS = [
    ("no_day", "No Working Day"),
    ("window", "Visiting Hours"),
    ("day_full", "Day Full"),
    ("capacity", "Week Full"),
    ("region", "Outside the Region"),
    ("archived", "Archived"),
    ("company", "Other Company"),
]


class StmWorkPlanUnplaced(models.Model):
    """A visit that found no place when a plan was proposed, and why not.

    Written anew with each proposal, by the system only; no part of what is approved.
    """

    _name = "stm.work.plan.unplaced"
    _description = "Visit without a Place"
    _inherit = ["stm.system.mixin"]
    _order = "plan_id, id"
    _rec_name = "partner_id"

    plan_id = fields.Many2one(
        "stm.work.plan", required=True, index=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    route_id = fields.Many2one(
        "stm.route", readonly=True, index="btree_not_null", ondelete="set null"
    )
    date = fields.Date(
        string="Day", readonly=True, help="The day of the route it should be on."
    )
    reason = fields.Selection(REASONS, required=True, readonly=True)
    note = fields.Char(string="Why", readonly=True)

    _list_idx = models.Index("(plan_id, id)")
