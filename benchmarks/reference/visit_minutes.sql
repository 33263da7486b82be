SELECT user_id, team_id, minutes AS numerator, 1 AS denominator
  FROM stm_visit
 WHERE company_id = %(company)s
   AND state = 'done'
   AND is_counted
   AND check_out_at <= check_in_at + INTERVAL '8 hours'
   AND date BETWEEN %(date_from)s AND %(date_to)s
