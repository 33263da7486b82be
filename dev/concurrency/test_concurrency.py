"""Scheduled actions on several cursors at once, and killed in the middle.

One copy of the same department a way of running them. The jobs run in this order, each
on what the one before has left; after each, the copies hold the same.
"""

import logging
from datetime import date
from types import SimpleNamespace

import pytest
import traces
from freezegun import freeze_time
from workers import (
    Ahead,
    Behind,
    InStep,
    lead,
    run_alone,
    run_and_kill,
    run_both,
)
from workshop import config, database, templates

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.service import model as service
from odoo.tools import config as odoo_config

#: Mistakes that PostgreSQL refuses and that are tried again.
RETRIED = (
    "could not serialize access",
    "deadlock detected",
    "stm_event_key_uniq",
    "stm_work_plan_uniq",
)


def raise_events(env):
    def work():
        env["stm.event"]._raise(
            [
                {
                    "key": f"both:{number}",
                    "type": "weak_score",
                    "user_id": user.id,
                    "company_id": env.company.id,
                    "date": "2026-04-08",
                    "note": "Raised by both",
                }
                for number, user in enumerate(
                    env["res.users"].search([("login", "like", "stm_p_")], order="id")
                )
            ]
        )
        return 1

    env["ir.cron"]._stm_do(work)


#: Jobs whose workers take what no other one holds, and so never get in each other's
#: way. Duties are first opened, which the second worker does anew, and meet in the rows
#: of a person; how often depends on how busy the machine is.
SHARED = {"memberships": 0, "measures": 0, "appraisals": 0, "duties": 8, "plans": 0}
#: Batches small enough that each job takes several of them.
JOBS = {
    "memberships": lambda env: env["crm.team.member"]._cron_follow_dates(3),
    "stand-ins": lambda env: env["stm.substitution"]._cron_begin(),
    "duties": lambda env: env["stm.duty.item"]._cron_run(7),
    "events": raise_events,
    "measures": lambda env: env["stm.measure"]._cron_refresh(20),
    "appraisals": lambda env: env["stm.appraisal"]._cron_run(4),
    "plans": lambda env: env["stm.work.plan"]._cron_propose(3),
}
#: What each job changes; one that changes nothing here would prove nothing.
CHANGES = {
    "memberships": {"memberships", "roles", "duties"},
    "stand-ins": {"stand-ins", "activities"},
    "duties": {"duties", "events", "activities"},
    "events": {"events"},
    "measures": {"tasks", "figures", "corrections"},
    "appraisals": {"sheets", "lines", "parts", "duties"},
    "plans": {"plans", "routes"},
}
#: Monday of the week that is proposed.
NEXT_WEEK = date(2026, 4, 13)


@pytest.fixture(scope="module", autouse=True)
def quick_retries():
    """The same random wait as in Odoo, only shorter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "random", SimpleNamespace(uniform=lambda *_: 0.02))
        yield


@pytest.fixture(scope="module")
def department():
    """The database that the others are copied from."""
    name = database.name("concurrency")
    database.copy(templates.with_addons(), name)
    odoo_config.parse_config(
        ["-c", str(config.write()), "-d", name, "--no-http"], setup_logging=False
    )
    from department import MORNING, Department

    with Registry(name).cursor() as cr:
        Department.fill(api.Environment(cr, SUPERUSER_ID, {}))
    leave(name)
    with freeze_time(MORNING):
        yield name
    database.drop(name)


def leave(name):
    Registry.delete(name)
    sql_db.close_db(name)


@pytest.fixture(scope="module")
def copies(department):
    """{way of running: copy of the department}"""
    names = {way: f"{department}_{way}" for way in ["alone", *WAYS]}
    for name in names.values():
        database.copy(department, name)
    yield names
    for name in names.values():
        leave(name)
        database.drop(name)


@pytest.fixture(scope="module")
def expected(copies):
    """{job: what one worker leaves behind that nobody disturbs}"""
    found = {"": read(copies["alone"])}
    for title, job in JOBS.items():
        run_alone(copies["alone"], job)
        found[title] = read(copies["alone"])
    return found


def read(name):
    with Registry(name).cursor() as cr:
        return traces.read(cr)


def at_once(name, job, monkeypatch):
    """Every transaction of one worker overlaps with one of the other."""
    lead(name, monkeypatch)
    run_both(InStep(name, job), InStep(name, job))


def behind(name, job, monkeypatch):
    """One worker always acts on what was there before the other one's commit."""
    lead(name, monkeypatch)
    run_both(Ahead(name, job), Behind(name, job))


def killed(name, job, monkeypatch):
    """Killed before a commit, after one, and in the middle of the second batch."""
    assert run_and_kill(name, job, before=True)
    assert run_and_kill(name, job, before=False)
    run_and_kill(name, job, before=True, nth=2)
    run_alone(name, job)


WAYS = {way.__name__: way for way in (at_once, behind, killed)}


@pytest.mark.parametrize("job", JOBS)
def test_the_job_changes_something(expected, job):
    before = [*expected.values()][[*expected].index(job) - 1]
    changed = {what for what, rows in expected[job].items() if rows != before[what]}
    assert changed >= CHANGES[job]


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("way", WAYS)
def test_leaves_the_same_behind(copies, expected, way, job, monkeypatch, caplog):
    name = copies[way]
    with caplog.at_level(logging.WARNING):
        WAYS[way](name, JOBS[job], monkeypatch)
    assert traces.differences(read(name), expected[job]) == {}
    loud = [record.getMessage() for record in caplog.records]
    assert [text for text in loud if not any(why in text for why in RETRIED)] == []
    if way == "at_once" and job in SHARED:
        assert len(loud) <= SHARED[job], "the workers do not share, they collide"


@pytest.fixture
def at_work(department, monkeypatch):
    """A copy in which somebody does something right after a job has looked."""
    name = f"{department}_at_work"
    database.copy(department, name)
    lead(name, monkeypatch)
    yield name
    leave(name)
    database.drop(name)


def as_person(act):
    """A job of the first salesperson, who needs one transaction."""

    def job(env):
        user = env["res.users"].search([("login", "=", "stm_p0")])

        def work():
            act(env["stm.work.plan"].with_user(user))
            return 1

        env["ir.cron"]._stm_do(work)

    return job


def draft(plans):
    plans.create(
        {
            "date_from": NEXT_WEEK,
            "point_ids": [(0, 0, {"name": "Win back Customer 1"})],
        }
    )


def plan_of(plans):
    domain = [("user_id", "=", plans.env.uid), ("date_from", "=", NEXT_WEEK)]
    return plans.search(domain)


def propose(plans):
    plan_of(plans).action_propose()


def submit(plans):
    plan_of(plans).action_submit()


def read_plans(name):
    """{person: (lines, key points, state) of each plan of next week}"""
    with Registry(name).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        plans = env["stm.work.plan"].search([("date_from", "=", NEXT_WEEK)])
        return {
            user.login: [
                (len(plan.line_ids), len(plan.point_ids), plan.state) for plan in own
            ]
            for user, own in plans.grouped("user_id").items()
        }


def test_who_starts_the_same_plan_stops_nobody_else(at_work):
    run_both(Ahead(at_work, as_person(draft)), Behind(at_work, JOBS["plans"]))
    plans = read_plans(at_work)
    assert plans.pop("stm_p0") == [(0, 1, "draft")]
    assert len(plans) == 7, "the others have no plan"
    assert all(len(own) == 1 and own[0][0] for own in plans.values())


def test_a_proposal_pressed_twice_is_made_once(at_work):
    run_alone(at_work, as_person(draft))
    run_both(Ahead(at_work, as_person(propose)), Behind(at_work, as_person(propose)))
    [(lines, _points, _state)] = read_plans(at_work)["stm_p0"]
    assert lines == 9, "two rounds of three customers on three days in all"


def test_nothing_is_proposed_into_a_plan_that_was_just_submitted(at_work):
    run_alone(at_work, as_person(draft))
    generate = as_person(
        lambda plans: plans._generate(plans.env.user, plans.env.company, [NEXT_WEEK])
    )
    run_both(Ahead(at_work, as_person(submit)), Behind(at_work, generate))
    assert read_plans(at_work)["stm_p0"] == [(0, 1, "submitted")]
