from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL


class StmRegionAssignment(models.Model):
    """Where a person may sell, and from when to when (ORG-03)."""

    _name = "stm.region.assignment"
    _description = "Region of a Salesperson"
    _order = "date_from desc, id desc"
    _rec_name = "region_id"
    _check_company_auto = True

    user_id = fields.Many2one(
        "res.users", required=True, index=True, domain=[("share", "=", False)]
    )
    region_id = fields.Many2one(
        "stm.region", required=True, index=True, check_company=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(required=True, default=fields.Date.context_today)
    date_to = fields.Date()

    _date_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "An assignment cannot end before it starts.",
    )

    @api.constrains("user_id", "region_id", "date_from", "date_to")
    def _check_overlap(self):
        for assignment in self:
            overlap = (
                Domain("id", "!=", assignment.id)
                & Domain("user_id", "=", assignment.user_id.id)
                & Domain("region_id", "=", assignment.region_id.id)
                & (
                    Domain("date_to", "=", False)
                    | Domain("date_to", ">=", assignment.date_from)
                )
            )
            if assignment.date_to:
                overlap &= Domain("date_from", "<=", assignment.date_to)
            if self.sudo().search_count(overlap, limit=1):
                raise ValidationError(
                    self.env._(
                        "%(person)s has %(region)s already on these days. End the"
                        " other assignment first.",
                        person=assignment.user_id.name,
                        region=assignment.region_id.display_name,
                    )
                )

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    @api.model
    def _stm_outside(self, places):
        """What is at a place where its person may not sell that day (ORG-04).

        Who has no region assigned on that day is free; regions below an assigned one
        belong to it. One query for all.

        :param places: {record: (user id, company id, day, region id)}
        :return: {record: region} of those outside
        """
        if not places:
            return {}
        self.flush_model()
        self.env["stm.region"].flush_model(["parent_path"])
        columns = zip(*set(places.values()), strict=True)
        users, companies, days, regions = map(list, columns)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT place.user_id, place.company_id, place.day, place.region_id
                  FROM UNNEST(%s::int[], %s::int[], %s::date[], %s::int[])
                       place (user_id, company_id, day, region_id)
                  JOIN stm_region region ON region.id = place.region_id
                  JOIN LATERAL (
                       SELECT BOOL_OR(
                                  region.parent_path LIKE allowed.parent_path || '%%'
                              ) AS inside
                         FROM stm_region_assignment assignment
                         JOIN stm_region allowed ON allowed.id = assignment.region_id
                        WHERE assignment.user_id = place.user_id
                          AND assignment.company_id = place.company_id
                          AND assignment.date_from <= place.day
                          AND (assignment.date_to IS NULL
                               OR assignment.date_to >= place.day)) assigned ON TRUE
                 WHERE NOT assigned.inside
                """,
                users,
                companies,
                days,
                regions,
            )
        )
        outside = set(rows)
        return {
            record: self.env["stm.region"].browse(place[-1])
            for record, place in places.items()
            if place in outside
        }
