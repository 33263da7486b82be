from datetime import datetime

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class StmMeasure(models.Model):
    """What closing a period does to its figures, and what happens afterwards.

    The facts are kept once a person and team (``stm.measure.evidence``), together
    with the team tree of that day, so that a later reorganisation corrects nothing.
    """

    _inherit = "stm.measure"  # pylint: disable=consider-merging-classes-inherited

    # ------------------------------------------------------------
    # Business methods: closing and reopening
    # ------------------------------------------------------------

    @api.model
    def _freeze_task(self, task):
        """Keep the facts as they are now, and the figures as just measured."""
        facts = task.indicator_id._facts(
            task.period_id.company_id, task.period_id.date_from, task.period_id.date_to
        )
        self.env["stm.measure.evidence"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO stm_measure_evidence (
                       indicator_id, period_id, company_id, user_id, team_id, facts,
                       checksum, latest_checksum)
                SELECT %(indicator)s, %(period)s, %(company)s, leaf.user_id,
                       leaf.team_id, leaf.facts, leaf.checksum, leaf.checksum
                  FROM (%(leaf)s) leaf
                """,
                indicator=task.indicator_id.id,
                period=task.period_id.id,
                company=task.period_id.company_id.id,
                leaf=self._kept_sql(facts),
            )
        )
        task.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE stm_measure_task SET frozen_at = %s, team_paths = (
                       SELECT JSONB_OBJECT_AGG(team.id, team.parent_path)
                         FROM crm_team team)
                 WHERE id = %s
                """,
                fields.Datetime.now(),
                task.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                WITH node AS MATERIALIZED (%(node)s), kept AS (
                    SELECT * FROM stm_measure_evidence
                     WHERE period_id = %(period)s AND indicator_id = %(indicator)s
                ), owned AS (
                    SELECT 'user' AS owner_kind, user_id AS owner_id, kept.*
                      FROM kept WHERE user_id IS NOT NULL
                    UNION ALL
                    SELECT 'team', node.node_id, kept.*
                      FROM kept JOIN node ON node.team_id = kept.team_id
                    UNION ALL
                    SELECT 'company', 0, kept.* FROM kept
                ), total AS (
                    SELECT owner_kind, owner_id, MD5(STRING_AGG(checksum, ','
                           ORDER BY COALESCE(user_id, 0), COALESCE(team_id, 0)))
                           AS checksum
                      FROM owned GROUP BY owner_kind, owner_id
                )
                UPDATE stm_measure measure
                   SET is_frozen = TRUE, checksum = COALESCE((
                       SELECT total.checksum FROM total
                        WHERE total.owner_kind = measure.owner_kind
                          AND total.owner_id
                            = COALESCE(measure.user_id, measure.team_id, 0)), MD5(''))
                 WHERE measure.period_id = %(period)s
                   AND measure.indicator_id = %(indicator)s
                """,
                node=self._node_sql(task),
                period=task.period_id.id,
                indicator=task.indicator_id.id,
            )
        )
        task.invalidate_recordset()
        self.invalidate_model()

    @api.model
    def _check_can_unfreeze(self, periods):
        """Corrections go with reopening, so none may be booked in a closed month."""
        booked = (
            self.env["stm.measure.correction"]
            .sudo()
            .search(
                [
                    ("measure_id.period_id", "in", periods.ids),
                    ("period_id.closing_ids.area", "=", "targets"),
                    ("period_id", "not in", periods.ids),
                ],
                limit=1,
            )
        )
        if booked:
            raise UserError(
                self.env._(
                    "%(period)s has corrections that are booked in %(month)s, which is"
                    " closed. Reopen %(month)s first.",
                    period=booked.measure_id.period_id.name,
                    month=booked.period_id.name,
                )
            )

    @api.model
    def _unfreeze(self, periods):
        """Reopened: corrections go back into the figures, which are measured again."""
        self.search([("period_id", "in", periods.ids)]).correction_ids.unlink()
        evidence = [("period_id", "in", periods.ids)]
        self.env["stm.measure.evidence"].search(evidence).unlink()
        tasks = self.env["stm.measure.task"].search(
            [("period_id", "in", periods.ids), ("frozen_at", "!=", False)]
        )
        tasks.write({"frozen_at": False, "team_paths": False})
        self.search([("period_id", "in", periods.ids)]).write(
            {"is_frozen": False, "checksum": False}
        )
        self._refresh(periods)

    # ------------------------------------------------------------
    # Business methods: corrections
    # ------------------------------------------------------------

    @api.model
    def _find_corrections(self, task):
        """Book what the facts say now beyond the frozen figure and its corrections."""
        indicator, period = task.indicator_id, task.period_id
        # A late fact may be of somebody who had no figure in the period.
        models_read = ("stm.measure", "stm.measure.correction", "stm.measure.evidence")
        for name in models_read:
            self.env[name].flush_model()
        pairs = self._changed_sql(task)
        if not self.env.execute_query(SQL("SELECT FROM (%s) pair LIMIT 1", pairs)):
            return
        today = self._company_today(period.company_id)
        booked = self._booking_month(period.company_id, today)
        if not booked:
            # Found again as soon as there is an open month.
            return
        self.env.cr.execute(self._late_owners_sql(task))
        self.env.cr.execute(self._corrections_sql(task, pairs, booked, today))
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO stm_measure_evidence AS kept (
                       indicator_id, period_id, company_id, user_id, team_id, facts,
                       checksum, latest, latest_checksum)
                SELECT %(indicator)s, %(period)s, %(company)s, pair.user_id,
                       pair.team_id, '[]', NULL, pair.after, pair.checksum
                  FROM (%(pairs)s) pair
                ON CONFLICT (period_id, indicator_id, COALESCE(user_id, 0),
                             COALESCE(team_id, 0))
                DO UPDATE SET latest = EXCLUDED.latest,
                              latest_checksum = EXCLUDED.latest_checksum
                """,
                indicator=indicator.id,
                period=period.id,
                company=period.company_id.id,
                pairs=pairs,
            )
        )
        self.env.invalidate_all()

    @api.model
    def _company_today(self, company):
        tz = pytz.timezone(company.sudo().partner_id.tz or "UTC")
        return datetime.now(pytz.utc).astimezone(tz).date()

    @api.model
    def _booking_month(self, company, today):
        """The month of ``today``, or the next one that is not closed."""
        return self.env["stm.period"].search(
            [
                ("company_id", "=", company.id),
                ("kind", "=", "month"),
                ("date_to", ">=", today),
                "!",
                ("closing_ids", "any", [("area", "=", "targets")]),
            ],
            order="date_from",
            limit=1,
        )

    # ------------------------------------------------------------
    # Statements
    # ------------------------------------------------------------

    @api.model
    def _kept_sql(self, facts):
        """SQL: one row a person and team, with all its facts and their checksum."""
        return SQL(
            """
            SELECT fact.user_id, fact.team_id,
                   JSONB_AGG(JSONB_BUILD_ARRAY(
                       fact.id, fact.numerator, fact.denominator, fact.key)
                       ORDER BY fact.id) AS facts,
                   MD5(STRING_AGG((
                       fact.id, TRIM_SCALE(fact.numerator::numeric),
                       TRIM_SCALE(fact.denominator::numeric), fact.key)::text, ','
                       ORDER BY fact.id)) AS checksum
              FROM (%s) fact
             GROUP BY fact.user_id, fact.team_id
            """,
            facts,
        )

    @api.model
    def _changed_sql(self, task):
        """SQL: (user_id, team_id, before, after, checksum) of the rows that differ."""
        period = task.period_id
        facts = task.indicator_id._facts(
            period.company_id, period.date_from, period.date_to
        )
        return SQL(
            """
            SELECT COALESCE(kept.user_id, leaf.user_id) AS user_id,
                   COALESCE(kept.team_id, leaf.team_id) AS team_id,
                   COALESCE(kept.latest, kept.facts, '[]') AS before,
                   COALESCE(leaf.facts, '[]') AS after,
                   leaf.checksum
              FROM (SELECT * FROM stm_measure_evidence
                     WHERE period_id = %(period)s
                       AND indicator_id = %(indicator)s) kept
              FULL JOIN (%(leaf)s) leaf
                ON COALESCE(leaf.user_id, 0) = COALESCE(kept.user_id, 0)
               AND COALESCE(leaf.team_id, 0) = COALESCE(kept.team_id, 0)
             WHERE kept.latest_checksum IS DISTINCT FROM leaf.checksum
            """,
            period=period.id,
            indicator=task.indicator_id.id,
            leaf=self._kept_sql(facts),
        )

    @api.model
    def _figure_now_sql(self, task):
        """SQL: what the facts say now, by the team tree of the closing."""
        period = task.period_id
        return SQL(
            "WITH leaf AS MATERIALIZED (%s), node AS MATERIALIZED (%s) %s",
            self._leaf_sql(
                task.indicator_id, period.company_id, period, with_members=False
            ),
            self._node_sql(task),
            self._owners_sql(task.indicator_id),
        )

    @api.model
    def _late_owners_sql(self, task):
        """SQL: a frozen figure of nothing for owners that only have late facts."""
        source = task.indicator_id._sources()[task.indicator_id.source]
        return SQL(
            """
            WITH figure AS MATERIALIZED (
                SELECT owner_kind, user_id, team_id, 0::numeric AS numerator,
                       %(nothing)s AS denominator
                  FROM (%(now)s) now)
            %(insert)s ON CONFLICT DO NOTHING
            """,
            nothing=self._nothing(source),
            now=self._figure_now_sql(task),
            insert=self._insert_sql(task.indicator_id, task.period_id, frozen=True),
        )

    @api.model
    def _corrections_sql(self, task, pairs, booked, today):
        """SQL: INSERT of one correction for each figure that changed."""
        return SQL(
            """
            WITH node AS MATERIALIZED (%(node)s), pair AS MATERIALIZED (%(pairs)s),
            fact AS (
                SELECT pair.user_id, pair.team_id, fact.value, FALSE AS is_after
                  FROM pair, JSONB_ARRAY_ELEMENTS(pair.before) fact
                UNION ALL
                SELECT pair.user_id, pair.team_id, fact.value, TRUE
                  FROM pair, JSONB_ARRAY_ELEMENTS(pair.after) fact
            ), owned AS (
                SELECT 'user' AS owner_kind, user_id AS owner_id, value, is_after
                  FROM fact WHERE user_id IS NOT NULL
                UNION ALL
                SELECT 'team', node.node_id, value, is_after
                  FROM fact JOIN node ON node.team_id = fact.team_id
                UNION ALL
                SELECT 'company', 0, value, is_after FROM fact
            ), record AS (
                SELECT owner_kind, owner_id,
                       BOOL_OR(is_after) AS is_there,
                       BOOL_OR(NOT is_after) AS was_there,
                       ARRAY_AGG(value ORDER BY value) FILTER (WHERE is_after)
                       IS DISTINCT FROM
                       ARRAY_AGG(value ORDER BY value) FILTER (WHERE NOT is_after)
                       AS differs
                  FROM owned GROUP BY owner_kind, owner_id, value -> 0
            ), counted AS (
                SELECT owner_kind, owner_id,
                       COUNT(*) FILTER (WHERE NOT was_there) AS came,
                       COUNT(*) FILTER (WHERE NOT is_there) AS gone,
                       COUNT(*) FILTER (WHERE is_there AND was_there AND differs)
                       AS changed
                  FROM record GROUP BY owner_kind, owner_id
            ), figure AS MATERIALIZED (%(now)s), booked AS (
                SELECT correction.measure_id, SUM(correction.numerator) AS numerator,
                       SUM(correction.denominator) AS denominator
                  FROM stm_measure_correction correction
                  JOIN stm_measure measure ON measure.id = correction.measure_id
                 WHERE measure.period_id = %(period)s
                   AND measure.indicator_id = %(indicator)s
                 GROUP BY correction.measure_id
            ), difference AS (
                SELECT measure.id AS measure_id, measure.company_id,
                       COALESCE(figure.numerator, 0) - measure.numerator
                       - COALESCE(booked.numerator, 0) AS numerator,
                       COALESCE(figure.denominator, 0)
                       - COALESCE(measure.denominator, 0)
                       - COALESCE(booked.denominator, 0) AS denominator,
                       COALESCE(counted.came, 0) AS came,
                       COALESCE(counted.gone, 0) AS gone,
                       COALESCE(counted.changed, 0) AS changed
                  FROM stm_measure measure
                  LEFT JOIN figure
                    ON figure.owner_kind = measure.owner_kind
                   AND COALESCE(figure.user_id, figure.team_id, 0)
                     = COALESCE(measure.user_id, measure.team_id, 0)
                  LEFT JOIN booked ON booked.measure_id = measure.id
                  LEFT JOIN counted
                    ON counted.owner_kind = measure.owner_kind
                   AND counted.owner_id
                     = COALESCE(measure.user_id, measure.team_id, 0)
                 WHERE measure.period_id = %(period)s
                   AND measure.indicator_id = %(indicator)s
            )
            INSERT INTO stm_measure_correction (
                   measure_id, company_id, period_id, date, numerator, denominator,
                   came, gone, changed, create_uid, create_date, write_uid, write_date)
            SELECT measure_id, company_id, %(booked)s, %(today)s, numerator,
                   denominator, came, gone, changed, %(uid)s, %(at)s, %(uid)s, %(at)s
              FROM difference
             WHERE numerator <> 0 OR denominator <> 0
                OR came > 0 OR gone > 0 OR changed > 0
            """,
            node=self._node_sql(task),
            pairs=pairs,
            now=self._figure_now_sql(task),
            period=task.period_id.id,
            indicator=task.indicator_id.id,
            booked=booked.id,
            today=today,
            uid=self.env.uid,
            at=fields.Datetime.now(),
        )

    def _frozen_owner_sql(self, alias):
        """SQL: whether a row belongs to the owner, by the team tree of the closing."""
        self.ensure_one()
        if self.owner_kind == "user":
            return SQL("%s.user_id = %s", alias, self.user_id.id)
        if self.owner_kind == "company":
            return SQL("TRUE")
        task = self.env["stm.measure.task"].search(
            [
                ("period_id", "=", self.period_id.id),
                ("indicator_id", "=", self.indicator_id.id),
            ]
        )
        return SQL(
            "%s.team_id IN (SELECT team_id FROM (%s) node WHERE node_id = %s)",
            alias,
            self._node_sql(task),
            self.team_id.id,
        )

    def _kept_ids(self, which):
        """Ids of the records behind a frozen figure.

        :param which: "at_closing", or "changed" for those that came, went or changed
        """
        self.ensure_one()
        self.env["stm.measure.evidence"].flush_model()
        kept = SQL(
            "SELECT facts, COALESCE(latest, facts) AS latest"
            " FROM stm_measure_evidence kept"
            " WHERE kept.period_id = %s AND kept.indicator_id = %s AND %s",
            self.period_id.id,
            self.indicator_id.id,
            self._frozen_owner_sql(SQL("kept")),
        )
        facts = SQL("SELECT value FROM kept, JSONB_ARRAY_ELEMENTS(facts)")
        latest = SQL("SELECT value FROM kept, JSONB_ARRAY_ELEMENTS(latest)")
        source = self.indicator_id._sources()[self.indicator_id.source]
        if which == "at_closing" and source.is_distinct and source.is_share:
            found = SQL(
                "%(facts)s WHERE value -> 3 IN (SELECT base -> 3"
                " FROM kept, JSONB_ARRAY_ELEMENTS(facts) base"
                " WHERE (base ->> 2)::numeric > 0)",
                facts=facts,
            )
        elif which == "at_closing":
            found = facts
        else:
            found = SQL(
                "(%(facts)s EXCEPT %(latest)s) UNION (%(latest)s EXCEPT %(facts)s)",
                facts=facts,
                latest=latest,
            )
        rows = self.env.execute_query(
            SQL(
                "WITH kept AS MATERIALIZED (%s)"
                " SELECT DISTINCT (value ->> 0)::int FROM (%s) fact ORDER BY 1",
                kept,
                found,
            )
        )
        return [id_ for (id_,) in rows]
