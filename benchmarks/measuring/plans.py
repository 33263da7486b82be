"""A month of plans for a whole department, as the wizard and the weekly cron propose
them: 500 people with 20,000 customers, against half of the people.

Both go through the same batches, so the memory that a run takes is that of a batch.
"""

from datetime import timedelta

from filling.people import MANAGER, OWNER

from .clock import Call
from .comparison import compare
from .maps import customers, vacuum

SMALL, LARGE = 250, 500
WEEKS = 4
#: Size of the data from which there are so many people.
ENOUGH = 1_000_000


def people(env, number):
    """So many salespeople of the data."""
    users = env["res.users"].search(
        ["|", ("login", "=like", "bench\\_0%"), ("login", "=", OWNER)],
        order="login",
        limit=number,
    )
    assert len(users) == number, f"{len(users)} people, not {number}"
    return users


def prepare(env):
    vacuum(env, "stm_work_plan", "stm_work_plan_line", "stm_work_plan_unplaced")
    customers(env)


def mondays(env):
    """The weeks after the last visit: nobody has planned them yet."""
    env.cr.execute("SELECT DATE_TRUNC('week', MAX(date))::date + 7 FROM stm_visit")
    [first] = env.cr.fetchone()
    return [first + timedelta(weeks=number) for number in range(WEEKS)]


def proposed(number):
    """Number of plans and of lines in them."""

    def run(env):
        env = env(su=True)
        plans = env["stm.work.plan"]._generate(
            people(env, number), env.company, mondays(env)
        )
        env.cr.execute(
            "SELECT COUNT(*) FROM stm_work_plan_line WHERE plan_id = ANY(%s)",
            [plans.ids],
        )
        [lines] = env.cr.fetchone()
        return len(plans), lines

    return run


def check(ours, reference):
    assert ours[0] == LARGE * WEEKS, f"{ours[0]} plans"
    assert reference[0] == SMALL * WEEKS, f"{reference[0]} plans"
    assert reference[1] > reference[0], f"{reference[1]} lines in {reference[0]} plans"


compare(
    f"Plans of {WEEKS} weeks, {LARGE} people and 20,000 customers",
    MANAGER,
    prepare=prepare,
    reference=Call(MANAGER, proposed(SMALL), prepare),
    reference_title=f"Plans of {SMALL} of the people",
    limit=2.3,
    check=check,
    least_size=ENOUGH,
    turns=3,
    same_queries=False,
)(proposed(LARGE))
