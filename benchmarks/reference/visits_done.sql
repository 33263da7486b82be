SELECT user_id, team_id, 1 AS numerator, NULL::int AS denominator
  FROM stm_visit
 WHERE company_id = %(company)s
   AND state = 'done'
   AND is_counted
   AND date BETWEEN %(date_from)s AND %(date_to)s
