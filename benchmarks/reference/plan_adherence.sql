SELECT visit.user_id, visit.team_id,
       CASE WHEN visit.state = 'done' AND visit.is_counted
             AND COALESCE(CAST(visit.check_in_at AT TIME ZONE 'UTC'
                               AT TIME ZONE person.tz AS date), visit.date) = line.date
            THEN 1 ELSE 0 END AS numerator,
       1 AS denominator
  FROM stm_work_plan_line line
  JOIN stm_work_plan plan ON plan.id = line.plan_id
  JOIN stm_visit visit ON visit.plan_line_id = line.id
  JOIN res_users u ON u.id = visit.user_id
  JOIN res_partner person ON person.id = u.partner_id
 WHERE plan.company_id = %(company)s
   AND plan.state = 'approved'
   AND line.date BETWEEN %(date_from)s AND %(date_to)s
