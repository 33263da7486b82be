-- A week belongs to the month of its Thursday. There are weekly reports only here.
SELECT user_id, team_id,
       CASE WHEN state IN ('on_time', 'excused') THEN 1 ELSE 0 END AS numerator,
       1 AS denominator
  FROM stm_duty_item
 WHERE company_id = %(company)s
   AND model = 'stm.work.report'
   AND period_kind = 'week'
   AND approval_id IS NULL
   AND state IN ('on_time', 'excused', 'late', 'missing')
   AND document_start + 3 BETWEEN %(date_from)s AND %(date_to)s
