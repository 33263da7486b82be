-- distinct share
-- Every customer has a salesperson here, so nobody covers one by region.
SELECT user_id, team_id, commercial_partner_id AS key, TRUE AS is_there,
       FALSE AS is_base
  FROM stm_visit
 WHERE company_id = %(company)s
   AND state = 'done'
   AND is_counted
   AND date BETWEEN %(date_from)s AND %(date_to)s
UNION ALL
SELECT customer.user_id, stood.crm_team_id, customer.id, FALSE, TRUE
  FROM res_partner customer
  JOIN (
    SELECT DISTINCT ON (user_id) user_id, crm_team_id
      FROM crm_team_member
     WHERE stm_date_from <= %(date_to)s
       AND (stm_date_to IS NULL OR stm_date_to >= %(date_from)s)
     ORDER BY user_id, stm_date_from DESC, id DESC
  ) stood ON stood.user_id = customer.user_id
 WHERE customer.active
   AND customer.id = customer.commercial_partner_id
