"""The organisation: a department, two areas, teams, people, posts and regions.

Half of all visits belong to the first area, one in a hundred to the ``owner``: lists
are measured with the eyes of the area's leader and of that salesperson. ``buyers`` are
users of Odoo's own Sales app only, who own orders but no visits.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from odoo.fields import Command

from .copying import Copier, Pattern, example
from .parameters import PEOPLE_WHO_MOVED, TEAM_SIZE, TIME_ZONE, Parameters

QUIET = {
    "no_reset_password": True,
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
}
PROVINCES, CITIES = 10, 10
#: Logins that the operations look for.
OWNER, AREA_LEADER, MANAGER = "bench_owner", "bench_area", "bench_manager"
ODOO_OWNER, ODOO_MANAGER = "bench_odoo_owner", "bench_odoo_manager"


@dataclass
class Person:
    user_id: int
    partner_id: int
    login: str
    area: int
    leads: int | None = None
    #: Teams with the first day in each, in order.
    teams: list[tuple[date, int]] = field(default_factory=list)

    def team_on(self, day: date) -> int:
        return next(team for first, team in reversed(self.teams) if first <= day)


class Organisation:
    def __init__(self, env, parameters: Parameters, copier: Copier, rng):
        self.env = env(context={**env.context, **QUIET})
        self.parameters = parameters
        self.copier = copier
        self.rng = rng
        self.areas: list[list[Person]] = [[], []]

    @property
    def people(self) -> list[Person]:
        return [*self.areas[0], *self.areas[1]]

    def fill(self):
        self._make_regions()
        self._make_teams()
        self._make_people()
        self._copy_users()
        self._copy_memberships()
        self._let_them_lead()
        self._make_others()

    def owner_of(self, number: int) -> Person:
        """Who owns a document: one in a hundred the owner, half the first area."""
        if number % 100 == 7:
            return self.owner
        return self.rng.choice(self._others[number % 2])

    # ------------------------------------------------------------
    # Regions and teams: few, made by Odoo
    # ------------------------------------------------------------

    def _make_regions(self):
        Region = self.env["stm.region"]
        provinces = Region.create(
            [
                {"name": f"Province {number:02}", "level": "province"}
                for number in range(PROVINCES)
            ]
        )
        self.cities = Region.create(
            [
                {"name": f"City {number:02}", "parent_id": province.id}
                for province in provinces
                for number in range(CITIES)
            ]
        )
        self.env.flush_all()

    def _make_teams(self):
        self.department = self._team("Department", "department")
        self.area_teams = [
            self._team(f"Area {number}", "area", self.department) for number in (1, 2)
        ]
        each = max(1, self.parameters.people // TEAM_SIZE // 2)
        self.teams = [
            [
                self._team(f"Team {area.name[-1]}.{n + 1}", "team", area)
                for n in range(each)
            ]
            for area in self.area_teams
        ]
        self.env.flush_all()

    def _team(self, name, level, above=None):
        return self.env["crm.team"].create(
            {
                "name": name,
                "stm_level": level,
                "parent_id": above and above.id,
                "company_id": self.env.company.id,
            }
        )

    # ------------------------------------------------------------
    # People: many, copied
    # ------------------------------------------------------------

    def _make_people(self):
        """Decide who stands where; one in ten moved to another team of the area."""
        count = self.parameters.people
        user_ids = self.copier.ids("res_users", count)
        partner_ids = self.copier.ids("res_partner", count)
        since = self.parameters.first_day - timedelta(days=30)
        for number, (user_id, partner_id) in enumerate(
            zip(user_ids, partner_ids, strict=True)
        ):
            area = number % 2
            teams = self.teams[area]
            team = teams[number // 2 % len(teams)].id
            person = Person(user_id, partner_id, f"bench_{number:04}", area)
            person.teams.append((since, team))
            self.areas[area].append(person)
            if number // 2 < len(teams):
                person.leads = team
            elif self.rng.random() < PEOPLE_WHO_MOVED:
                middle = self.parameters.work_days[len(self.parameters.work_days) // 2]
                person.teams.append((middle, self.rng.choice(teams).id))
        self.owner = self.areas[1][-1]
        self.owner.login = OWNER
        self._others = [
            self.areas[0],
            [person for person in self.areas[1] if person is not self.owner],
        ]

    def _copy_users(self):
        with example(self.env):
            user, member = self._make_user("bench_pattern", "group_salesperson")
            patterns = [
                Pattern(self.env.cr, record._table, record.id)
                for record in (user, user.partner_id, member)
            ]
            users, partners, self._members = patterns
            group_ids, company_ids = user.group_ids.ids, user.company_ids.ids
        people = self.people
        self.copier.append(
            partners,
            ["id", "name", "complete_name", "email", "email_normalized"]
            + ["commercial_partner_id", "user_id", "tz"],
            (
                (p.partner_id, p.login, p.login, f"{p.login}@example.com")
                + (f"{p.login}@example.com", p.partner_id, None, TIME_ZONE)
                for p in people
            ),
        )
        self.copier.append(
            users,
            ["id", "partner_id", "login", "sale_team_id"],
            ((p.user_id, p.partner_id, p.login, p.teams[-1][1]) for p in people),
        )
        self.copier.relate(
            "res_groups_users_rel",
            ["uid", "gid"],
            ((p.user_id, group_id) for p in people for group_id in group_ids),
        )
        self.copier.relate(
            "res_company_users_rel",
            ["user_id", "cid"],
            ((p.user_id, company_id) for p in people for company_id in company_ids),
        )

    def _make_user(self, login, group, team=None):
        user = self.env["res.users"].create(
            {
                "name": login,
                "login": login,
                "email": f"{login}@example.com",
                "password": login,
                "tz": TIME_ZONE,
                "group_ids": [
                    Command.set(
                        [
                            self.env.ref("base.group_user").id,
                            self.env.ref(f"sales_team_mgmt.{group}").id,
                        ]
                    )
                ],
            }
        )
        member = self.env["crm.team.member"].create(
            {
                "user_id": user.id,
                "crm_team_id": (team or self.teams[0][0]).id,
                "stm_post_id": self.env.ref("sales_team_mgmt.post_salesperson").id,
                "stm_date_from": self.parameters.first_day,
            }
        )
        self.env.flush_all()
        return user, member

    def _copy_memberships(self):
        rows = []
        for person in self.people:
            ends = [first - timedelta(days=1) for first, _team in person.teams[1:]]
            for (first, team), end in zip(person.teams, [*ends, None], strict=True):
                rows.append((person.user_id, team, first, end, end is None))
        self.copier.append(
            self._members,
            ["id", "user_id", "crm_team_id", "stm_date_from", "stm_date_to", "active"],
            (
                (row_id, *row)
                for row_id, row in zip(
                    self.copier.ids("crm_team_member", len(rows)), rows, strict=True
                )
            ),
        )

    def _let_them_lead(self):
        """Leaders of teams, of the areas and of the department; then who sees whom."""
        self.copier.forget()
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        leader = self.env.ref("sales_team_mgmt.group_leader")
        leaders = [person for person in self.people if person.leads]
        users = self.env["res.users"].browse([person.user_id for person in leaders])
        self.copier.relate(
            "res_groups_users_rel",
            ["uid", "gid"],
            ((user_id, leader.id) for user_id in users.ids),
        )
        self.env.cr.executemany(
            "UPDATE crm_team SET user_id = %s WHERE id = %s",
            [(person.user_id, person.leads) for person in leaders],
        )
        manager, _member = self._make_user(
            MANAGER, "group_department_manager", self.department
        )
        area_leader, _member = self._make_user(
            AREA_LEADER, "group_leader", self.area_teams[0]
        )
        self.env.invalidate_all()
        self.department.user_id = manager
        self.area_teams[0].user_id = area_leader
        self.env["stm.access"]._rebuild()
        self.leader_of = {person.leads: person.user_id for person in leaders}

    def _make_others(self):
        """Two users of Odoo's own Sales app: one owns orders, one sees all."""
        groups = {
            ODOO_OWNER: "group_sale_salesman",
            ODOO_MANAGER: "group_sale_salesman_all_leads",
        }
        users = self.env["res.users"].create(
            [
                {
                    "name": login,
                    "login": login,
                    "email": f"{login}@example.com",
                    "password": login,
                    "tz": TIME_ZONE,
                    "group_ids": [
                        Command.set(
                            [
                                self.env.ref("base.group_user").id,
                                self.env.ref(f"sales_team.{group}").id,
                            ]
                        )
                    ],
                }
                for login, group in groups.items()
            ]
        )
        self.odoo_owner = users[0]
        self.env.flush_all()
