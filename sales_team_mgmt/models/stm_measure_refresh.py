import hashlib

from odoo import api, fields, models
from odoo.tools import SQL


class StmMeasure(models.Model):
    """How figures are measured: one statement an indicator and period."""

    _inherit = "stm.measure"  # pylint: disable=consider-merging-classes-inherited

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    @api.model
    def _refresh(self, periods, indicators=None):
        """Measure and store the figures of these periods, of everybody at once.

        What is no longer measured is passed over. A frozen figure stays; what changed
        since becomes a correction.

        :param indicators: default: all active ones
        """
        if indicators is None:
            indicators = self.env["stm.indicator"].search([("active", "=", True)])
        indicators = indicators.filtered(lambda i: i._is_measured())
        self.env.flush_all()
        tasks = self.env["stm.measure.task"]._start(periods, indicators)
        for period in periods:
            for indicator in indicators:
                self._refresh_task(tasks[period.id, indicator.id])

    @api.model
    def _refresh_task(self, task):
        """Measure what one task stands for; its row is locked by the caller."""
        period, indicator = task.period_id, task.indicator_id
        if task.frozen_at:
            self._find_corrections(task)
            return
        self.env.cr.execute(self._store_sql(indicator, period.company_id, period))
        self.invalidate_model()
        if "targets" in period.closing_ids.mapped("area"):
            # Measured for the first time after closing: from now on it stays.
            self._freeze_task(task)

    @api.model
    def _refresh_next(self, limit=20):
        """Measure the next units of the queue; each is a period and an indicator.

        Units that another worker holds are left to it.

        :return: number of units done
        """
        Task = self.env["stm.measure.task"].sudo()
        tasks = Task._take(limit)
        if not tasks:
            Task._fill_queue()
            tasks = Task._take(limit)
        for task in tasks:
            if task.indicator_id.active and task.indicator_id._is_measured():
                self.env.flush_all()
                self.sudo()._refresh_task(task)
        tasks.write({"refreshed_at": fields.Datetime.now()})
        tasks.flush_recordset()
        return len(tasks)

    # ------------------------------------------------------------
    # Statements
    # ------------------------------------------------------------

    @api.model
    def _compute_sql(self, indicator, company, period):
        """SELECT of (owner_kind, user_id, team_id, numerator, denominator)."""
        return SQL(
            "WITH leaf AS MATERIALIZED (%(leaf)s), node AS MATERIALIZED (%(node)s)"
            " %(owners)s",
            leaf=self._leaf_sql(indicator, company, period, with_members=True),
            node=self._node_sql(),
            owners=self._owners_sql(indicator),
        )

    @api.model
    def _leaf_sql(self, indicator, company, period, with_members):
        """SQL: the facts, read once and added up by person, team (and key).

        People with a membership in the period have a row of nothing, so that their
        figure is 0.
        """
        source = indicator._sources()[indicator.source]
        key = SQL("fact.key") if source.is_distinct else SQL("NULL::int")
        group = SQL(", fact.key") if source.is_distinct else SQL()
        leaf = SQL(
            """
            SELECT fact.user_id, fact.team_id, %(key)s AS key,
                   SUM(fact.numerator)::numeric AS numerator,
                   SUM(fact.denominator)::numeric AS denominator
              FROM (%(facts)s) fact
             GROUP BY fact.user_id, fact.team_id%(group)s
            """,
            key=key,
            facts=indicator._facts(company, period.date_from, period.date_to),
            group=group,
        )
        if not with_members:
            return leaf
        return SQL(
            """
            %(leaf)s
            UNION ALL
            SELECT DISTINCT member.user_id, member.crm_team_id, NULL::int, 0::numeric,
                   %(nothing)s
              FROM (%(members)s) member
            """,
            leaf=leaf,
            nothing=self._nothing(source),
            members=self._members_sql(
                period.company_id, period.date_from, period.date_to
            ),
        )

    @api.model
    def _stood_sql(self, company, date_from, date_to):
        """SQL: (user_id, team_id), the last team of everybody on these days."""
        return SQL(
            """
            SELECT DISTINCT ON (member.user_id) member.user_id,
                   member.crm_team_id AS team_id
              FROM (%s) member
             ORDER BY member.user_id, member.stm_date_from DESC, member.id DESC
            """,
            self._members_sql(company, date_from, date_to),
        )

    @api.model
    def _members_sql(self, company, date_from, date_to):
        """SQL: memberships of the company on at least one of these days."""
        return SQL(
            """
            SELECT member.id, member.user_id, member.crm_team_id, member.stm_date_from
              FROM crm_team_member member
              JOIN crm_team team ON team.id = member.crm_team_id
             WHERE member.stm_date_from <= %(date_to)s
               AND (member.stm_date_to IS NULL OR (
                    member.stm_date_to >= %(date_from)s
                    AND member.stm_date_to >= member.stm_date_from))
               -- A plan that was missed never began.
               AND (member.active OR member.stm_is_planned
                    OR member.stm_date_to IS NOT NULL)
               AND (team.company_id = %(company)s OR (
                    team.company_id IS NULL AND EXISTS (
                        SELECT FROM res_company_users_rel works
                         WHERE works.user_id = member.user_id
                           AND works.cid = %(company)s)))
            """,
            date_from=date_from,
            date_to=date_to,
            company=company.id,
        )

    @api.model
    def _node_sql(self, task=None):
        """SQL: (team_id, node_id), each team with itself and every team above it.

        :param task: take the tree that was kept when its figures were frozen
        """
        path = SQL("team.parent_path")
        if task:
            path = SQL(
                "COALESCE((SELECT task.team_paths ->> team.id::text"
                " FROM stm_measure_task task WHERE task.id = %s), team.parent_path)",
                task.id,
            )
        return SQL(
            """
            SELECT team.id AS team_id, above.id::int AS node_id
              FROM crm_team team
              CROSS JOIN UNNEST(STRING_TO_ARRAY(
                   TRIM(TRAILING '/' FROM COALESCE(%s, team.id::text)), '/')) above (id)
            """,
            path,
        )

    @api.model
    def _owners_sql(self, indicator):
        """SQL: figures of people, teams and the company out of ``leaf`` and ``node``.

        What counts once is counted anew for each of them.
        """
        source = indicator._sources()[indicator.source]
        if source.is_distinct and source.is_share:
            return self._distinct_shares_sql()
        figures = SQL(
            "%s AS numerator, COALESCE(SUM(leaf.denominator), %s) AS denominator",
            SQL("COUNT(DISTINCT leaf.key)::numeric")
            if source.is_distinct
            else SQL("COALESCE(SUM(leaf.numerator), 0)"),
            self._nothing(source),
        )
        return SQL(
            """
            SELECT 'user' AS owner_kind, leaf.user_id, NULL::int AS team_id, %(figures)s
              FROM leaf WHERE leaf.user_id IS NOT NULL GROUP BY leaf.user_id
            UNION ALL
            SELECT 'team', NULL, node.node_id, %(figures)s
              FROM leaf JOIN node ON node.team_id = leaf.team_id GROUP BY node.node_id
            UNION ALL
            SELECT 'company', NULL, NULL, %(figures)s FROM leaf
            """,
            figures=figures,
        )

    @api.model
    def _distinct_shares_sql(self):
        """SQL: the same of a share whose base and count are both distinct."""
        once = self.env["stm.indicator"]._once_sql
        leaf = SQL("leaf")
        return SQL(
            """
            SELECT 'user' AS owner_kind, owner AS user_id, NULL::int AS team_id,
                   SUM(numerator)::numeric AS numerator,
                   SUM(denominator)::numeric AS denominator
              FROM (%(people)s) once GROUP BY owner
            UNION ALL
            SELECT 'team', NULL, owner, SUM(numerator), SUM(denominator)
              FROM (%(teams)s) once GROUP BY owner
            UNION ALL
            SELECT 'company', NULL, NULL, COALESCE(SUM(numerator), 0),
                   COALESCE(SUM(denominator), 0)
              FROM (%(company)s) once
            """,
            people=once(
                SQL("leaf.user_id"), SQL("leaf WHERE leaf.user_id IS NOT NULL"), leaf
            ),
            teams=once(
                SQL("node.node_id"),
                SQL("leaf JOIN node ON node.team_id = leaf.team_id"),
                leaf,
            ),
            company=once(SQL("NULL::int"), leaf, leaf),
        )

    @api.model
    def _nothing(self, source):
        """SQL: the base of a figure without facts; only shares have one."""
        return SQL("0::numeric") if source.is_share else SQL("NULL::numeric")

    @api.model
    def _no_records_checksum(self):
        return hashlib.md5(b"", usedforsecurity=False).hexdigest()

    @api.model
    def _store_sql(self, indicator, company, period):
        """One statement: measure, delete who is gone, write only what differs."""
        return SQL(
            """
            WITH figure AS MATERIALIZED (%(figures)s), gone AS (
                DELETE FROM stm_measure measure
                 WHERE measure.period_id = %(period)s
                   AND measure.indicator_id = %(indicator)s
                   AND NOT EXISTS (
                       SELECT FROM figure
                        WHERE figure.owner_kind = measure.owner_kind
                          AND COALESCE(figure.user_id, figure.team_id, 0)
                            = COALESCE(measure.user_id, measure.team_id, 0))
            )
            %(insert)s
            ON CONFLICT (period_id, indicator_id, owner_kind,
                         COALESCE(user_id, team_id, 0))
            DO UPDATE SET team_id = EXCLUDED.team_id,
                          numerator = EXCLUDED.numerator,
                          denominator = EXCLUDED.denominator,
                          value = EXCLUDED.value,
                          adds_up = EXCLUDED.adds_up,
                          measured_at = EXCLUDED.measured_at,
                          write_uid = EXCLUDED.write_uid,
                          write_date = EXCLUDED.write_date
             WHERE (measure.team_id, measure.numerator, measure.denominator,
                    measure.value, measure.adds_up)
                   IS DISTINCT FROM
                   (EXCLUDED.team_id, EXCLUDED.numerator, EXCLUDED.denominator,
                    EXCLUDED.value, EXCLUDED.adds_up)
            """,
            figures=self._compute_sql(indicator, company, period),
            period=period.id,
            indicator=indicator.id,
            insert=self._insert_sql(indicator, period),
        )

    @api.model
    def _insert_sql(self, indicator, period, frozen=False):
        """SQL: INSERT of the rows of ``figure``.

        The share is rounded as ``tools.rates`` does: half up, to two digits.
        """
        source = indicator._sources()[indicator.source]
        return SQL(
            """
            INSERT INTO stm_measure AS measure (
                   indicator_id, period_id, period_kind, date_from, date_to, company_id,
                   owner_kind, user_id, team_id, numerator, denominator, value, adds_up,
                   is_frozen, checksum, measured_at,
                   create_uid, create_date, write_uid, write_date)
            SELECT %(indicator)s, period.id, period.kind, period.date_from,
                   period.date_to, period.company_id,
                   figure.owner_kind, figure.user_id,
                   -- A person's figure is seen by whoever leads the person's team.
                   CASE figure.owner_kind
                        WHEN 'user' THEN stood.team_id ELSE figure.team_id END,
                   figure.numerator, figure.denominator, %(value)s,
                   %(additive)s AND figure.owner_kind <> 'team',
                   %(frozen)s, %(checksum)s, %(now)s, %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM figure
              JOIN stm_period period ON period.id = %(period)s
              LEFT JOIN (%(stood)s) stood ON stood.user_id = figure.user_id
            """,
            stood=self._stood_sql(period.company_id, period.date_from, period.date_to),
            indicator=indicator.id,
            period=period.id,
            value=SQL(
                "ROUND(figure.numerator * %s / NULLIF(figure.denominator, 0), 2)",
                1 if source.is_average else 100,
            )
            if source.is_share
            else SQL("figure.numerator"),
            additive=not source.is_distinct,
            frozen=frozen,
            checksum=self._no_records_checksum() if frozen else None,
            now=fields.Datetime.now(),
            uid=self.env.uid,
        )

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_refresh(self, batch_size=10):
        """Measure all figures that can still change, newest periods first."""
        cron = self.env["ir.cron"]
        Task = self.env["stm.measure.task"].sudo()
        if cron._stm_do_all(lambda: self._refresh_next(batch_size), Task._count_due):
            cron._stm_finish()
