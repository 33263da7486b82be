SELECT user_id, team_id, 1 AS numerator, NULL::int AS denominator
  FROM stm_contact_log
 WHERE company_id = %(company)s
   AND way = 'phone_out'
   AND date BETWEEN %(date_from)s AND %(date_to)s
