SELECT visit.user_id, visit.team_id,
       CASE WHEN ordered.visit_id IS NULL THEN 0 ELSE 1 END AS numerator,
       1 AS denominator
  FROM stm_visit visit
  LEFT JOIN (
    SELECT DISTINCT stm_visit_id AS visit_id FROM sale_order WHERE state <> 'cancel'
  ) ordered ON ordered.visit_id = visit.id
 WHERE visit.company_id = %(company)s
   AND visit.state = 'done'
   AND visit.is_counted
   AND visit.date BETWEEN %(date_from)s AND %(date_to)s
