SELECT o.user_id, o.team_id, o.amount_untaxed / o.currency_rate AS numerator,
       NULL::int AS denominator
  FROM sale_order o
  JOIN res_users u ON u.id = o.user_id
  JOIN res_partner person ON person.id = u.partner_id
 WHERE o.company_id = %(company)s
   AND o.state = 'sale'
   AND o.date_order >= %(date_from)s::date - 1
   AND o.date_order < %(date_to)s::date + 2
   AND CAST(o.date_order AT TIME ZONE 'UTC' AT TIME ZONE person.tz AS date)
       BETWEEN %(date_from)s AND %(date_to)s
