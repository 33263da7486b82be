"""Checking in and out at a customer, as the phone of a salesperson sends it.

Compared with a meeting that notifies nobody, the cheapest thing that Odoo itself lets
somebody enter about a visit.
"""

from datetime import datetime, timedelta
from uuid import uuid4

from filling.people import OWNER

from odoo.fields import Command

from .clock import Call
from .comparison import compare

#: About the size of a village: too far to be at the customer.
AWAY = 0.03
PLACE = {"latitude": 31.2304, "longitude": 121.4737}
MEETING = "a meeting that notifies nobody"
#: What is written down before a visit can be finished.
WRITTEN = {"content": "Samples", "result": "Will order", "problem": "none"}

#: Visit prepared for the call that follows, by database.
_prepared: dict[str, int] = {}


def stamp(moment) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def customer(env):
    """The customer visited last, whose place is known."""
    visit = env["stm.visit"].search([("user_id", "=", env.uid)], limit=1)
    visit.partner_id.sudo().write(
        {
            "partner_latitude": PLACE["latitude"],
            "partner_longitude": PLACE["longitude"],
        }
    )
    return visit.partner_id


def planned(env):
    """An open visit of today by somebody who agreed to positions."""
    env.company.sudo().stm_record_positions = True
    env["stm.position.consent"]._stm_give(env.company)
    visit = env["stm.visit"].create(
        {
            "partner_id": customer(env).id,
            "start_at": datetime.now().replace(microsecond=0),
            **WRITTEN,
        }
    )
    settle(env)
    return visit


def settle(env):
    """As if a request had ended here."""
    env.cr.flush()
    env.invalidate_all()


def send(env, kind: str, visit, away=0, reason=None) -> dict:
    now = stamp(datetime.now())
    position = {**PLACE, "accuracy": 10, "at": now}
    position["latitude"] += away
    action = {
        "uuid": str(uuid4()),
        "kind": kind,
        "visit": visit.id,
        "at": now,
        "data": {"position": position, "reason": reason},
    }
    [result] = visit.stm_send([action], sent_at=now)
    assert result["state"] == "done", result
    env.cr.flush()
    return result


def approved(env):
    """The same, in a plan that the leader approved."""
    visit = planned(env)
    plan = env["stm.work.plan"].sudo().search([("user_id", "=", env.uid)], limit=1)
    env.cr.execute(
        "UPDATE stm_visit SET plan_id = %s WHERE id = %s", [plan.id, visit.id]
    )
    env.cr.execute(
        "UPDATE stm_work_plan SET state = 'approved' WHERE id = %s", [plan.id]
    )
    settle(env)
    return visit


def prepared(env):
    return env["stm.visit"].browse(_prepared[env.cr.dbname])


def meeting(env):
    """Two hours with one customer, without an invitation."""
    start = datetime.now().replace(microsecond=0)
    quiet = env["calendar.event"].with_context(
        no_mail_to_attendees=True, dont_notify=True
    )
    found = prepared(env).partner_id
    quiet.create(
        {
            "name": "Visit",
            "start": start,
            "stop": start + timedelta(hours=2),
            "partner_ids": [Command.set((env.user.partner_id | found).ids)],
        }
    )
    env.cr.flush()


def prepare(env):
    _prepared[env.cr.dbname] = approved(env).id


def prepare_off_plan(env):
    _prepared[env.cr.dbname] = planned(env).id


def prepare_on_site(env):
    prepare(env)
    send(env, "check_in", prepared(env))
    settle(env)


REFERENCE = {
    "reference": Call(OWNER, meeting, prepare),
    "reference_title": MEETING,
    "limit": 1.0,
    "growth": 1.5,
}

UNEXPECTED = {**REFERENCE, "reference": Call(OWNER, meeting, prepare_off_plan)}


@compare("Check in by phone", OWNER, prepare, **REFERENCE)
def check_in(env):
    send(env, "check_in", prepared(env))


@compare(
    "Check in away from the customer, in no plan",
    OWNER,
    prepare_off_plan,
    **UNEXPECTED,
)
def check_in_away(env):
    send(env, "check_in", prepared(env), AWAY, "At the fair")


@compare("Check out by phone", OWNER, prepare_on_site, **REFERENCE)
def check_out(env):
    send(env, "check_out", prepared(env))
