from datetime import datetime

from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user

# Monday of the week that the worked examples of the rulebook are set in.
MONDAY = "2026-03-02"


class StmCase(TransactionCase):
    """A department to test with.

        Department          manager (leader)
        ├── East            east (leader)
        │   └── City        city (leader), members ann, ben
        └── West            west (leader), member wei

    ``gm`` reads everything, ``finance`` and ``hr`` stand beside. Everybody lives in
    Shanghai (UTC+8, no daylight saving) unless a test says otherwise.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context=dict(
                cls.env.context,
                tracking_disable=True,
                no_reset_password=True,
                mail_create_nolog=True,
            )
        )
        cls.company = cls.env.company
        cls.company.stm_work_day_end = 18.0
        cls.gm = cls.person("gm", "group_general_manager")
        cls.manager = cls.person("manager", "group_department_manager")
        cls.east = cls.person("east", "group_leader")
        cls.west = cls.person("west", "group_leader")
        cls.city = cls.person("city", "group_leader")
        cls.ann = cls.person("ann", "group_salesperson")
        cls.ben = cls.person("ben", "group_salesperson")
        cls.wei = cls.person("wei", "group_salesperson")
        cls.finance = cls.person("finance", "group_finance")
        cls.hr = cls.person("hr", "group_hr")

        cls.team_department = cls.team("Department", cls.manager, level="department")
        cls.team_east = cls.team("East", cls.east, cls.team_department, "area")
        cls.team_city = cls.team("City", cls.city, cls.team_east)
        cls.team_west = cls.team("West", cls.west, cls.team_department, "area")
        cls.join(cls.manager, cls.team_department, "department_manager")
        cls.join(cls.east, cls.team_east, "area_manager")
        cls.join(cls.west, cls.team_west, "area_manager")
        cls.join(cls.city, cls.team_city, "city_manager")
        for user in (cls.ann, cls.ben):
            cls.join(user, cls.team_city, "salesperson")
        cls.join(cls.wei, cls.team_west, "salesperson")

        cls.customers = cls.env["res.partner"].create(
            [
                {"name": f"Customer {number:02}", "is_company": True}
                for number in range(1, 26)
            ]
        )

    # ------------------------------------------------------------
    # Builders
    # ------------------------------------------------------------

    @classmethod
    def person(cls, login, group, tz="Asia/Shanghai", **values):
        user = new_test_user(
            cls.env,
            login=f"stm_{login}",
            groups=f"base.group_user,sales_team_mgmt.{group}",
            name=login.capitalize(),
            tz=tz,
            **values,
        )
        return user

    @classmethod
    def team(cls, name, leader=None, parent=None, level="team", **values):
        return cls.env["crm.team"].create(
            {
                "name": name,
                "user_id": leader and leader.id,
                "parent_id": parent and parent.id,
                "stm_level": level,
                "company_id": cls.company.id,
                **values,
            }
        )

    @classmethod
    def join(cls, user, team, post="salesperson", first="2025-01-01", **values):
        return cls.env["crm.team.member"].create(
            {
                "user_id": user.id,
                "crm_team_id": team.id,
                "stm_post_id": cls.env.ref(f"sales_team_mgmt.post_{post}").id,
                "stm_date_from": first,
                **values,
            }
        )

    def plan(self, user, monday=MONDAY, days=1, **values):
        """A draft plan with one customer a day and one key point."""
        start = datetime.strptime(monday, "%Y-%m-%d")
        return (
            self.env["stm.work.plan"]
            .with_user(user)
            .create(
                {
                    "date_from": monday,
                    "line_ids": [
                        Command.create(
                            {
                                "partner_id": self.customers[day].id,
                                "date": start.replace(day=start.day + day).date(),
                            }
                        )
                        for day in range(days)
                    ],
                    "point_ids": [Command.create({"name": "Win back Customer 01"})],
                    **values,
                }
            )
        )

    def report(self, user, monday=MONDAY, **values):
        """A draft weekly report with everything filled in that must be."""
        report = (
            self.env["stm.work.report"]
            .with_user(user)
            .create({"date_from": monday, **values})
        )
        report.line_ids.filtered("text_required").write({"text": "Fine."})
        return report

    def visit(self, user, partner, moment="2026-03-02 02:00:00", done=True):
        """A visit off plan, written down unless ``done`` is false."""
        visit = (
            self.env["stm.visit"]
            .with_user(user)
            .create(
                {
                    "partner_id": partner.id,
                    "start_at": moment,
                    "content": "Samples",
                    "result": "Will order",
                    "problem": "none",
                }
            )
        )
        if done:
            visit.action_done()
        return visit

    def duties(self, user, code="weekly_report", **values):
        domain = [("user_id", "=", user.id), ("duty_key", "=", code)]
        domain += [(name, "=", value) for name, value in values.items()]
        return self.env["stm.duty.item"].search(domain, order="period_start")

    def open_duties(self, day=MONDAY):
        """What the cron opens in the course of a day."""
        day = datetime.strptime(day, "%Y-%m-%d").date()
        items = self.env["stm.duty.item"]._open_for_day(day)
        items._link_documents()
        return items
