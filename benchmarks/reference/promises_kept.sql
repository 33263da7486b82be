-- Open promises count once their day is over: they are broken then.
SELECT user_id, team_id,
       CASE WHEN state = 'kept' THEN 1 ELSE 0 END AS numerator,
       1 AS denominator
  FROM stm_promise
 WHERE company_id = %(company)s
   AND kind = 'promise'
   AND state NOT IN ('open', 'cancelled')
   AND date_due BETWEEN %(date_from)s AND %(date_to)s
