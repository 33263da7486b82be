-- distinct
SELECT user_id, team_id, commercial_partner_id AS key
  FROM stm_visit
 WHERE company_id = %(company)s
   AND state = 'done'
   AND is_counted
   AND date BETWEEN %(date_from)s AND %(date_to)s
