"""The first page of a list with its count, as the web client asks for it."""

from datetime import timedelta

from filling.people import AREA_LEADER, MANAGER, ODOO_MANAGER, ODOO_OWNER, OWNER
from lxml import etree

from .clock import Call
from .comparison import compare

PAGE, COUNT_LIMIT = 80, 10_001
VISITS = ("stm.visit", "sales_team_mgmt.stm_visit_view_list")
ORDERS = ("sale.order", "sale.view_order_tree")
#: Fields that a widget of a list asks for beside its own.
WIDGET_FIELDS = {
    "list_activity": (
        *("activity_state", "activity_summary", "activity_type_icon"),
        *("activity_type_id", "activity_exception_decoration"),
        "activity_exception_icon",
    ),
}

_specifications: dict[tuple, dict] = {}


def first_page(env, model: str, view: str, domain=()) -> dict:
    return env[model].web_search_read(
        list(domain),
        specification(env, model, view),
        limit=PAGE,
        count_limit=COUNT_LIMIT,
    )


def specification(env, model: str, view: str) -> dict:
    """Fields of the list view, hidden optional ones too; asked for once, as the web
    client does."""
    key = (env.cr.dbname, env.uid, model)
    if key not in _specifications:
        view_id = env.ref(view).id
        arch = etree.fromstring(env[model].get_view(view_id, "list")["arch"])
        fields = {}
        for node in arch.iterchildren("field"):
            names = (node.get("name"), *WIDGET_FIELDS.get(node.get("widget"), ()))
            for name in names:
                is_link = env[model]._fields[name].type == "many2one"
                fields[name] = {"fields": {"display_name": {}}} if is_link else {}
        _specifications[key] = fields
    return _specifications[key]


def last_monday(env):
    """The week that the menus would show, were today the last day of the data."""
    env.cr.execute("SELECT MAX(date) FROM stm_visit")
    day = env.cr.fetchone()[0]
    return day - timedelta(days=day.weekday())


def orders(env):
    return first_page(env, *ORDERS)


def orders_of_area(env):
    """Odoo has no team tree: whoever sees all orders filters by the teams."""
    teams = env["crm.team"].sudo().search([("parent_id.name", "=", "Area 1")])
    domain = [("team_id", "in", teams.ids)]
    return first_page(env, *ORDERS, domain)


@compare(
    "Visits, salesperson with 1 %",
    OWNER,
    growth=1.5,
    reference=Call(ODOO_OWNER, orders),
    reference_title="Odoo's orders, salesperson with 1 %",
    limit=1.0,
)
def visits_of_owner(env):
    return first_page(env, *VISITS)


@compare(
    "Visits, leader who sees 50 %",
    AREA_LEADER,
    growth=1.5,
    reference=Call(ODOO_MANAGER, orders_of_area),
    reference_title="Odoo's orders, manager with the teams as filter",
    limit=1.0,
)
def visits_of_area(env):
    return first_page(env, *VISITS)


@compare("Visits, manager who sees all", MANAGER, growth=1.5)
def all_visits(env):
    return first_page(env, *VISITS)


# The next two have less than a page of rows in small databases.
@compare("“My Visits”, as the menu opens", OWNER, same_queries=False)
def my_visits(env):
    domain = [
        ("user_id", "=", env.uid),
        ("state", "!=", "cancelled"),
        "|",
        ("state", "=", "planned"),
        ("date", ">=", last_monday(env)),
    ]
    return first_page(env, *VISITS, domain)


@compare("“Team Visits”, as the menu opens", AREA_LEADER, same_queries=False)
def team_visits(env):
    monday = last_monday(env)
    domain = [("date", ">=", monday), ("date", "<", monday + timedelta(days=7))]
    return first_page(env, *VISITS, domain)


@compare("Visits, leader of one team", "bench_0000", growth=1.5)
def visits_of_team(env):
    return first_page(env, *VISITS)


@compare("Orders with our rules, salesperson with 1 %", OWNER, growth=1.5)
def orders_of_our_owner(env):
    return first_page(env, *ORDERS)


@compare("Orders with our rules, leader who sees 50 %", AREA_LEADER, growth=1.5)
def orders_of_our_area(env):
    return first_page(env, *ORDERS)


@compare("Weekly reports, leader who sees 50 %", AREA_LEADER)
def reports_of_area(env):
    return first_page(
        env, "stm.work.report", "sales_team_mgmt.stm_work_report_view_list"
    )
