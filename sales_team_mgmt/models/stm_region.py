from odoo import api, fields, models
from odoo.exceptions import ValidationError

REGION_LEVELS = [
    ("country", "Country"),
    ("province", "Province"),
    ("city", "City or Area"),
    ("district", "District or County"),
]


class StmRegion(models.Model):
    """A node of the sales network: province, city or area, district (ORG-03)."""

    _name = "stm.region"
    _description = "Sales Region"
    _parent_store = True
    _rec_name = "complete_name"
    _rec_names_search = ["name", "code", "complete_name"]
    _order = "complete_name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    complete_name = fields.Char(
        compute="_compute_complete_name", store=True, recursive=True
    )
    code = fields.Char()
    level = fields.Selection(REGION_LEVELS, required=True, default="city")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    parent_id = fields.Many2one(
        "stm.region", index=True, ondelete="restrict", check_company=True
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("stm.region", "parent_id", string="Regions Below")
    state_id = fields.Many2one("res.country.state", string="Administrative State")
    assignment_ids = fields.One2many("stm.region.assignment", "region_id")
    partner_count = fields.Integer(string="Customers", compute="_compute_partner_count")

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0)) WHERE code IS NOT NULL",
        "A region with this code exists already.",
    )

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for region in self:
            parts = [region.parent_id.complete_name, region.name]
            region.complete_name = " / ".join(filter(None, parts))

    def _compute_partner_count(self):
        """Customers of the region and of all regions below it."""
        counts = {
            path: count
            for path, count in self.env["res.partner"]._read_group(
                [("stm_region_id", "child_of", self.ids)],
                ["stm_region_id"],
                ["__count"],
            )
        }
        for region in self:
            region.partner_count = sum(
                count
                for below, count in counts.items()
                if below.parent_path.startswith(region.parent_path or "-")
            )

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._(
                    "A region cannot lie inside itself. Choose another region above."
                )
            )
