"""One view of the map with 20,000 customers, against the GROUP BY behind it.

The reference is what the answer cannot do without: the same cells, counted by
PostgreSQL alone; without record rules, classes, names and edges of the cells.

A view of one city shows a hundredth of them, which PostgreSQL counts in a millisecond;
asking the record rules takes longer. There the reference is Odoo's own GROUP BY.
"""

import json

from filling.people import MANAGER

from odoo.sql_db import db_connect

from .clock import Call
from .comparison import compare

CUSTOMERS = 20_000
#: Most bytes of the answer on its way to the browser.
BYTES = 200_000
#: A desktop that shows all the cities, and one that shows one of them.
COUNTRY = ({"south": 22, "west": 102, "north": 41, "east": 121}, 6)
CITY = ({"south": 23.9, "west": 103.9, "north": 24.7, "east": 104.7}, 11)


def vacuum(env, *tables: str) -> None:
    """Clear away what the last call rolled back, which would slow down the next."""
    with db_connect(env.cr.dbname).cursor() as cr:
        cr._cnx.autocommit = True
        cr.execute(f"VACUUM {', '.join(tables)}")
        cr._cnx.autocommit = False


def customers(env) -> None:
    """As many as it takes, copies of those that are there, in their cities."""
    vacuum(env, "res_partner")
    env.cr.execute(
        """SELECT string_agg(quote_ident(column_name), ', ')
             FROM information_schema.columns
            WHERE table_name = 'res_partner' AND table_schema = current_schema
              AND column_name NOT IN ('id', 'partner_latitude', 'partner_longitude')"""
    )
    [columns] = env.cr.fetchone()
    env.cr.execute("SELECT COUNT(*) FROM res_partner WHERE partner_latitude <> 0")
    [there] = env.cr.fetchone()
    env.cr.execute(
        f"""INSERT INTO res_partner ({columns}, partner_latitude, partner_longitude)
            SELECT {columns}, partner_latitude + turn * 0.0007,
                   partner_longitude + turn * 0.0003
              FROM res_partner, generate_series(1, %s) turn
             WHERE partner_latitude <> 0
             ORDER BY turn, id LIMIT %s""",
        [CUSTOMERS // there + 1, max(0, CUSTOMERS - there)],
    )


def view(bounds, zoom):
    return lambda env: env["res.partner"].stm_map_customers(bounds, zoom, {})


def group_by(bounds, zoom):
    """The same cells: 64 pixels wide, the world 256 at zoom 0."""
    parameters = {**bounds, "cells": 4 << zoom}

    def run(env):
        env.cr.execute(
            """SELECT FLOOR((partner_longitude::float8 + 180) / 360 * %(cells)s)::int,
                      FLOOR((0.5 - ASINH(TAND(partner_latitude::float8))
                             / (2 * PI())) * %(cells)s)::int,
                      COUNT(*), AVG(partner_latitude::float8),
                      AVG(partner_longitude::float8)
                 FROM res_partner
                WHERE active AND partner_latitude BETWEEN %(south)s AND %(north)s
                  AND partner_longitude BETWEEN %(west)s AND %(east)s
                  AND (partner_latitude <> 0 OR partner_longitude <> 0)
                GROUP BY 1, 2""",
            parameters,
        )
        return env.cr.fetchall()

    return run


def grouped(bounds, _zoom):
    """The customers of a view by their cities, by Odoo."""
    domain = [
        ("partner_latitude", ">=", bounds["south"]),
        ("partner_latitude", "<=", bounds["north"]),
        ("partner_longitude", ">=", bounds["west"]),
        ("partner_longitude", "<=", bounds["east"]),
        ("partner_share", "=", True),
    ]
    aggregates = ["__count", "partner_latitude:avg", "partner_longitude:avg"]

    def run(env):
        rows = env["res.partner"]._read_group(
            domain, ["city", "stm_class_id"], aggregates
        )
        return [(city, kind.id, *values) for city, kind, *values in rows]

    return run


def check(ours, reference):
    counted = sum(row[2] for row in reference)
    assert ours["count"] == counted, f"{ours['count']} customers, {counted} by SQL"
    size = len(json.dumps(ours))
    assert size <= BYTES, f"{size:,} bytes, {BYTES:,} allowed"


for where, shown, count, title in (
    ("country", COUNTRY, group_by, "GROUP BY of the same cells"),
    ("city", CITY, grouped, "Odoo's GROUP BY of the same customers"),
):
    compare(
        f"Map of a {where}, 20,000 customers",
        MANAGER,
        prepare=customers,
        reference=Call(MANAGER, count(*shown), customers),
        reference_title=title,
        limit=1.5,
        check=check,
        turns=7,
        # Customers that stand alone are read for their names.
        same_queries=False,
    )(view(*shown))
