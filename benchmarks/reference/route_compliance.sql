WITH stop AS (
    SELECT visit.user_id, visit.team_id, visit.check_in_at, line.date,
           ROW_NUMBER() OVER (PARTITION BY visit.user_id, line.date
                              ORDER BY line.hour, visit.sequence, line.id) AS place
      FROM stm_work_plan_line line
      JOIN stm_work_plan plan ON plan.id = line.plan_id
      JOIN stm_visit visit ON visit.plan_line_id = line.id
      JOIN res_users u ON u.id = visit.user_id
      JOIN res_partner person ON person.id = u.partner_id
     WHERE plan.company_id = %(company)s
       AND plan.state = 'approved'
       AND line.date BETWEEN %(date_from)s AND %(date_to)s
       AND visit.state = 'done'
       AND visit.is_counted
       AND CAST(visit.check_in_at AT TIME ZONE 'UTC' AT TIME ZONE person.tz AS date)
           = line.date
)
SELECT later.user_id, later.team_id,
       CASE WHEN later.check_in_at >= earlier.check_in_at THEN 1 ELSE 0 END
       AS numerator,
       1 AS denominator
  FROM stop later
  JOIN stop earlier
    ON earlier.user_id = later.user_id
   AND earlier.date = later.date
   AND earlier.place = later.place - 1
