"""Installing, upgrading, uninstalling and reinstalling our addons.

The tests run in this order; those on the demo company share one database.
"""

import json
import subprocess
from pathlib import Path

import pytest
from workshop import addons, catalogues, database, i18n, server, templates
from workshop.console import run_logged
from workshop.log_gate import complaints
from workshop.paths import LOGS, ROOT

ORDERS = """
import json
from odoo import Command
admin = env.ref("base.user_admin")
orders = env["sale.order"].with_user(admin)
views = orders.get_views([(False, "list"), (False, "form")])
names = [order["display_name"] for order in orders.search_read([])]
customer = env["res.partner"].with_user(admin).create({"name": "Customer"})
product = env["product.product"].search([("sale_ok", "=", True)], limit=1)
lines = [Command.create({"product_id": product.id})]
order = orders.create({"partner_id": customer.id, "order_line": lines})
order.action_confirm()
print("RESULT", json.dumps({"read": len(names), "state": order.state}))
"""
#: Where a trace of an uninstalled addon could be left.
TRACES = {
    "tables": r"""
        SELECT table_name FROM information_schema.tables
        WHERE table_schema = 'public' AND table_name LIKE 'stm\_%'""",
    "columns": r"""
        SELECT table_name || '.' || column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name LIKE 'stm\_%'""",
    "models": r"SELECT model FROM ir_model WHERE model LIKE 'stm.%'",
    "fields": r"""
        SELECT model || '.' || name FROM ir_model_fields WHERE name LIKE 'stm\_%'""",
    "records": r"""
        SELECT module || '.' || name FROM ir_model_data
        WHERE module LIKE '%sales\_team\_mgmt%' AND module <> 'base'""",
    "attachments": r"SELECT name FROM ir_attachment WHERE res_model LIKE 'stm.%'",
    "messages": r"SELECT id FROM mail_message WHERE model LIKE 'stm.%'",
    "activities": r"SELECT id FROM mail_activity WHERE res_model LIKE 'stm.%'",
    "parameters": r"""
        SELECT key FROM ir_config_parameter
        WHERE key LIKE 'stm%' OR key LIKE '%sales\_team\_mgmt%'""",
    "scheduled actions": r"SELECT id FROM ir_act_server WHERE code LIKE '%stm%'",
    "views": r"SELECT name FROM ir_ui_view WHERE arch_db ->> 'en_US' LIKE '%stm\_%'",
}


@pytest.fixture(scope="module")
def company():
    """A copy of the demo company with our addons."""
    name = database.name("lifecycle")
    database.copy(templates.with_addons(demo=True), name)
    yield name
    database.drop(name)


def expect_silence(log: Path) -> None:
    """Fail with every warning in the log that concerns us."""
    found = complaints(log)
    assert not found, "\n" + "\n".join(found)


def read_orders(name: str) -> dict:
    """Open and confirm orders the way the administrator does."""
    shell = server.command("shell", name, "--no-http", "--log-level", "warn")
    result = subprocess.run(
        shell, input=ORDERS, text=True, capture_output=True, cwd=ROOT
    )
    lines = [line for line in result.stdout.splitlines() if line.startswith("RESULT ")]
    assert lines, result.stderr
    return json.loads(lines[-1].removeprefix("RESULT "))


@pytest.mark.parametrize("demo", [False, True], ids=["without demo", "with demo"])
def test_installs_in_silence(demo):
    templates.with_addons(demo)
    expect_silence(LOGS / f"{templates.install_log(demo)}.log")


def test_every_addon_is_installed(company):
    states = database.query(
        "SELECT name || ' ' || state FROM ir_module_module"
        r" WHERE name LIKE '%sales\_team\_mgmt%' AND state <> 'installed'",
        company,
    )
    assert states == ""


@pytest.mark.parametrize("addon", addons.all_addons(), ids=addons.names())
def test_translation_template_is_up_to_date(addon, exported):
    terms = catalogues.terms(exported / f"{addon.name}.pot")
    known = catalogues.terms(catalogues.template_of(addon))
    assert terms == known, "run `make i18n`"


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return i18n.export(tmp_path_factory.mktemp("i18n"))


def test_upgrades_in_silence(company):
    log = server.bring_in(
        company, addons.names(), upgrade=True, log="lifecycle-upgrade"
    )
    expect_silence(log)


def test_uninstalls_without_a_trace(company):
    uninstall = server.command("module", company)
    uninstall[4:4] = ["uninstall"]
    log = run_logged([*uninstall, *addons.names()], "lifecycle-uninstall", cwd=ROOT)
    traces = {
        what: database.query(sql, company).split() for what, sql in TRACES.items()
    }
    assert {what: found for what, found in traces.items() if found} == {}
    expect_silence(log)


def test_orders_work_without_our_addons(company):
    orders = read_orders(company)
    assert orders["read"] > 0
    assert orders["state"] == "sale"


def test_reinstalls_in_silence(company):
    log = server.bring_in(company, addons.names(), log="lifecycle-reinstall", demo=True)
    expect_silence(log)
