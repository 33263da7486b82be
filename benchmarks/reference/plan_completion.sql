-- A week belongs to the month of its Thursday.
SELECT plan.user_id, plan.team_id,
       CASE WHEN point.outcome = 'done' THEN 1 ELSE 0 END AS numerator,
       1 AS denominator
  FROM stm_work_plan plan
  JOIN stm_work_plan_point point ON point.plan_id = plan.id
 WHERE plan.company_id = %(company)s
   AND plan.state = 'approved'
   AND plan.date_from + 3 BETWEEN %(date_from)s AND %(date_to)s
UNION ALL
SELECT plan.user_id, plan.team_id,
       CASE WHEN visit.state = 'done' AND visit.is_counted THEN 1 ELSE 0 END,
       1
  FROM stm_work_plan plan
  JOIN stm_visit visit ON visit.plan_id = plan.id
 WHERE plan.company_id = %(company)s
   AND plan.state = 'approved'
   AND plan.date_from + 3 BETWEEN %(date_from)s AND %(date_to)s
   AND (visit.plan_line_id IS NOT NULL OR visit.state <> 'cancelled')
