SELECT user_id, team_id,
       CASE WHEN verdict = 'verified' THEN 1 ELSE 0 END AS numerator, 1 AS denominator
  FROM stm_visit
 WHERE company_id = %(company)s
   AND state = 'done'
   AND is_counted
   AND verdict IS NOT NULL
   AND date BETWEEN %(date_from)s AND %(date_to)s
