"""What a phone sends, from two tabs or two phones at the same moment."""

import logging
import threading
from types import SimpleNamespace
from uuid import uuid4

import pytest
from workshop import config, database, templates

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.service import model as service
from odoo.tools import config as odoo_config

SECONDS = 60


@pytest.fixture(scope="module")
def phone():
    """A database with a salesperson who has two open visits today."""
    name = database.name("phone")
    database.copy(templates.with_addons(), name)
    odoo_config.parse_config(
        ["-c", str(config.write()), "-d", name, "--no-http"], setup_logging=False
    )
    yield prepare(name)
    Registry.delete(name)
    sql_db.close_db(name)
    database.drop(name)


def prepare(name):
    from odoo.addons.sales_team_mgmt.tests.common import StmCase

    with Registry(name).cursor() as cr:
        StmCase.env = api.Environment(cr, SUPERUSER_ID, {"no_reset_password": True})
        StmCase.company = StmCase.env.company
        user = StmCase.person("caller", "group_salesperson")
        StmCase.join(user, StmCase.team("Phones"))
        partners = StmCase.env["res.partner"].create(
            [{"name": f"Shop {number}"} for number in range(2)]
        )
        visits = StmCase.env["stm.visit"].with_user(user)
        visits = visits.create([{"partner_id": partner.id} for partner in partners])
        return SimpleNamespace(name=name, user_id=user.id, visit_ids=visits.ids)


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch):
    """The same random wait as in Odoo, only shorter."""
    monkeypatch.setattr(service, "random", SimpleNamespace(uniform=lambda *_: 0.02))


def action(phone, kind, visit_id, **data):
    with Registry(phone.name).cursor() as cr:
        cr.execute("SELECT now() AT TIME ZONE 'UTC'")
        (now,) = cr.fetchone()
    return {
        "uuid": str(uuid4()),
        "kind": kind,
        "visit": visit_id,
        "at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data": data,
    }


def send_at_once(phone, *actions):
    """Each action in a call of its own, all of them on the same snapshot.

    :return: (the results, how often a call was begun)
    """
    together = threading.Barrier(len(actions), timeout=SECONDS)
    results, begun, errors = {}, [], []

    def call(number):
        threading.current_thread().dbname = phone.name
        try:
            with Registry(phone.name).cursor() as cr:
                env = api.Environment(cr, phone.user_id, {})
                first = [True]

                def work():
                    begun.append(number)
                    env.cr.execute("SELECT COUNT(*) FROM stm_client_action")
                    if first:
                        first.clear()
                        together.wait()
                    return env["stm.visit"].stm_send([actions[number]])

                [results[number]] = service.retrying(work, env)
        except Exception as error:  # the test reports whatever it was
            errors.append(error)

    threads = [
        threading.Thread(target=call, args=[number], daemon=True)
        for number in range(len(actions))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert not errors
    return [results[number] for number in range(len(actions))], len(begun)


def count(phone, model, **values):
    with Registry(phone.name).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        return env[model].search_count([(name, "=", values[name]) for name in values])


def test_the_same_action_from_two_tabs_is_carried_out_once(phone, caplog):
    visit_id = phone.visit_ids[0]
    seen = action(phone, "competitor", visit_id, name="Other tea")
    with caplog.at_level(logging.WARNING):
        results, begun = send_at_once(phone, seen, seen)
    assert sorted(result["state"] for result in results) == ["done", "known"]
    assert begun == 3, "the second call was not made anew"
    assert {result["visit_id"] for result in results} == {visit_id}
    assert count(phone, "stm.visit.competitor", visit_id=visit_id) == 1
    assert count(phone, "stm.client.action", uuid=seen["uuid"]) == 1


def test_nobody_is_at_two_customers_at_once(phone):
    check_ins = [action(phone, "check_in", visit_id) for visit_id in phone.visit_ids]
    results, _begun = send_at_once(phone, *check_ins)
    assert sorted(result["state"] for result in results) == ["done", "refused"]
    [sentence] = [result["message"] for result in results if result["message"]]
    assert "checked in at" in sentence
    assert count(phone, "stm.visit", state="started", user_id=phone.user_id) == 1
