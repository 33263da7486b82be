from odoo import fields, models


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
    stm_empty_days = fields.Integer(related="company_id.stm_empty_days", readonly=False)
    stm_leaderboard = fields.Boolean(
        related="company_id.stm_leaderboard", readonly=False
    )
