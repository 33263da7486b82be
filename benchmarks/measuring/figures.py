"""All figures of a month: measured by us, and by SQL written as plainly as possible.

A file of ``reference`` selects the facts of one indicator; ``_sums.sql``,
``_distinct.sql`` and ``_distinct_share.sql`` add them up for people, teams and the
company. Our figures must equal them, person by person and team by team.
"""

from functools import cache
from pathlib import Path

from filling.people import MANAGER

from .clock import Call
from .comparison import COMPARISONS, Comparison

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
#: Amounts are sums of cents that Odoo stores as numbers with a point.
TOLERANCE = 0.005
#: Where reading the documents takes most of the time.
LIMIT_FROM = 1_000_000


def last_month(env):
    """The month of the last visit, as a period of the company."""
    env.cr.execute("SELECT MAX(date) FROM stm_visit")
    (day,) = env.cr.fetchone()
    domain = [("kind", "=", "month"), ("date_from", "=", day.replace(day=1))]
    return env["stm.period"].sudo().search(domain, limit=1)


def indicators(env):
    """Those with a reference; an addon that adds one adds its file."""
    known = [file.stem for file in REFERENCE.glob("[!_]*.sql")]
    return env["stm.indicator"].sudo().search([("source", "in", known)], order="code")


def compute(env) -> dict:
    """{source: figures} by our engine, without storing them."""
    period, measure = last_month(env), env["stm.measure"].sudo()
    return {
        indicator.source: figures(
            (kind, user_id or team_id, numerator, denominator)
            for kind, user_id, team_id, numerator, denominator in env.execute_query(
                measure._compute_sql(indicator, period.company_id, period)
            )
        )
        for indicator in indicators(env)
    }


def compute_and_store(env) -> None:
    """The same, stored as the nightly run does."""
    env["stm.measure"].sudo()._refresh(last_month(env), indicators(env))


def plainly(env) -> dict:
    """{source: figures} by the reference."""
    period = last_month(env)
    values = {
        "company": period.company_id.id,
        "date_from": period.date_from,
        "date_to": period.date_to,
    }
    found = {}
    for indicator in indicators(env):
        env.cr.execute(statement(indicator.source), values)
        found[indicator.source] = figures(env.cr.fetchall())
    return found


@cache
def statement(source: str) -> str:
    facts = (REFERENCE / f"{source}.sql").read_text(encoding="utf-8")
    kind = "_sums"
    if facts.startswith("-- distinct share"):
        kind = "_distinct_share"
    elif facts.startswith("-- distinct"):
        kind = "_distinct"
    owners = (REFERENCE / f"{kind}.sql").read_text(encoding="utf-8")
    return f"WITH facts AS (\n{facts})\n{owners}"


def figures(rows) -> dict:
    """{(kind, owner): (numerator, denominator)} of those who have any."""
    return {
        (kind, owner_id): (float(numerator or 0), float(denominator or 0))
        for kind, owner_id, numerator, denominator in rows
        if numerator or denominator
    }


def check(ours: dict, reference: dict) -> None:
    for source, expected in reference.items():
        found = ours[source]
        assert found, f"{source}: the data has no such figures"
        assert found.keys() == expected.keys(), (
            f"{source}: other owners {list(found.keys() ^ expected.keys())[:5]}"
        )
        for owner, values in expected.items():
            differences = map(lambda a, b: abs(a - b), found[owner], values)
            assert max(differences) < TOLERANCE, (
                f"{source} of {owner}: {found[owner]} instead of {values}"
            )


def stored(env) -> dict:
    """Figures as they are stored, for the comparison with the computed ones."""
    period = last_month(env)
    compute_and_store(env)
    env.cr.execute(
        """
        SELECT indicator.source, measure.owner_kind,
               CASE measure.owner_kind WHEN 'user' THEN measure.user_id
                                       WHEN 'team' THEN measure.team_id END,
               measure.numerator, measure.denominator
          FROM stm_measure measure
          JOIN stm_indicator indicator ON indicator.id = measure.indicator_id
         WHERE measure.period_id = %s
        """,
        [period.id],
    )
    rows = env.cr.fetchall()
    return {
        source: figures(row[1:] for row in rows if row[0] == source)
        for source in {row[0] for row in rows}
    }


COMPARISONS += [
    Comparison(
        "All figures of a month, computed",
        Call(MANAGER, compute),
        reference=Call(MANAGER, plainly),
        reference_title="The same by plain SQL",
        limit=1.5,
        limit_from=LIMIT_FROM,
        turns=5,
        check=check,
    ),
    Comparison(
        "All figures of a month, computed and stored",
        Call(MANAGER, compute_and_store),
        reference=Call(MANAGER, plainly),
        reference_title="Computed only, by plain SQL",
        limit=3.0,
        limit_from=LIMIT_FROM,
        turns=5,
        verify=Call(MANAGER, stored),
        check=check,
    ),
]
