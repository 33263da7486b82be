from odoo import api, fields, models
from odoo.tools import SQL

# What two workers that fill the queue at the same moment both ask for.
QUEUE_LOCK = 1_937_006_957


class StmMeasureTask(models.Model):
    """The figures of one indicator in one period: what a worker measures at once.

    The row is the queue and the lock. It is due when it was asked for after it was
    last measured, so a run that was killed goes on where it stopped.
    """

    _name = "stm.measure.task"
    _description = "Figures to Measure"
    _order = "date_to desc, id"
    _log_access = False

    indicator_id = fields.Many2one("stm.indicator", required=True, ondelete="cascade")
    period_id = fields.Many2one("stm.period", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="period_id.company_id", store=True, index=True)
    date_to = fields.Date(related="period_id.date_to", store=True)
    wanted_at = fields.Datetime(help="When a run last asked for these figures.")
    refreshed_at = fields.Datetime(help="When they were last measured.")
    frozen_at = fields.Datetime(help="When closing the period froze them.")
    team_paths = fields.Json(help="The team tree as it was when they were frozen.")

    _uniq = models.UniqueIndex("(period_id, indicator_id)", "This task exists already.")
    _due_idx = models.Index(
        "(date_to DESC, id) WHERE refreshed_at IS NULL OR refreshed_at < wanted_at"
    )

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    @api.model
    def _start(self, periods, indicators):
        """Lock the tasks of these periods and indicators, and mark them as done.

        :return: {(period id, indicator id): task}
        """
        self.flush_model()
        pairs = [(p, i) for p in sorted(periods.ids) for i in sorted(indicators.ids)]
        if not pairs:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO stm_measure_task AS task
                       (period_id, indicator_id, company_id, date_to, refreshed_at)
                SELECT period.id, pair.indicator, period.company_id, period.date_to,
                       %(now)s
                  FROM UNNEST(%(periods)s, %(indicators)s) pair (period, indicator)
                  JOIN stm_period period ON period.id = pair.period
                 ORDER BY 1, 2
                ON CONFLICT (period_id, indicator_id)
                DO UPDATE SET refreshed_at = EXCLUDED.refreshed_at,
                              date_to = EXCLUDED.date_to
                RETURNING task.period_id, task.indicator_id, task.id
                """,
                periods=[period for period, _indicator in pairs],
                indicators=[indicator for _period, indicator in pairs],
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model()
        return {
            (period, indicator): self.browse(id_) for period, indicator, id_ in rows
        }

    @api.model
    def _take(self, limit):
        """Due tasks, newest period first, that no other worker holds right now."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM stm_measure_task
                 WHERE refreshed_at IS NULL OR refreshed_at < wanted_at
                 ORDER BY date_to DESC, id
                 LIMIT %s FOR UPDATE SKIP LOCKED
                """,
                limit,
            )
        )
        return self.browse(id_ for (id_,) in rows)

    @api.model
    def _count_due(self):
        self.flush_model()
        [(count,)] = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM stm_measure_task"
                " WHERE refreshed_at IS NULL OR refreshed_at < wanted_at"
            )
        )
        return count

    @api.model
    def _fill_queue(self):
        """Ask once a day for the figures of all periods that can still change.

        Open periods that have begun, and closed ones for as many months as the
        parameter says: what changes in them becomes a correction.
        """
        self.env.flush_all()
        [(alone,)] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s)", QUEUE_LOCK)
        )
        indicators = self.env["stm.indicator"].sudo().search([("active", "=", True)])
        indicators = indicators.filtered(lambda i: i._is_measured())
        if not alone or not indicators:
            return
        now = fields.Datetime.now()
        months = self.env["ir.config_parameter"].sudo()
        months = int(months.get_param("sales_team_mgmt.correction_months", 12))
        self.env.cr.execute(
            SQL(
                """
                WITH wanted AS (
                    SELECT period.id AS period_id, indicator.id AS indicator_id,
                           period.company_id, period.date_to
                      FROM stm_period period
                      CROSS JOIN UNNEST(%(indicators)s) indicator (id)
                     WHERE period.date_from < %(today)s
                       AND (period.date_to >= %(since)s
                            OR NOT EXISTS (
                               SELECT FROM stm_period_closing closing
                                WHERE closing.period_id = period.id
                                  AND closing.area = 'targets'))
                ), known AS (
                    UPDATE stm_measure_task task
                       SET wanted_at = %(now)s
                      FROM (SELECT task.id
                              FROM stm_measure_task task
                              JOIN wanted USING (period_id, indicator_id)
                             WHERE task.wanted_at IS NULL OR task.wanted_at < %(today)s
                               FOR UPDATE OF task SKIP LOCKED) free
                     WHERE task.id = free.id
                )
                INSERT INTO stm_measure_task
                       (period_id, indicator_id, company_id, date_to, wanted_at)
                SELECT period_id, indicator_id, company_id, date_to, %(now)s
                  FROM wanted
                 WHERE NOT EXISTS (
                       SELECT FROM stm_measure_task task
                        WHERE task.period_id = wanted.period_id
                          AND task.indicator_id = wanted.indicator_id)
                    -- Who filled it after our snapshot makes us look again.
                    ON CONFLICT DO NOTHING
                """,
                indicators=indicators.ids,
                today=now.date(),
                since=fields.Date.subtract(now.date(), months=months),
                now=now,
            )
        )
        self.invalidate_model()
