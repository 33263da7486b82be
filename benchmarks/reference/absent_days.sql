SELECT user_id, team_id, weight AS numerator, NULL::int AS denominator
  FROM stm_absence
 WHERE company_id = %(company)s
   AND date BETWEEN %(date_from)s AND %(date_to)s
