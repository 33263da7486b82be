"""Fill a database with a sales department: python benchmarks/generate.py --help"""

import argparse
import random
import sys
import time
from dataclasses import fields
from datetime import date

from filling.copying import Copier
from filling.customers import Customers
from filling.money import Money
from filling.parameters import Parameters
from filling.people import Organisation
from filling.visits import Visits
from filling.weeks import Weeks

import odoo
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config


def main(arguments: list[str]) -> None:
    options = parse(arguments)
    config.parse_config(
        ["-c", options.config, "-d", options.database, "--log-level", "warn"]
    )
    values = {f.name: getattr(options, f.name) for f in fields(Parameters)}
    with Registry(options.database).cursor() as cr:
        fill(api.Environment(cr, SUPERUSER_ID, {}), Parameters(**values))
    vacuum(options.database)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True, help="configuration file of Odoo")
    parser.add_argument("--database", required=True, help="has the addons installed")
    for parameter in fields(Parameters):
        kind = date.fromisoformat if parameter.type is date else parameter.type
        name = "--" + parameter.name.replace("_", "-")
        parser.add_argument(name, type=kind, default=parameter.default)
    return parser.parse_args(arguments)


def fill(env, parameters: Parameters) -> None:
    """Everything in one transaction: a database is filled wholly or not at all."""
    if not env["account.journal"].search_count([("type", "=", "bank")]):
        raise SystemExit("This database has no chart of accounts: install one.")
    env = env(context={"tracking_disable": True, "mail_create_nolog": True})
    trust_the_rows(env.cr)
    rng, copier = random.Random(parameters.seed), Copier(env.cr)
    rooms = (env, parameters, copier, rng)
    organisation, customers = Organisation(*rooms), Customers(*rooms)
    weeks, visits, money = Weeks(*rooms), Visits(*rooms), Money(*rooms)
    report("people", organisation.fill)
    report("customers", customers.fill, organisation)
    report("weeks", weeks.fill, organisation)
    report("visits", visits.fill, organisation, customers, weeks)
    report("orders, invoices, payments", money.fill, organisation, customers)
    copier.finish()
    env.registry.clear_all_caches()


def trust_the_rows(cr) -> None:
    """Skip the check of foreign keys, which takes most of the time, where the role may
    do so. Small databases are checked, and are made by the same code."""
    cr.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if cr.fetchone()[0]:
        cr.execute("SET LOCAL session_replication_role = replica")


def report(title: str, step, *arguments) -> None:
    start = time.monotonic()
    step(*arguments)
    print(f"  {title}: {time.monotonic() - start:.1f} s", flush=True)


def vacuum(database: str) -> None:
    """What autovacuum does to such a database overnight: statistics, and which pages
    everybody sees."""
    start = time.monotonic()
    connection = odoo.sql_db.db_connect(database)
    with connection.cursor() as cr:
        cr.commit()
        cr._cnx.autocommit = True
        cr.execute("VACUUM ANALYZE")
        cr._cnx.autocommit = False
    print(f"  vacuum and statistics: {time.monotonic() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
