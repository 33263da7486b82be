SELECT user_id, team_id,
       CASE WHEN id IN (SELECT stm_visit_id FROM sale_order WHERE state <> 'cancel')
            THEN 1 ELSE 0 END AS numerator,
       1 AS denominator
  FROM stm_visit
 WHERE company_id = %(company)s
   AND state = 'done'
   AND is_counted
   AND date BETWEEN %(date_from)s AND %(date_to)s
