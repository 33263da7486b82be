from odoo import api, fields, models
from odoo.exceptions import AccessError

from .stm_visit import VERDICTS

POSITION_ERRORS = [
    ("denied", "Not Allowed by the Phone"),
    ("unavailable", "Not Found"),
    ("timeout", "Not Found in Time"),
    ("unsupported", "Not Supported"),
    ("no_consent", "No Consent"),
    ("off", "Switched Off"),
]


class StmVisitPosition(models.Model):
    """Where a phone was when somebody checked in or out, and what that proves (VIS-09).

    Written once by the check-in, read by the person and whoever leads the person, and
    deleted after the time that the company has set; the verdict stays on the visit.
    """

    _name = "stm.visit.position"
    _description = "Position at a Visit"
    _inherit = ["stm.visit.part.mixin"]
    _order = "visit_id, server_at, id"
    _rec_name = "note"

    kind = fields.Selection(
        [("in", "Check-in"), ("out", "Check-out")], required=True, readonly=True
    )
    latitude = fields.Float(digits=(10, 7), readonly=True, aggregator=None)
    longitude = fields.Float(digits=(10, 7), readonly=True, aggregator=None)
    accuracy = fields.Float(
        digits=(10, 1), readonly=True, aggregator="avg", help="Meters, as measured."
    )
    read_at = fields.Datetime(
        string="Read by the Phone", readonly=True, help="On the clock of the phone."
    )
    device_at = fields.Datetime(
        string="Done on the Phone", readonly=True, help="On the clock of the phone."
    )
    server_at = fields.Datetime(string="Arrived", required=True, readonly=True)
    distance = fields.Integer(
        string="Meters from Customer", readonly=True, aggregator="avg"
    )
    verdict = fields.Selection(VERDICTS, readonly=True)
    note = fields.Char(string="Explanation", readonly=True)
    reason = fields.Char(string="Reason Given", readonly=True)
    error = fields.Selection(POSITION_ERRORS, readonly=True)
    user_agent = fields.Char(string="Device", readonly=True)
    place = fields.Char(compute="_compute_place")

    _list_idx = models.Index("(visit_id, server_at, id)")
    # The oldest first: what is due to be deleted lies at the beginning.
    _purge_idx = models.Index("(company_id, server_at)")

    @api.depends("latitude", "longitude")
    def _compute_place(self):
        """The position as maps take it; nothing where none was read."""
        for position in self:
            place = f"{position.latitude:.6f},{position.longitude:.6f}"
            known = position.latitude or position.longitude
            position.place = place if known else False

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    def write(self, vals):  # pylint: disable=method-required-super
        """What was measured is never changed, not by the system either."""
        raise AccessError(self.env._("A position that was recorded cannot be changed."))

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_purge(self, limit=1000):
        """Delete what is older than each company keeps it (PIPL)."""
        company_ids = self.env["res.company"].sudo().search([("id", "!=", 0)])

        def purge():
            done = 0
            for company in company_ids:
                old = company._stm_kept_since("stm_position_days")
                for model, field in (
                    ("stm.visit.position", "server_at"),
                    ("stm.client.action", "received_at"),
                ):
                    records = (
                        self.env[model]
                        .sudo()
                        .search(
                            [("company_id", "=", company.id), (field, "<", old)],
                            order=f"{field}, id",
                            limit=limit,
                        )
                    )
                    done += len(records)
                    records.unlink()
            return done

        cron = self.env["ir.cron"]
        if cron._stm_do_all(purge):
            cron._stm_finish()
