from odoo import api, fields, models
from odoo.exceptions import UserError

# System parameters: the address of map tiles, and whose they are.
MAP_TILES = "sales_team_mgmt.map_tiles"
MAP_ATTRIBUTION = "sales_team_mgmt.map_attribution"
# An update would bring a deleted parameter back, so that there are none is written.
NO_TILES = "none"


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    stm_work_day_end = fields.Float(
        related="company_id.stm_work_day_end", readonly=False
    )
    stm_deduction_factor = fields.Float(
        related="company_id.stm_deduction_factor", readonly=False
    )
    stm_weak_score_once = fields.Float(
        related="company_id.stm_weak_score_once", readonly=False
    )
    stm_weak_score_row = fields.Float(
        related="company_id.stm_weak_score_row", readonly=False
    )
    stm_weak_score_months = fields.Integer(
        related="company_id.stm_weak_score_months", readonly=False
    )
    stm_half_day_weight = fields.Float(
        related="company_id.stm_half_day_weight", readonly=False
    )
    stm_visits_per_week = fields.Float(
        related="company_id.stm_visits_per_week", readonly=False
    )
    stm_customers_per_week = fields.Integer(
        related="company_id.stm_customers_per_week", readonly=False
    )
    stm_calls_per_day = fields.Integer(
        related="company_id.stm_calls_per_day", readonly=False
    )
    stm_visit_day_start = fields.Float(
        related="company_id.stm_visit_day_start", readonly=False
    )
    stm_visit_buffer = fields.Integer(
        related="company_id.stm_visit_buffer", readonly=False
    )
    stm_travel_speed = fields.Float(
        related="company_id.stm_travel_speed", readonly=False
    )
    stm_travel_detour = fields.Float(
        related="company_id.stm_travel_detour", readonly=False
    )
    stm_unseen_months = fields.Integer(
        related="company_id.stm_unseen_months", readonly=False
    )
    stm_record_positions = fields.Boolean(
        related="company_id.stm_record_positions", readonly=False
    )
    stm_position_consent = fields.Text(
        related="company_id.stm_position_consent", readonly=False
    )
    stm_check_in_radius = fields.Integer(
        related="company_id.stm_check_in_radius", readonly=False
    )
    stm_position_accuracy = fields.Integer(
        related="company_id.stm_position_accuracy", readonly=False
    )
    stm_position_age = fields.Integer(
        related="company_id.stm_position_age", readonly=False
    )
    stm_clock_tolerance = fields.Integer(
        related="company_id.stm_clock_tolerance", readonly=False
    )
    stm_position_days = fields.Integer(
        related="company_id.stm_position_days", readonly=False
    )
    stm_photo_days = fields.Integer(related="company_id.stm_photo_days", readonly=False)
    stm_profile_days = fields.Integer(
        related="company_id.stm_profile_days", readonly=False
    )
    stm_photo_pixels = fields.Integer(
        related="company_id.stm_photo_pixels", readonly=False
    )
    stm_visit_notice = fields.Selection(
        related="company_id.stm_visit_notice", readonly=False
    )
    stm_region_rule = fields.Selection(
        related="company_id.stm_region_rule", readonly=False
    )
    stm_check_sample_rate = fields.Float(
        related="company_id.stm_check_sample_rate", readonly=False
    )
    stm_check_in_gap = fields.Integer(
        related="company_id.stm_check_in_gap", readonly=False
    )
    stm_possible_speed = fields.Integer(
        related="company_id.stm_possible_speed", readonly=False
    )
    stm_visit_longest = fields.Integer(
        related="company_id.stm_visit_longest", readonly=False
    )
    stm_empty_days = fields.Integer(related="company_id.stm_empty_days", readonly=False)
    stm_leaderboard = fields.Boolean(
        related="company_id.stm_leaderboard", readonly=False
    )
    stm_map_tiles = fields.Char(
        string="Address of Map Tiles",
        help="With {z}, {x} and {y} for zoom, column and row. Empty: maps show points"
        " and distances on a grid, and nothing is asked of another server.",
    )
    stm_map_attribution = fields.Char(
        string="Source of the Map", help="Shown in a corner of every map."
    )

    @api.model
    def get_values(self):
        tiles, attribution = self._stm_map_tiles()
        return {
            **super().get_values(),
            "stm_map_tiles": tiles,
            "stm_map_attribution": attribution,
        }

    def set_values(self):
        self.check_access("write")
        result = super().set_values()
        tiles = (self.stm_map_tiles or "").strip()
        if (tiles, self.stm_map_attribution or "") != self._stm_map_tiles():
            self._stm_check_map_tiles(tiles)
            parameters = self.env["ir.config_parameter"].sudo()
            parameters.set_param(MAP_TILES, tiles or NO_TILES)
            parameters.set_param(MAP_ATTRIBUTION, self.stm_map_attribution or False)
        return result

    def _stm_check_map_tiles(self, tiles):
        complete = tiles.startswith(("https://", "http://", "/")) and all(
            part in tiles for part in ("{z}", "{x}", "{y}")
        )
        if tiles and not complete:
            raise UserError(
                self.env._(
                    "The address of map tiles starts with https:// and holds {z}, {x}"
                    " and {y}, for example %s. Leave it empty for maps without tiles.",
                    "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
                )
            )

    @api.model
    def _stm_map_tiles(self):
        """The address of tiles and their source; empty strings where there are none."""
        parameters = self.env["ir.config_parameter"].sudo()
        tiles = parameters.get_param(MAP_TILES) or ""
        attribution = parameters.get_param(MAP_ATTRIBUTION) or ""
        return "" if tiles == NO_TILES else tiles, attribution
