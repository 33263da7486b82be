-- The team is the one of the first visit of the day; the week has five days here.
SELECT user_id, (ARRAY_AGG(team_id ORDER BY start_at, id))[1] AS team_id,
       CASE WHEN COUNT(*) >= (
                SELECT stm_visits_per_week / 5 FROM res_company WHERE id = %(company)s)
            THEN 1 ELSE 0 END AS numerator,
       1 AS denominator
  FROM stm_visit
 WHERE company_id = %(company)s
   AND state = 'done'
   AND is_counted
   AND date BETWEEN %(date_from)s AND %(date_to)s
 GROUP BY user_id, date
