# Mixins first: the models below stand on them.
from . import stm_system_mixin
from . import stm_scope_mixin
from . import stm_document_mixin
from . import stm_version_mixin
from . import stm_version_line_mixin
from . import stm_approval_mixin
from . import stm_approval_part_mixin
from . import stm_visit_line_mixin
from . import stm_duty_mixin
from . import stm_deadline_mixin
from . import stm_customer_mixin
from . import stm_form_mixin
from . import stm_gate_mixin
from . import stm_checklist_mixin
from . import stm_visit_part_mixin

# Scope
from . import stm_post
from . import stm_region
from . import stm_customer_class
from . import stm_region_assignment
from . import stm_access
from . import stm_substitution
from . import crm_team
from . import crm_team_member
from . import ir_cron
from . import ir_ui_menu
from . import res_users
from . import res_partner
from . import res_partner_map
from . import res_company
from . import res_config_settings

# Period
from . import stm_day_exception
from . import stm_period
from . import stm_period_closing

# Approval
from . import stm_approval_route
from . import stm_approval_route_step
from . import stm_approval
from . import stm_approval_line
from . import stm_rule_document
from . import stm_acknowledgement

# Gate
from . import stm_gate_exception

# Checklist
from . import stm_checklist
from . import stm_checklist_line
from . import stm_checklist_answer

# Duty
from . import stm_duty
from . import stm_duty_step
from . import stm_duty_item

# Event
from . import stm_event_type
from . import stm_event

# Indicator
from . import stm_indicator
from . import stm_indicator_sales
from . import stm_indicator_work
from . import (
    stm_indicator_proof,
    stm_indicator_visits,
)
from . import stm_absence
from . import stm_measure
from . import stm_measure_refresh
from . import stm_measure_freeze
from . import stm_measure_evidence
from . import stm_measure_correction
from . import stm_measure_task

# The week
from . import stm_work_plan
from . import stm_work_plan_line
from . import stm_work_plan_point
from . import stm_visit
from . import stm_visit_planning
from . import stm_visit_policy
from . import stm_visit_policy_line
from . import stm_visit_window
from . import stm_route
from . import stm_route_line
from . import stm_staffing_ratio
from . import stm_work_plan_proposal
from . import stm_work_plan_unplaced
from . import stm_visit_map
from . import stm_visit_type
from . import stm_visit_type_action
from . import stm_visit_execution
from . import stm_visit_position
from . import stm_visit_photo
from . import stm_visit_stock
from . import stm_visit_competitor
from . import stm_position_consent
from . import res_users_consent
from . import stm_client_action
from . import stm_visit_phone
from . import stm_visit_today
from . import stm_report_template
from . import stm_report_template_line
from . import stm_work_report
from . import stm_work_report_line
from . import calendar_event
from . import sale_order
from . import stm_appraisal_template
from . import stm_appraisal_section
from . import stm_appraisal_item
from . import stm_appraisal_deduction
from . import stm_appraisal_band
from . import stm_appraisal
from . import stm_appraisal_part
from . import stm_appraisal_line
from . import stm_appraisal_appeal

# Proof of visits
from . import res_company_proof
from . import res_config_settings_proof
from . import stm_digest_mixin
from . import stm_spot_check
from . import stm_visit_slip
from . import stm_visit_slip_line
from . import stm_visit_exception
from . import stm_joint_visit
from . import stm_joint_visit_line
from . import stm_visit_proof
from . import sale_order_region
from . import account_move

# Contacts
from . import stm_contact_log
from . import stm_promise
from . import stm_customer_issue
from . import stm_visit_contact
from . import stm_indicator_contact
from . import res_partner_contact
from . import res_company_contact

# Persons
from . import stm_contact_profile
from . import res_partner_profile
from . import stm_visit_profile
