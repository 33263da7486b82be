SELECT user_id, team_id,
       CASE WHEN result = 'true' THEN 1 ELSE 0 END AS numerator, 1 AS denominator
  FROM stm_spot_check
 WHERE company_id = %(company)s
   AND date BETWEEN %(date_from)s AND %(date_to)s
   AND kind = 'visit'
   AND state = 'checked'
