SELECT invoice_user_id AS user_id, team_id,
       CASE WHEN move_type = 'out_refund' THEN -amount_untaxed
            ELSE amount_untaxed END AS numerator,
       NULL::int AS denominator
  FROM account_move
 WHERE company_id = %(company)s
   AND state = 'posted'
   AND move_type IN ('out_invoice', 'out_refund')
   AND date BETWEEN %(date_from)s AND %(date_to)s
