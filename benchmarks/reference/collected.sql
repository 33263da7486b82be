-- Everything is in the currency of the company here.
SELECT invoice.invoice_user_id AS user_id, invoice.team_id, part.amount AS numerator,
       NULL::int AS denominator
  FROM account_move_line money
  JOIN account_journal journal ON journal.id = money.journal_id
  JOIN account_partial_reconcile part ON part.credit_move_id = money.id
  JOIN account_move_line owed ON owed.id = part.debit_move_id
  JOIN account_move invoice ON invoice.id = owed.move_id
 WHERE invoice.company_id = %(company)s
   AND invoice.state = 'posted'
   AND invoice.move_type = 'out_invoice'
   AND journal.type IN ('bank', 'cash', 'credit')
   AND money.date BETWEEN %(date_from)s AND %(date_to)s
UNION ALL
SELECT refund.invoice_user_id, refund.team_id, -part.amount, NULL
  FROM account_move_line money
  JOIN account_journal journal ON journal.id = money.journal_id
  JOIN account_partial_reconcile part ON part.debit_move_id = money.id
  JOIN account_move_line owed ON owed.id = part.credit_move_id
  JOIN account_move refund ON refund.id = owed.move_id
 WHERE refund.company_id = %(company)s
   AND refund.state = 'posted'
   AND refund.move_type = 'out_refund'
   AND journal.type IN ('bank', 'cash', 'credit')
   AND money.date BETWEEN %(date_from)s AND %(date_to)s
