"""A small department on the morning on which much is due, in a database that stays."""

from datetime import date, timedelta

from freezegun import freeze_time

from odoo.fields import Command

from odoo.addons.sales_team_mgmt.tests.common import StmCase

#: Thursday; March is over, and two people move to another team.
MORNING = "2026-04-09 04:00:00"
MONDAYS = ("2026-03-16", "2026-03-23", "2026-03-30")
PEOPLE = 8


class Department(StmCase):
    """Its builders are used, not its tests: there is no transaction to undo."""

    @classmethod
    def fill(cls, env):
        context = {
            "tracking_disable": True,
            "no_reset_password": True,
            "mail_create_nolog": True,
        }
        cls.env = env(context=context)
        cls.company = cls.env.company
        with freeze_time("2026-03-02 02:00:00"):
            cls._hire()
            cls.env["stm.period"].action_create_year(2026, cls.company.ids)
        for monday in MONDAYS:
            with freeze_time(f"{monday} 02:00:00"):
                cls.env["stm.duty.item"]._open_for_day(date.fromisoformat(monday))
                for user in cls.people[:4]:
                    cls.visit(cls, user, cls.customers[0], f"{monday} 01:00:00")
        with freeze_time("2026-04-01 02:00:00"):
            cls._close_march()
            cls._plan_ahead()
            cls._draw_routes()
        cls.env.flush_all()

    @classmethod
    def _hire(cls):
        cls.manager = cls.person("manager", "group_department_manager")
        cls.leaders = [cls.person(n, "group_leader") for n in ("east", "west")]
        cls.people = [
            cls.person(f"p{number}", "group_salesperson") for number in range(PEOPLE)
        ]
        department = cls.team("Department", cls.manager, level="department")
        cls.teams = [
            cls.team(user.name, user, department, "area") for user in cls.leaders
        ]
        cls.join(cls.manager, department, "department_manager")
        for user, team in zip(cls.leaders, cls.teams, strict=True):
            cls.join(user, team, "area_manager")
        for number, user in enumerate(cls.people):
            # Posts of this kind give a role, which comes and goes with them.
            post = "city_manager" if number < 6 else "salesperson"
            cls.join(user, cls.teams[number % 2], post)
        cls.customers = cls.env["res.partner"].create(
            [{"name": f"Customer {n}", "is_company": True} for n in range(5)]
        )

    @classmethod
    def _close_march(cls):
        """March is closed, and then facts of March come in."""
        march = cls.env["stm.period"].search(
            [
                ("kind", "=", "month"),
                ("date_from", "=", "2026-03-01"),
                ("company_id", "=", cls.company.id),
            ]
        )
        cls.env["stm.measure"]._refresh(march)
        march.with_user(cls.manager).action_close("targets")
        for user in cls.people[:5]:
            cls.visit(cls, user, cls.customers[1], "2026-03-31 01:00:00")

    @classmethod
    def _plan_ahead(cls):
        """Moves, absences and decisions that wait for the leaders who will be away."""
        for number, user in enumerate(cls.people[:6]):
            team = cls.teams[(number + 1) % 2]
            cls.join(user, team, "city_manager", first="2026-04-09")
        for user in cls.people[6:]:
            cls.plan(cls, user, "2026-04-06").with_user(user).action_submit()
        for number, user in enumerate(cls.leaders):
            cls.env["stm.substitution"].create(
                {
                    "user_id": user.id,
                    "substitute_id": cls.people[number].id,
                    "date_from": "2026-04-09",
                    "date_to": date(2026, 4, 9) + timedelta(days=5),
                }
            )

    @classmethod
    def _draw_routes(cls):
        """Rounds of customers; two people have two of them."""
        for number, user in enumerate([*cls.people, *cls.people[:2]]):
            cls.env["stm.route"].create(
                {
                    "name": f"Round {number}",
                    "user_id": user.id,
                    "date_from": "2026-04-01",
                    "tuesday": number >= PEOPLE,
                    "monday": number < PEOPLE,
                    "thursday": True,
                    "line_ids": [
                        Command.create({"partner_id": customer.id})
                        for customer in cls.customers[2:]
                    ],
                }
            )
