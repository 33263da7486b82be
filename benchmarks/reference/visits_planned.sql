SELECT user_id, team_id,
       CASE WHEN state = 'done' AND is_counted THEN 1 ELSE 0 END AS numerator, 1 AS denominator
  FROM stm_visit
 WHERE company_id = %(company)s
   AND date BETWEEN %(date_from)s AND %(date_to)s
   AND plan_id IS NOT NULL
   AND (plan_line_id IS NOT NULL OR state <> 'cancelled')
