WITH first_order AS (
    SELECT DISTINCT ON (customer.commercial_partner_id)
           o.user_id, o.team_id, o.date_order
      FROM sale_order o
      JOIN res_partner customer ON customer.id = o.partner_id
     WHERE o.company_id = %(company)s
       AND o.state = 'sale'
     ORDER BY customer.commercial_partner_id, o.date_order, o.id
)
SELECT first_order.user_id, first_order.team_id, 1 AS numerator,
       NULL::int AS denominator
  FROM first_order
  JOIN res_users u ON u.id = first_order.user_id
  JOIN res_partner person ON person.id = u.partner_id
 WHERE CAST(first_order.date_order AT TIME ZONE 'UTC' AT TIME ZONE person.tz AS date)
       BETWEEN %(date_from)s AND %(date_to)s
