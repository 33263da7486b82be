"""The demo company: a database that is kept, and a server on it."""

import os

from . import addons, database, host, server, templates
from .console import say, step

DATABASE_KIND = "demo"
DEFAULT_PORT = 8069

#: Where Odoo and wkhtmltopdf find the server; frozen, or the first login would replace
#: it.
ADDRESS_SQL = """
    INSERT INTO ir_config_parameter (key, value)
    VALUES ('web.base.url', 'http://localhost:{port}'),
           ('report.url', 'http://127.0.0.1:{port}'),
           ('web.base.url.freeze', 'True')
    ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value
"""

#: Each demo user of ours with the highest of our groups, which is the one that implies
#: most of the others.
LOGINS_SQL = """
    WITH RECURSIVE our_group AS (
        SELECT res_id AS id FROM ir_model_data
        WHERE module LIKE 'sales\\_team\\_mgmt%' AND model = 'res.groups'
    ), implied AS (
        SELECT id AS group_id, id AS implied_id FROM our_group
        UNION
        SELECT implied.group_id, rel.hid
        FROM implied JOIN res_groups_implied_rel rel ON rel.gid = implied.implied_id
    ), height AS (
        SELECT group_id, count(*) AS implied_groups
        FROM implied JOIN our_group ON our_group.id = implied.implied_id
        GROUP BY group_id
    )
    SELECT partner.name, users.login, COALESCE((
        SELECT groups.name ->> 'en_US'
        FROM res_groups_users_rel membership
        JOIN height ON height.group_id = membership.gid
        JOIN res_groups groups ON groups.id = membership.gid
        WHERE membership.uid = users.id
        ORDER BY height.implied_groups DESC, groups.sequence DESC, groups.id DESC
        LIMIT 1
    ), '-')
    FROM res_users users
    JOIN res_partner partner ON partner.id = users.partner_id
    JOIN ir_model_data data ON data.res_id = users.id AND data.model = 'res.users'
    WHERE data.module LIKE 'sales\\_team\\_mgmt%' AND users.active
    ORDER BY users.id
"""


def name() -> str:
    return database.name(DATABASE_KIND)


def port() -> int:
    return int(os.environ.get("PORT") or DEFAULT_PORT)


def check_port() -> None:
    """Notice a taken port before the long way to the demo company, not after."""
    if not server.running():
        host.check_port_free(port())


def ensure_database() -> None:
    """Keep the demo database as it is; upgrade it when an addon changed since."""
    if not database.exists(name()):
        source = templates.with_addons(demo=True)
        with step("Copying the demo company"):
            database.make(name(), lambda _part: None, source=source)
    elif database.note(name()) != addons.fingerprint():
        server.stop()
        with step("Upgrading our addons in the demo company"):
            server.bring_in(name(), addons.names(), upgrade=True, demo=True)
    database.set_note(name(), addons.fingerprint())


def run() -> None:
    """Bring the server up on the demo company and say how to log in."""
    ensure_database()
    if not (server.running() and server.answers(port())):
        server.stop()
        database.query(ADDRESS_SQL.format(port=port()), name())
        with step("Starting Odoo"):
            server.start(name(), port())
    print_logins()


def print_logins() -> None:
    say(f"\nOdoo 19 runs on http://localhost:{port()}  (stop it with `make stop`)\n")
    rows = [("Name", "Login", "Password", "Role"), *logins()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  " + "  ".join(cells).rstrip())


def logins() -> list[tuple[str, str, str, str]]:
    """Name, login, password and role; the password of a demo user is the login."""
    found = (
        line.split("|") for line in database.query(LOGINS_SQL, name()).splitlines()
    )
    users = [(user, login, login, role) for user, login, role in found]
    return [*users, ("Administrator", "admin", "admin", "Administrator")]
