"""What scheduled actions leave behind, told without the numbers of new rows."""

ITEM = """(SELECT CONCAT_WS('/', item.duty_key, item.user_id, item.about_user_id,
                 item.period_start, item.approval_id)
             FROM stm_duty_item item WHERE item.id = {0}.res_id)"""
TRACES = {
    "memberships": """
        SELECT user_id, crm_team_id, stm_date_from, stm_date_to, active, stm_is_planned
          FROM crm_team_member""",
    "roles": "SELECT uid, gid FROM res_groups_users_rel",
    "approvers": "SELECT approval_id, user_id, state, team_id FROM stm_approval_line",
    "stand-ins": "SELECT user_id, substitute_id, is_told FROM stm_substitution",
    "duties": """
        SELECT duty_key, user_id, team_id, about_user_id, approval_id, period_start,
               state, consecutive, ladder, event_id IS NOT NULL, submitted_at
          FROM stm_duty_item""",
    "events": f"""
        SELECT event.user_id, event.type_id, event.date, event.factor, event.state,
               event.note, event.team_id,
               CASE WHEN event.model = 'stm.duty.item' THEN {ITEM.format("event")}
                    ELSE event.key END
          FROM stm_event event""",
    "activities": f"""
        SELECT activity.res_model, activity.user_id, activity.summary,
               activity.activity_type_id, activity.date_deadline,
               CASE activity.res_model
                    WHEN 'stm.duty.item' THEN {ITEM.format("activity")}
                    WHEN 'stm.event' THEN (
                         SELECT CONCAT_WS('/', event.user_id, event.type_id, event.date,
                                          event.note)
                           FROM stm_event event WHERE event.id = activity.res_id)
                    ELSE activity.res_id::text END
          FROM mail_activity activity""",
    "messages": "SELECT model, message_type FROM mail_message",
    "tasks": """
        SELECT period_id, indicator_id, refreshed_at >= wanted_at, frozen_at IS NULL
          FROM stm_measure_task""",
    "figures": """
        SELECT period_id, indicator_id, owner_kind, user_id, team_id, numerator,
               denominator, value, is_frozen
          FROM stm_measure""",
    "corrections": """
        SELECT measure.period_id, measure.indicator_id, measure.owner_kind,
               measure.user_id, measure.team_id, correction.period_id,
               correction.numerator, correction.denominator, correction.came,
               correction.gone, correction.changed
          FROM stm_measure_correction correction
          JOIN stm_measure measure ON measure.id = correction.measure_id""",
    "evidence": """
        SELECT period_id, indicator_id, user_id, team_id, checksum, latest_checksum
          FROM stm_measure_evidence""",
    "sheets": """
        SELECT user_id, period_id, team_id, template_id, state, checklist_id,
               filled_at IS NOT NULL, has_score, score, score_why, result
          FROM stm_appraisal""",
    "lines": """
        SELECT sheet.user_id, sheet.period_id, line.item_id, line.has_points,
               line.points, line.numerator, line.denominator, line.why
          FROM stm_appraisal_line line
          JOIN stm_appraisal sheet ON sheet.id = line.appraisal_id""",
    "parts": """
        SELECT sheet.user_id, sheet.period_id, part.section_id, part.points, part.why
          FROM stm_appraisal_part part
          JOIN stm_appraisal sheet ON sheet.id = part.appraisal_id""",
    "plans": """
        SELECT plan.user_id, plan.date_from, plan.team_id, plan.state, line.partner_id,
               line.date, line.hour, line.origin, line.route_id
          FROM stm_work_plan plan
          LEFT JOIN stm_work_plan_line line ON line.plan_id = plan.id""",
    "unplaced": """
        SELECT plan.user_id, plan.date_from, unplaced.partner_id, unplaced.reason
          FROM stm_work_plan_unplaced unplaced
          JOIN stm_work_plan plan ON plan.id = unplaced.plan_id""",
    "routes": "SELECT id, planned_until FROM stm_route",
    "answers": """
        SELECT answer.model, answer.line_id, sheet.user_id, sheet.period_id
          FROM stm_checklist_answer answer
          LEFT JOIN stm_appraisal sheet
            ON sheet.id = answer.res_id AND answer.model = 'stm.appraisal'""",
}


def read(cr):
    """{what: sorted rows}"""
    found = {}
    for what, sql in TRACES.items():
        cr.execute(sql)
        found[what] = sorted(map(str, cr.fetchall()))
    return found


def differences(found, expected):
    """{what: (rows too many, rows missing)}; a row that is there twice is one too
    many."""
    result = {}
    for what, rows in expected.items():
        extra, missing = list(found[what]), []
        for row in rows:
            if row in extra:
                extra.remove(row)
            else:
                missing.append(row)
        if extra or missing:
            result[what] = {"too many": extra[:5], "missing": missing[:5]}
    return result
