-- Each key once: of those in the base, how many were there. Of each person, of each
-- team with the teams below, of the company.
, owned AS (
    SELECT 'user' AS owner_kind, user_id AS owner_id, key, is_there, is_base
      FROM facts
     WHERE user_id IS NOT NULL
    UNION ALL
    SELECT 'team', team.id, key, is_there, is_base
      FROM facts
      JOIN crm_team below ON below.id = facts.team_id
      JOIN crm_team team ON below.parent_path LIKE team.parent_path || '%%'
    UNION ALL
    SELECT 'company', NULL, key, is_there, is_base
      FROM facts
), keys AS (
    SELECT owner_kind, owner_id, key, BOOL_OR(is_there) AS is_there,
           BOOL_OR(is_base) AS is_base
      FROM owned
     GROUP BY owner_kind, owner_id, key
)
SELECT owner_kind, owner_id,
       SUM(CASE WHEN is_there AND is_base THEN 1 ELSE 0 END) AS numerator,
       SUM(CASE WHEN is_base THEN 1 ELSE 0 END) AS denominator
  FROM keys
 GROUP BY owner_kind, owner_id
