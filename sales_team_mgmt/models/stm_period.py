from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools import periods
from .stm_gate_mixin import Reason

PERIOD_KINDS = [
    ("month", "Month"),
    ("quarter", "Quarter"),
    ("half", "Half-Year"),
    ("year", "Year"),
    ("season", "Selling Season"),
]


# Appraisal sheets that something is still to be done with.
OPEN_SHEETS = ("self", "scoring", "shared", "appealed", "acknowledged", "hr")


class StmPeriod(models.Model):
    """A month or a longer stretch of time that work is planned and judged by."""

    _name = "stm.period"
    _description = "Sales Period"
    _inherit = ["stm.gate.mixin", "mail.thread"]
    _order = "date_from desc, date_to desc, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    kind = fields.Selection(PERIOD_KINDS, required=True, default="month", index=True)
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="To", required=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    closing_ids = fields.One2many("stm.period.closing", "period_id", string="Closed")
    is_closed = fields.Boolean(compute="_compute_is_closed", search="_search_is_closed")

    _dates = models.Constraint(
        "CHECK (date_to >= date_from)", "A period cannot end before it starts."
    )
    _uniq = models.UniqueIndex(
        "(company_id, kind, date_from) WHERE kind <> 'season'",
        "This period exists already.",
    )
    _range_idx = models.Index("(company_id, date_from, date_to)")

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.depends("closing_ids")
    def _compute_is_closed(self):
        for period in self:
            period.is_closed = bool(period.closing_ids)

    @api.model
    def _search_is_closed(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("closing_ids", "!=", False)

    @api.constrains("date_from", "date_to", "company_id")
    def _check_closed(self):
        if self.closing_ids:
            raise ValidationError(
                self.env._("A closed period keeps its dates. Reopen it first.")
            )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        if self.closing_ids:
            raise UserError(self.env._("Reopen the period before you delete it."))

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_close(self, area=None):
        """Close the periods for one area (default: for all of them)."""
        self._check_may_close()
        areas = self.env["stm.period.closing"]._fields["area"].get_values(self.env)
        wanted = [area] if area else areas
        if not set(wanted) <= set(areas):
            raise UserError(self.env._("There is no such area to close."))
        done = {(c.period_id, c.area) for c in self.closing_ids}
        # All gates first: a refusal closes nothing.
        for name in wanted:
            open_ones = self.filtered(lambda p, name=name: (p, name) not in done)
            open_ones._stm_pass_gate(f"close_{name}")
        values = [
            {"period_id": period.id, "area": area}
            for period in self
            for area in wanted
            if (period, area) not in done
        ]
        self.env["stm.period.closing"].sudo().create(values)
        for period in self:
            period.message_post(body=self.env._("Closed."))

    def action_reopen(self, area=None):
        """Open the periods again; the chatter keeps who did it."""
        self._check_may_close()
        closings = self.closing_ids.filtered(lambda c: not area or c.area == area)
        closings.sudo().unlink()
        for period in self:
            period.message_post(body=self.env._("Reopened."))

    def action_refresh_figures(self):
        """Measure the figures of these periods again."""
        self.check_access("read")
        Measure = self.env["stm.measure"]
        Measure._check_may_refresh()
        Measure.sudo()._refresh(self.sudo())
        return True

    @api.model
    def action_create_year(self, year=None, company_ids=None):
        """Make the fiscal year that starts in ``year``, with all its parts.

        What exists already is left as it is; returns the new periods.
        """
        self.check_access("create")
        year = year or fields.Date.context_today(self).year
        if not isinstance(year, int) or not 1970 <= year <= 2999:
            raise UserError(self.env._("Enter a year between 1970 and 2999."))
        companies = self.env["res.company"].browse(company_ids or self.env.company.ids)
        if companies - self.env.user.company_ids:
            raise AccessError(self.env._("You do not work in this company."))
        values = []
        for company in companies:
            values += self._prepare_year(company, year)
        return self.create(values)

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _check_may_close(self):
        self.check_access("write")

    @api.model
    def _stm_gate_acts(self):
        """One act an area of work, so that each has its own checks."""
        area = self.env["stm.period.closing"]._fields["area"]
        return {
            **super()._stm_gate_acts(),
            **{
                f"close_{name}": self.env._("Close %(area)s", area=label)
                for name, label in area._description_selection(self.env)
            },
        }

    @api.model
    def _stm_gate_checks(self, act):
        own = {
            "close_work": ["_check_undecided"],
            "close_appraisal": ["_check_sheets", "_check_events"],
        }
        return super()._stm_gate_checks(act) + own.get(act, [])

    def _stm_gate_values(self, act):
        """The stretch of days, and which documents would stay undecided."""
        undecided = {}
        if act == "close_work":
            undecided = self._undecided_documents()
        elif act == "close_appraisal":
            undecided = {
                "stm.appraisal": self._ids_by_period("stm.appraisal", OPEN_SHEETS),
                "stm.event": self._ids_by_period("stm.event", ("proposed",)),
            }
        return {
            period: {
                "company": period.company_id.id,
                "date_from": period.date_from,
                "date_to": period.date_to,
                "undecided": {
                    model: sorted(by_period[period.id])
                    for model, by_period in undecided.items()
                    if period.id in by_period
                },
            }
            for period in self
        }

    def _check_sheets(self):
        """Sheets that are not closed would stay as they are for good."""
        return self._reasons(
            "sheets_open",
            self._ids_by_period("stm.appraisal", OPEN_SHEETS),
            lambda count: self.env._(
                "%s appraisal sheets are not closed yet. Have them discussed and"
                " closed.",
                count,
            ),
        )

    def _check_events(self):
        """Events nobody has decided would never count."""
        return self._reasons(
            "events_open",
            self._ids_by_period("stm.event", ("proposed",)),
            lambda count: self.env._(
                "%s events are neither confirmed nor dismissed. Have them decided.",
                count,
            ),
        )

    def _reasons(self, code, by_period, sentence):
        return {
            period: [Reason(code, sentence(len(by_period[period.id])), True)]
            for period in self
            if period.id in by_period
        }

    def _ids_by_period(self, model, states):
        """{period id: ids of its documents in these states}, in one query."""
        Document = self.env[model]
        return dict(
            self._rows_by_period(Document, states, Document._stm_area)
            if self.ids
            else ()
        )

    def _rows_by_period(self, Document, states, area):
        """Pairs (period id, document ids), oldest first, of periods not closed."""
        Document.flush_model(["state", "company_id", Document._stm_date_field])
        self.flush_model(["company_id", "date_from", "date_to"])
        self.env["stm.period.closing"].flush_model(["period_id", "area"])
        return self.env.execute_query(
            SQL(
                """
                SELECT period.id, ARRAY_AGG(doc.id ORDER BY doc.%(day)s, doc.id)
                  FROM stm_period period
                  JOIN %(documents)s doc
                    ON doc.company_id = period.company_id
                   AND doc.%(day)s BETWEEN period.date_from AND period.date_to
                   AND doc.%(first)s >= period.date_from
                 WHERE doc.state = ANY(%(states)s)
                   AND period.id = ANY(%(periods)s)
                   AND NOT EXISTS (
                           SELECT FROM stm_period_closing closing
                            WHERE closing.period_id = period.id
                              AND closing.area = %(area)s
                       )
                 GROUP BY period.id
                """,
                day=SQL.identifier(Document._stm_date_field),
                first=SQL.identifier(
                    Document._stm_first_date_field or Document._stm_date_field
                ),
                documents=SQL.identifier(Document._table),
                states=list(states),
                periods=self.ids,
                area=area,
            )
        )

    def _check_undecided(self):
        """What was handed in and nobody has decided would stay so for good."""
        reasons = {}
        for model, by_period in self._undecided_documents().items():
            named = {id_: ids[:3] for id_, ids in by_period.items()}
            # One fetch for the names in all periods.
            documents = self.env[model].browse(sum(named.values(), []))
            names = {document.id: document.display_name for document in documents}
            for period in self.filtered(lambda p, ids=by_period: p.id in ids):
                count = len(by_period[period.id])
                listed = ", ".join(names[id_] for id_ in named[period.id])
                if count > len(named[period.id]):
                    listed = self.env._(
                        "%(names)s and %(count)s more",
                        names=listed,
                        count=count - len(named[period.id]),
                    )
                sentence = self.env._(
                    "%(kind)s: %(count)s waiting for a decision (%(names)s). Have them"
                    " decided or withdrawn.",
                    kind=self.env["ir.model"]._get(model).name,
                    count=count,
                    names=listed,
                )
                code = f"undecided_{self.env[model]._table}"
                reasons.setdefault(period, []).append(Reason(code, sentence, True))
        return reasons

    def _undecided_documents(self):
        """{model: {period id: document ids}} submitted and undecided, oldest first.

        Documents that people owe and that closing “work” would freeze; periods that
        are closed have been judged.
        """
        found = {}
        duties = self.env.registry["stm.duty.mixin"]
        for model in sorted(self.env.registry):
            Document = self.env[model]
            if Document._abstract or not issubclass(type(Document), duties):
                continue
            if Document._stm_area != "work":
                continue
            rows = self._rows_by_period(Document, ("submitted",), "work")
            if rows:
                found[model] = dict(rows)
        return found

    @api.model
    def _prepare_year(self, company, year):
        first = fields.Date.to_date(f"{year}-{company._stm_fiscal_first_month():02}-01")
        existing = self.sudo().search(
            [("company_id", "=", company.id), ("kind", "!=", "season")]
        )
        known = {(period.kind, period.date_from) for period in existing}
        values = []
        for kind in ("year", "half", "quarter", "month"):
            for number, (start, end) in enumerate(
                periods.periods_of_year(first, kind), start=1
            ):
                if (kind, start) not in known:
                    values.append(
                        {
                            "name": self._period_name(kind, number, start, end),
                            "kind": kind,
                            "date_from": start,
                            "date_to": end,
                            "company_id": company.id,
                        }
                    )
        return values

    @api.model
    def _period_name(self, kind, number, start, end):
        year = str(start.year)
        if end.year != start.year and kind == "year":
            year = f"{start.year}–{end.year}"
        if kind == "month":
            return format_date(self.env, start, date_format="yyyy-MM")
        labels = {
            "quarter": self.env._("%(year)s Q%(number)s", year=year, number=number),
            "half": self.env._("%(year)s H%(number)s", year=year, number=number),
            "year": self.env._("Year %(year)s", year=year),
        }
        return labels[kind]

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_create_periods(self):
        """The current and the next fiscal year always exist in every company."""
        today = fields.Date.context_today(self)
        companies = self.env["res.company"].search([])  # pylint: disable=no-search-all
        for company in companies:
            start, _end = periods.period_of(
                today, "year", company._stm_fiscal_first_month()
            )
            for year in (start.year, start.year + 1):
                self.create(self._prepare_year(company, year))
