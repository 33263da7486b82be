from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import rates


class Figure(NamedTuple):
    """What was measured: a numerator and, for shares, what it is a share of."""

    numerator: float = 0.0
    denominator: float | None = None


class Source(NamedTuple):
    """What is known about a source before anything is measured.

    ``model``: the records whose ids its facts query names.
    ``is_share``: its facts have a denominator.
    ``is_distinct``: each ``key`` counts once, so figures of people do not add up to
    the figure of their team. Of a distinct share, keys with a denominator are the
    base, and those of them that also have a numerator are counted, whichever facts
    of the owner say so.
    ``is_average``: the figure is numerator ÷ denominator itself, not a percentage.
    """

    model: str
    is_share: bool = False
    is_distinct: bool = False
    is_average: bool = False


class StmIndicator(models.Model):
    """A figure of the sales department: what it counts, in which unit, what is good.

    A source is an entry of the selection, an entry of ``_sources`` and one *facts
    query* ``_facts_<source>(company, date_from, date_to)``. Its rows are

        (id, user_id, team_id, numerator, denominator, key)

    the id of a record, its person, its team as stored on it, what it adds to the
    figure, and what is counted once. Everything follows from this one query: the
    figures of people, teams and the company, and the records behind each of them.
    Other addons add sources with ``selection_add``; the figures of an addon that is
    gone stay, but are no longer measured.
    """

    _name = "stm.indicator"
    _description = "Indicator"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    source = fields.Selection(
        [
            ("orders_confirmed", "Orders Confirmed, Untaxed"),
            ("invoiced", "Invoiced, Untaxed"),
            ("collected", "Collected"),
            ("visits_done", "Visits Done"),
            ("visits_planned", "Planned Visits Done"),
            ("customers_visited", "Distinct Customers Visited"),
            ("new_customers", "New Customers"),
            ("key_points_done", "Key Points Done"),
            ("plan_completion", "Plan Completion"),
            ("reports_reviewed", "Weekly Reports Reviewed"),
            ("report_punctuality", "Reports on Time"),
            ("absent_days", "Days Absent"),
            ("calls", "Calls Made"),
            ("promises_kept", "Promises Kept in Time"),
            ("plan_adherence", "Visits on the Planned Day"),
            ("call_compliance", "Planned Customers Visited"),
            ("route_compliance", "Stops in the Planned Order"),
            ("strike_rate", "Visits with an Order"),
            ("coverage", "Target Customers Visited"),
            ("visit_minutes", "Minutes per Visit"),
            ("visits_verified", "Visits with a Verified Position"),
            ("days_on_target", "Days with Enough Visits"),
            ("visits_outlets", "Visits to Outlets"),
            ("gone", "No Longer Measured"),
        ],
        required=True,
    )
    unit = fields.Selection(
        [
            ("money", "Money"),
            ("count", "Number"),
            ("share", "Share"),
            ("average", "Average"),
        ],
        required=True,
        default="count",
    )
    direction = fields.Selection(
        [("higher", "Higher Is Better"), ("lower", "Lower Is Better")],
        required=True,
        default="higher",
    )

    is_ranked = fields.Boolean(
        string="On the Leaderboard",
        default=True,
        help="Members of a team see how they stand by it.",
    )

    _code_uniq = models.Constraint(
        "UNIQUE (code)", "An indicator with this code exists already."
    )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        frozen = self.env["stm.measure"].sudo()
        frozen = frozen.search(
            [("indicator_id", "in", self.ids), ("is_frozen", "=", True)], limit=1
        )
        if frozen:
            raise UserError(
                self.env._(
                    "“%s” has figures of closed periods. Archive it instead.",
                    frozen.indicator_id.name,
                )
            )

    # ------------------------------------------------------------
    # Business methods: sources
    # ------------------------------------------------------------

    @api.model
    def _sources(self):
        """{value of the selection: Source} of everything that can be measured.

        Hook: an addon that adds a source adds its entry here.
        """
        return {}

    def _source_gone(self):
        """What ``ondelete`` of a ``selection_add`` calls when its addon goes."""
        self.write({"source": "gone"})

    def _is_measured(self):
        """Whether the code of the source is there."""
        self.ensure_one()
        return self.source in self._sources() and hasattr(self, f"_facts_{self.source}")

    def _check_measured(self):
        for indicator in self:
            if not indicator._is_measured():
                raise UserError(
                    self.env._(
                        "“%s” is no longer measured, because the application it came"
                        " from is not installed. What was measured stays.",
                        indicator.name,
                    )
                )

    def _facts(self, company, date_from, date_to):
        """SQL: rows (id, user_id, team_id, numerator, denominator, key).

        :param date_from: first day, in the time zone of each person
        :param date_to: last day, included
        """
        self.ensure_one()
        self._check_measured()
        return getattr(self, f"_facts_{self.source}")(company, date_from, date_to)

    # ------------------------------------------------------------
    # Business methods: figures and their evidence
    # ------------------------------------------------------------

    def _measure(self, users, company, date_from, date_to):
        """{user: Figure} of all people at once; people without any have zero."""
        self.ensure_one()
        owner = SQL("fact.user_id = ANY(%s)", users.ids)
        rows = self._aggregate(SQL("fact.user_id"), owner, company, date_from, date_to)
        found = {user_id: Figure(*figures) for user_id, *figures in rows}
        empty = Figure(0, 0) if self._sources()[self.source].is_share else Figure()
        return {user: found.get(user.id, empty) for user in users}

    def _measure_teams(self, teams, company, date_from, date_to):
        """Figure of these teams and all teams below them, taken together."""
        self.ensure_one()
        owner = self._owned_by(teams)
        rows = self._aggregate(SQL("NULL"), owner, company, date_from, date_to)
        empty = Figure(0, 0) if self._sources()[self.source].is_share else Figure()
        return Figure(*rows[0][1:]) if rows else empty

    def _aggregate(self, group, owner, company, date_from, date_to):
        """Rows (group, numerator, denominator) of the facts that ``owner`` selects."""
        facts = self._facts(company, date_from, date_to)
        source = self._sources()[self.source]
        if source.is_distinct and source.is_share:
            facts = self._once_sql(
                group, SQL("(%s) fact WHERE %s", facts, owner), SQL("fact")
            )
            group, owner = SQL("fact.owner"), SQL("TRUE")
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                "SELECT %s, %s, SUM(fact.denominator) FROM (%s) fact WHERE %s"
                " GROUP BY 1",
                group,
                SQL("COUNT(DISTINCT fact.key)")
                if source.is_distinct and not source.is_share
                else SQL("SUM(fact.numerator)"),
                facts,
                owner,
            )
        )

    @api.model
    def _once_sql(self, owner, rows, alias):
        """SQL: (owner, key, numerator, denominator) of a distinct share, each key once.

        :param owner: column that says whose the row is
        :param rows: what follows FROM
        :param alias: of the table in ``rows`` that has the facts
        """
        return SQL(
            """
            SELECT %(owner)s AS owner, %(alias)s.key,
                   (MAX(%(alias)s.numerator) > 0
                    AND MAX(%(alias)s.denominator) > 0)::int AS numerator,
                   (MAX(%(alias)s.denominator) > 0)::int AS denominator
              FROM %(rows)s
             GROUP BY 1, 2
            """,
            owner=owner,
            rows=rows,
            alias=alias,
        )

    def _as_compared(self, figure):
        """The figure as targets are compared with it: of an average, the average.

        :return: None if there is nothing to compare
        """
        if self.unit != "average":
            return figure
        if not figure.denominator:
            return None
        return Figure(float(rates.average(figure.numerator, figure.denominator)))

    @api.model
    def _owned_by(self, owner):
        """SQL: facts of people, of teams with the teams below, or of the company."""
        if isinstance(owner, SQL):
            return owner
        if owner._name == "res.users":
            return SQL("fact.user_id = ANY(%s)", owner.ids)
        if owner._name == "res.company":
            return SQL("TRUE")
        return SQL(
            "fact.team_id IN (SELECT below.id FROM crm_team below JOIN crm_team node"
            " ON below.parent_path LIKE node.parent_path || '%%'"
            " WHERE node.id = ANY(%s))",
            owner.ids,
        )

    def _evidence(self, owner, company, date_from, date_to):
        """(model, domain) of the records behind the figure of ``owner``.

        :param owner: people, teams (with all teams below), the company, or SQL over
            the rows ``fact`` of the facts query
        """
        self.ensure_one()
        facts = self._facts(company, date_from, date_to)
        source = self._sources()[self.source]
        own = SQL("SELECT * FROM (%s) fact WHERE %s", facts, self._owned_by(owner))
        in_base = SQL("TRUE")
        if source.is_distinct and source.is_share:
            # What is not in the base does not count, whoever was there.
            in_base = SQL("key IN (SELECT key FROM own WHERE denominator > 0)")
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "WITH own AS (%s) SELECT DISTINCT id FROM own WHERE %s ORDER BY id",
                own,
                in_base,
            )
        )
        return source.model, Domain("id", "in", [id_ for (id_,) in rows])

    def _open_evidence(self, owner, company, date_from, date_to):
        """Window action on the records behind the figure, with the reader's rights."""
        model, domain = self._evidence(owner, company, date_from, date_to)
        return self._open_records(model, domain, self.name)

    @api.model
    def _open_records(self, model, domain, name):
        """Window action on exactly these records, archived ones included."""
        context = {"create": False, "active_test": False}
        if model == "account.move":
            return {
                **self.env["ir.actions.act_window"]._for_xml_id(
                    "account.action_move_out_invoice_type"
                ),
                "name": name,
                "domain": list(domain),
                "context": context,
            }
        view_mode = (
            "list,pivot,graph" if model == "stm.collection" else "list,kanban,form"
        )
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": view_mode,
            "views": [(False, mode) for mode in view_mode.split(",")],
            "domain": list(domain),
            "context": context,
        }
