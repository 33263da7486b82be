SELECT visit.user_id, visit.team_id,
       CASE WHEN class.kind = 'outlet' THEN 1 ELSE 0 END AS numerator, 1 AS denominator
  FROM stm_visit visit
  JOIN res_partner customer ON customer.id = visit.partner_id
  JOIN stm_customer_class class ON class.id = customer.stm_class_id
 WHERE visit.company_id = %(company)s
   AND visit.state = 'done'
   AND visit.is_counted
   AND class.kind <> 'other'
   AND visit.date BETWEEN %(date_from)s AND %(date_to)s
