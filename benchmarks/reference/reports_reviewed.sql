-- A week belongs to the month of its Thursday. Every report was submitted once here.
SELECT line.user_id, report.team_id,
       CASE WHEN line.acted_at IS NOT NULL THEN 1 ELSE 0 END AS numerator,
       1 AS denominator
  FROM stm_work_report report
  JOIN stm_approval approval
    ON approval.model = 'stm.work.report' AND approval.res_id = report.id
  JOIN stm_approval_line line ON line.approval_id = approval.id
 WHERE report.company_id = %(company)s
   AND report.period_kind = 'week'
   AND report.date_from + 3 BETWEEN %(date_from)s AND %(date_to)s
   AND approval.state IN ('pending', 'approved', 'returned')
   AND (line.state = 'pending' OR line.acted_at IS NOT NULL)
