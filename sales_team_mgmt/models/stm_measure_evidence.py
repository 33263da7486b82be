from odoo import fields, models


class StmMeasureEvidence(models.Model):
    """The facts behind the figures of a closed period, kept as they were.

    One row a person and team: the figures of the person, of the teams above and of
    the company all stand on the same rows. A fact is ``[id, numerator, denominator,
    key]``. ``latest`` are the facts that the corrections made so far have taken in,
    as long as they differ from those at closing.
    """

    _name = "stm.measure.evidence"
    _description = "Records Behind Closed Figures"
    _order = "period_id, indicator_id, id"
    _log_access = False

    indicator_id = fields.Many2one("stm.indicator", required=True, ondelete="cascade")
    period_id = fields.Many2one("stm.period", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="period_id.company_id", store=True, index=True)
    user_id = fields.Many2one("res.users", string="Person", ondelete="restrict")
    team_id = fields.Many2one("crm.team", string="Sales Team", ondelete="restrict")
    facts = fields.Json()
    checksum = fields.Char()
    latest = fields.Json()
    latest_checksum = fields.Char()

    _uniq = models.UniqueIndex(
        "(period_id, indicator_id, COALESCE(user_id, 0), COALESCE(team_id, 0))",
        "These facts are kept already.",
    )
