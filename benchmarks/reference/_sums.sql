-- What is added up: of each person, of each team with the teams below, of the company.
SELECT 'user' AS owner_kind, user_id AS owner_id,
       SUM(numerator) AS numerator, SUM(denominator) AS denominator
  FROM facts
 WHERE user_id IS NOT NULL
 GROUP BY user_id
UNION ALL
SELECT 'team', team.id, SUM(numerator), SUM(denominator)
  FROM facts
  JOIN crm_team below ON below.id = facts.team_id
  JOIN crm_team team ON below.parent_path LIKE team.parent_path || '%%'
 GROUP BY team.id
UNION ALL
SELECT 'company', NULL, SUM(numerator), SUM(denominator)
  FROM facts
