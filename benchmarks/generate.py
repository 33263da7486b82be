"""Fill a database with a sales department: python benchmarks/generate.py --help"""

import argparse
import random
import sys
import time
from dataclasses import fields
from datetime import date

from filling.contacts import Contacts
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

#: Filled without their indexes and foreign keys.
LARGE_TABLES = (
    *("stm_work_plan", "stm_work_plan_point", "stm_work_report", "stm_duty_item"),
    *("stm_approval", "stm_approval_line"),
    *("stm_visit", "stm_work_plan_line", "sale_order", "sale_order_line"),
    *("stm_contact_log", "stm_promise", "stm_spot_check"),
    *("account_move", "account_move_line", "account_bank_statement_line"),
    *("account_partial_reconcile", "account_full_reconcile"),
)


def main(arguments: list[str]) -> None:
    options = parse(arguments)
    config.parse_config(
        ["-c", options.config, "-d", options.database, "--log-level", "warn"]
    )
    values = {f.name: getattr(options, f.name) for f in fields(Parameters)}
    with Registry(options.database).cursor() as cr:
        fill(api.Environment(cr, SUPERUSER_ID, {}), Parameters.of_size(**values))
    vacuum(options.database)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True, help="configuration file of Odoo")
    parser.add_argument("--database", required=True, help="has the addons installed")
    for parameter in fields(Parameters):
        kind = date.fromisoformat if parameter.type is date else parameter.type
        name = "--" + parameter.name.replace("_", "-")
        parser.add_argument(name, type=kind, required=parameter.name == "visits")
    return parser.parse_args(arguments)


def fill(env, parameters: Parameters) -> None:
    """Everything in one transaction: a database is filled wholly or not at all."""
    if not env["account.journal"].search_count([("type", "=", "bank")]):
        raise SystemExit("This database has no chart of accounts: install one.")
    env = env(context={"tracking_disable": True, "mail_create_nolog": True})
    rng, copier = random.Random(parameters.seed), Copier(env.cr)
    rooms = (env, parameters, copier, rng)
    organisation, customers = Organisation(*rooms), Customers(*rooms)
    weeks, visits, money = Weeks(*rooms), Visits(*rooms), Money(*rooms)
    contacts = Contacts(*rooms)
    report("people", organisation.fill)
    report("customers", customers.fill, organisation)
    with copier.bare(*LARGE_TABLES):
        report("weeks", weeks.fill, organisation)
        report("visits", visits.fill, organisation, customers, weeks)
        report("orders, invoices, payments", money.fill, organisation, customers)
        report("calls, promises, checks", contacts.fill, organisation, customers)
        start = time.monotonic()
    print(f"  indexes and foreign keys: {time.monotonic() - start:.1f} s", flush=True)
    copier.finish()
    env.registry.clear_all_caches()


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
