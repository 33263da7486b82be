from odoo.tools import SQL

# Their parts and decisions are removed with them.
DOCUMENT_TABLES = (
    "stm_appraisal",
    "stm_checklist_answer",
    "stm_gate_exception",
    "stm_measure",
    "stm_measure_evidence",
    "stm_measure_task",
    "stm_absence",
    "stm_duty_item",
    "stm_event",
    "stm_contact_profile",
    "stm_promise",
    "stm_customer_issue",
    "stm_contact_log",
    "stm_visit_exception",
    "stm_spot_check",
    "stm_joint_visit",
    "stm_client_action",
    "stm_position_consent",
    "stm_visit_competitor",
    "stm_visit_photo",
    "stm_visit_position",
    "stm_visit_stock",
    "stm_visit",
    "stm_visit_slip",
    "stm_work_report",
    "stm_work_plan",
    "stm_route",
    "stm_rule_document",
    "stm_approval",
)


def uninstall_hook(env):
    """Documents go first, so that nothing refers to what is removed after them.

    Customers of the demo data may have orders and invoices by now: they stay.
    """
    env.flush_all()
    for table in DOCUMENT_TABLES:
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
    env.cr.execute("UPDATE crm_team_member SET stm_post_id = NULL")
    env["ir.model.data"].search(
        [
            ("module", "=", "sales_team_mgmt"),
            ("model", "=", "res.partner"),
            ("name", "=like", "demo_partner_%"),
        ]
    ).unlink()
    env.invalidate_all()
