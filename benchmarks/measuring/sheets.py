"""Opening and computing the appraisal sheets of a month, against bare creation.

The reference creates as many records through the ORM, with the values that they end up
with: nothing is looked for, measured, scored or explained.
"""

from filling.people import MANAGER

from odoo.models import BaseModel

from .clock import Call
from .comparison import compare

SMALL, LARGE = 500, 1_000
#: Size of the data from which there are so many people.
ENOUGH = 1_000_000
MODELS = ("stm.appraisal", "stm.appraisal.part", "stm.appraisal.line")
#: Far above all ids of the data.
APART = 100_000_000
#: What makes twins of the people: as many again, with the same memberships.
TWINS = (
    (
        "res_partner",
        "SELECT t.* FROM res_partner t JOIN res_users u ON u.partner_id = t.id",
        "'id', t.id + %(apart)s",
    ),
    (
        "res_users",
        "SELECT t.* FROM res_users t JOIN res_users u ON u.id = t.id",
        "'id', t.id + %(apart)s, 'partner_id', t.partner_id + %(apart)s,"
        " 'login', 'twin ' || t.login",
    ),
    (
        "res_groups_users_rel",
        "SELECT t.* FROM res_groups_users_rel t JOIN res_users u ON u.id = t.uid",
        "'uid', t.uid + %(apart)s",
    ),
    (
        "res_company_users_rel",
        "SELECT t.* FROM res_company_users_rel t JOIN res_users u ON u.id = t.user_id",
        "'user_id', t.user_id + %(apart)s",
    ),
    (
        "crm_team_member",
        "SELECT t.* FROM crm_team_member t JOIN res_users u ON u.id = t.user_id",
        "'id', t.id + %(apart)s, 'user_id', t.user_id + %(apart)s",
    ),
)


def month(env):
    """The last full month of the data."""
    env.cr.execute("SELECT DATE_TRUNC('month', MAX(date))::date FROM stm_visit")
    return env["stm.period"].search(
        [("kind", "=", "month"), ("date_to", "<", env.cr.fetchone()[0])],
        order="date_from desc",
        limit=1,
    )


def prepare(number):
    """One template that fits so many people, who are made twins if they are few."""

    def people(env, day):
        members = env["stm.appraisal"]._people_of(env.company, day)
        return sorted(user.id for user, _member in members)

    def run(env):
        env = env(su=True)
        day = month(env).date_to
        if len(people(env, day)) < number:
            for table, rows, changes in TWINS:
                env.cr.execute(
                    f"INSERT INTO {table} SELECT (jsonb_populate_record("
                    f"NULL::{table}, to_jsonb(t) || jsonb_build_object({changes}))).*"
                    f" FROM ({rows} WHERE u.login LIKE 'bench%%') t",
                    {"apart": APART},
                )
            env.invalidate_all()
        chosen = people(env, day)[:number]
        assert len(chosen) == number, f"{len(chosen)} people, not {number}"
        template = env.ref("sales_team_mgmt.appraisal_t3")
        others = env["stm.appraisal.template"].search([("id", "!=", template.id)])
        others.active = False
        template.write({"post_ids": [(5,)], "user_ids": [(6, 0, chosen)]})
        env.flush_all()
        env.invalidate_all()

    return run


def opened(env):
    env = env(su=True)
    return len(env["stm.appraisal"]._open_all(month(env)))


def prepare_values(number):
    """The values of all records that opening makes, for creating them bare."""

    def run(env):
        prepare(number)(env)
        env = env(su=True)
        values = {}
        with env.cr.savepoint() as savepoint:
            sheets = env["stm.appraisal"]._open_all(month(env))
            for records in (sheets, sheets.part_ids, sheets.line_ids):
                values[records._name] = [
                    record._convert_to_write(
                        {
                            name: record[name]
                            for name, field in record._fields.items()
                            if field.store
                            and field.type not in ("one2many", "many2many")
                            and name not in ("id", *env["base"]._fields)
                        }
                    )
                    for record in records
                ]
            env.flush_all()
            savepoint.rollback()
        env.invalidate_all()
        env.cr.precommit.data[MODELS] = values

    return run


def bare(env):
    """Sheets, sections and items as the ORM creates any record, without our models'
    own ``create``."""
    env = env(su=True, context={**env.context, "tracking_disable": True})
    values = env.cr.precommit.data[MODELS]
    sheets = BaseModel.create(env[MODELS[0]], values[MODELS[0]])
    by_user = {sheet.user_id.id: sheet.id for sheet in sheets}
    ids = list(by_user.values())
    for model in MODELS[1:]:
        old = {vals["appraisal_id"] for vals in values[model]}
        new = dict(zip(sorted(old), ids, strict=True))
        BaseModel.create(
            env[model],
            [
                {**vals, "appraisal_id": new[vals["appraisal_id"]]}
                for vals in values[model]
            ],
        )
    env.flush_all()
    return len(sheets)


def same(ours, reference):
    assert ours == reference, f"{ours} sheets, {reference} by the reference"


for number in (SMALL, LARGE):
    compare(
        f"{number:,} appraisal sheets, opened and computed",
        MANAGER,
        prepare=prepare(number),
        reference=Call(MANAGER, bare, prepare_values(number)),
        reference_title="As many records created through the ORM",
        limit=2.0,
        check=same,
        least_size=ENOUGH,
        turns=5,
        same_queries=False,
    )(opened)

compare(
    "1,000 appraisal sheets against 500",
    MANAGER,
    prepare=prepare(LARGE),
    reference=Call(MANAGER, opened, prepare(SMALL)),
    reference_title="500 appraisal sheets",
    limit=2.2,
    least_size=ENOUGH,
    turns=5,
    same_queries=False,
)(opened)
