-- distinct share
SELECT visit.user_id, visit.team_id, visit.commercial_partner_id AS key,
       visit.state = 'done' AND visit.is_counted AS is_there,
       visit.plan_line_id IS NOT NULL AND plan.state = 'approved' AS is_base
  FROM stm_visit visit
  LEFT JOIN stm_work_plan plan ON plan.id = visit.plan_id
 WHERE visit.company_id = %(company)s
   AND visit.date BETWEEN %(date_from)s AND %(date_to)s
