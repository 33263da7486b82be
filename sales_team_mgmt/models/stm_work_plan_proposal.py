from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, split_every

from ..tools import weeks
from ..tools.geo import is_position
from ..tools.schedules import Stop, Week, Wish, plan_week

# People whose plans are made together: what they need fits into memory, and the
# number of queries is one for all of them.
PEOPLE_AT_ONCE = 50

# Owners and leaders may have proposals written into plans in these states.
OPEN_PLANS = ("draft", "returned")

# What a person or another worker can have entered after our snapshot.
ENTERED_MEANWHILE = frozenset({"stm_work_plan_uniq", "stm_work_plan_line_uniq"})


class Customer(NamedTuple):
    """What the proposal has to know about a customer."""

    id: int
    user_id: int | None
    active: bool
    company_id: int | None
    position: tuple | None
    place: str
    class_id: int | None
    region_id: int | None
    region_path: str


class Assignment(NamedTuple):
    """A person sells in a region, from day to day."""

    user_id: int
    date_from: object
    date_to: object

    def holds(self, day):
        """Whether it holds on a day."""
        return self.date_from <= day and (not self.date_to or self.date_to >= day)


class StmWorkPlan(models.Model):
    """Plans that are proposed: routes first, then whoever is due (VIS-13, VIS-25)."""

    _inherit = "stm.work.plan"  # pylint: disable=consider-merging-classes-inherited

    unplaced_ids = fields.One2many(
        "stm.work.plan.unplaced", "plan_id", string="Found No Place", readonly=True
    )
    unplaced_count = fields.Integer(compute="_compute_unplaced_count")
    warning_count = fields.Integer(compute="_compute_warning_count")

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends("unplaced_ids")
    def _compute_unplaced_count(self):
        counts = dict(
            self.env["stm.work.plan.unplaced"]._read_group(
                [("plan_id", "in", self.ids)], ["plan_id"], ["__count"]
            )
        )
        for plan in self:
            plan.unplaced_count = counts.get(plan._origin, 0)

    @api.depends("line_ids.schedule_warning")
    def _compute_warning_count(self):
        for plan in self:
            plan.warning_count = len(plan.line_ids.filtered("schedule_warning"))

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_propose(self):
        """Fill the drafts with routes and customers who are due; keep what is there."""
        self._stm_check_submitter()
        self._stm_check_period()
        for plan in self:
            if plan.state not in OPEN_PLANS:
                raise UserError(
                    self.env._(
                        "“%s” is submitted or approved. Withdraw or reopen it before"
                        " something is proposed.",
                        plan.display_name,
                    )
                )
        for (company, monday), plans in self.grouped(
            lambda plan: (plan.company_id, plan.date_from)
        ).items():
            self._generate(plans.user_id, company, [monday])
        return True

    def action_open_lines(self):
        """Open the planned visits of the week, day by day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_team_mgmt.stm_work_plan_line_action"
        )
        action["domain"] = [("plan_id", "=", self.id)]
        action["context"] = {
            "default_plan_id": self.id,
            "stm_week_start": self.date_from,
            "initial_date": self.date_from,
        }
        return action

    # ------------------------------------------------------------
    # Business methods: proposals
    # ------------------------------------------------------------

    @api.model
    def _generate(self, users, company, mondays):
        """Propose plans of people for weeks; return those that were written.

        Drafts are filled, missing ones made; submitted and approved ones stay, and so
        does what a person has entered. Whoever is in no team on a Monday, or whose
        week is closed, is left out. Batches of people keep memory bounded; each takes
        the same number of queries.

        :param users: whose plans
        :param company: in which company
        :param mondays: first days of the weeks
        """
        mondays = sorted({weeks.monday_of(fields.Date.to_date(day)) for day in mondays})
        ids = []
        if not mondays:
            return self.browse()
        for batch in split_every(PEOPLE_AT_ONCE, users.ids):
            people = self.env["res.users"].browse(batch)
            ids += self._generate_batch(people, company, mondays)
            self.env.flush_all()
            if len(users) > PEOPLE_AT_ONCE:
                self.env.invalidate_all()
        return self.browse(ids)

    @api.model
    def _generate_batch(self, users, company, mondays):
        """Ids of the plans that were written, for a batch of people."""
        quiet = (
            self.sudo()
            .with_company(company)
            .with_context(
                tracking_disable=True,
                mail_create_nosubscribe=True,
                mail_create_nolog=True,
                mail_notrack=True,
            )
        )
        facts = quiet._proposal_facts(users, company, mondays)
        try:
            return quiet._fill_plans(facts)
        except UniqueViolation as error:
            if error.diag.constraint_name not in ENTERED_MEANWHILE:
                raise
            # Entered by another transaction after our snapshot: once more, then we see.
            raise ConcurrencyError(str(error)) from error

    def _fill_plans(self, facts):
        """Ids of the plans that were written from the facts."""
        plans = self._plans_to_fill(facts)
        lines, unplaced = [], []
        for (user, monday), plan in sorted(
            plans.items(), key=lambda item: (item[0][1], item[0][0].id)
        ):
            new_lines, without = self._propose_week(facts, user, monday, plan)
            lines += new_lines
            unplaced += without
        filled = self.browse().union(*plans.values())
        filled.unplaced_ids.unlink()
        self.env["stm.work.plan.line"].create(lines)
        self.env["stm.work.plan.unplaced"].create(unplaced)
        self.env.flush_all()
        return filled.ids

    def _plans_to_fill(self, facts):
        """{(user, monday): draft plan}, made where there is none yet."""
        wanted = [
            (user, monday)
            for user in facts["users"]
            for monday in facts["mondays"]
            if facts["teams"].get((user.id, monday)) and monday not in facts["closed"]
        ]
        plans = {
            key: facts["plans"][key]
            for key in wanted
            if key in facts["plans"] and facts["plans"][key].state in OPEN_PLANS
        }
        missing = [key for key in wanted if key not in facts["plans"]]
        self.browse().union(*plans.values())._claim()
        created = self.create(
            [
                {
                    "user_id": user.id,
                    "company_id": facts["company"].id,
                    "date_from": monday,
                }
                for user, monday in missing
            ]
        )
        plans.update(zip(missing, created, strict=True))
        return plans

    def _claim(self):
        """Write the rows of plans before they are filled.

        Whoever submits, approves or fills one of them at the same moment is the first
        or the second: the second one is refused by PostgreSQL and comes again, on what
        the plan holds by then. Locking alone would not show it what is new.
        """
        if self:
            self.env.flush_all()
            self.env.cr.execute(
                SQL(
                    "UPDATE stm_work_plan SET write_date = write_date"
                    " WHERE id = ANY(%s)",
                    self.ids,
                )
            )

    # ------------------------------------------------------------
    # Business methods: what the proposal has to know
    # ------------------------------------------------------------

    def _proposal_facts(self, users, company, mondays):
        """Everything about a batch of people, in a constant number of queries."""
        first, last = mondays[0], mondays[-1] + timedelta(days=6)
        # What somebody typed in a moment ago counts as well.
        self.env.flush_all()
        facts = {
            "users": users,
            "company": company,
            "mondays": mondays,
            "first": first,
            "last": last,
            "calendar": company._stm_work_calendar(first, last),
            "hours": company._stm_field_hours(),
            "closed": self._closed_mondays(company, mondays),
            "teams": self._teams_by_week(users, company, mondays),
            "presence": self._presence(users, company, first, last),
            "away": self._days_away(users, company, first, last),
            "assignments": self._assignments(company),
            "may_enter": {},
            "holders": {},
            "match": {
                monday: policy._matcher()
                for monday, policy in self.env["stm.visit.policy"]
                ._find_by_day(company, mondays)
                .items()
            },
            "load": {
                user.id: user.stm_visits_per_week or company.stm_visits_per_week
                for user in users
            },
        }
        plans = self.search(
            [
                ("user_id", "in", users.ids),
                ("company_id", "=", company.id),
                ("date_from", "in", mondays),
            ]
        )
        facts["plans"] = {(plan.user_id, plan.date_from): plan for plan in plans}
        facts["with_region"] = {
            row.user_id for rows in facts["assignments"].values() for row in rows
        }
        visits = self._other_visits(users, plans, first, last)
        facts["visits"] = visits.grouped("user_id")
        routes = self._routes(users, company, first, last)
        facts["routes"] = routes.grouped("user_id")
        asked = set(plans.line_ids.partner_id.ids)
        asked.update(visits.partner_id.ids, routes.line_ids.partner_id.ids)
        customers = self._customers(users, company, facts["assignments"], asked)
        facts["customers"] = {customer.id: customer for customer in customers}
        facts["windows"] = self._windows(list(facts["customers"]))
        facts["last_seen"] = self._last_seen(list(facts["customers"]), first)
        facts["in_weeks"] = self._seen_in_weeks(list(facts["customers"]), first, last)
        owned = defaultdict(list)
        for customer in customers:
            for user_id in self._planners_of(facts, customer):
                owned[user_id].append(customer)
        facts["owned"] = owned
        return facts

    @api.model
    def _closed_mondays(self, company, mondays):
        deciding = {weeks.deciding_day(monday): monday for monday in mondays}
        closed = self.env["stm.period.closing"]._closed_days(
            self._stm_area, [(company, day) for day in deciding]
        )
        return {deciding[day] for _company, day in closed}

    @api.model
    def _teams_by_week(self, users, company, mondays):
        """{(user id, monday): team}; who has none cannot own a plan of that week."""
        inside = users.filtered(lambda user: company in user.company_ids)
        return {
            (user.id, monday): team
            for monday in mondays
            for user, team in self.env["crm.team.member"]
            ._stm_teams_of(inside, monday, company)
            .items()
        }

    @api.model
    def _presence(self, users, company, first, last):
        """{user id: [(from, to)]} of those who join or leave by their memberships."""
        members = (
            self.env["crm.team.member"]
            .with_context(active_test=False)
            .search(
                Domain("user_id", "in", users.ids)
                & Domain("stm_date_from", "<=", last)
                & (
                    Domain("stm_date_to", "=", False)
                    | Domain("stm_date_to", ">=", first)
                )
            )
        )
        presence = defaultdict(list)
        for member in members:
            team = member.crm_team_id.company_id
            if not team or team == company:
                presence[member.user_id.id].append(
                    (member.stm_date_from, member.stm_date_to)
                )
        return presence

    @api.model
    def _days_away(self, users, company, first, last):
        """Hook: {(user id, day): share of the day} that people are absent."""
        absences = self.env["stm.absence"].search(
            [
                ("user_id", "in", users.ids),
                ("company_id", "=", company.id),
                ("date", ">=", first),
                ("date", "<=", last),
            ]
        )
        return {
            (absence.user_id.id, absence.date): 0.5 if absence.part == "half" else 1.0
            for absence in absences
        }

    @api.model
    def _assignments(self, company):
        """{region id: assignments}, also past ones: they say who has regions at all."""
        rows = self.env["stm.region.assignment"].search_fetch(
            [("company_id", "=", company.id)],
            ["user_id", "region_id", "date_from", "date_to"],
            order="date_from, id",
        )
        by_region = defaultdict(list)
        for row in rows:
            by_region[row.region_id.id].append(
                Assignment(row.user_id.id, row.date_from, row.date_to)
            )
        return by_region

    @api.model
    def _routes(self, users, company, first, last):
        return self.env["stm.route"].search(
            Domain("user_id", "in", users.ids)
            & Domain("company_id", "=", company.id)
            & Domain("date_from", "<=", last)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", first)),
            order="name, id",
        )

    @api.model
    def _other_visits(self, users, plans, first, last):
        """Visits of these people that do not come from the plans to be filled."""
        return self.env["stm.visit"].search(
            Domain("user_id", "in", users.ids)
            & Domain("date", ">=", first)
            & Domain("date", "<=", last)
            & Domain("state", "!=", "cancelled")
            & (Domain("plan_id", "=", False) | Domain("plan_id", "not in", plans.ids))
        )

    @api.model
    def _customers(self, users, company, assignments, asked):
        """Customers of these people, those of their regions, and those asked for.

        Contacts of a customer are no customers, unless they have a class of their own.
        """
        regions = [
            region_id
            for region_id, rows in assignments.items()
            if any(row.user_id in users._ids for row in rows)
        ]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner.id, partner.user_id, partner.active,
                       partner.company_id, partner.partner_latitude,
                       partner.partner_longitude, partner.city, partner.zip,
                       partner.stm_class_id, partner.stm_region_id,
                       region.parent_path
                  FROM res_partner partner
             LEFT JOIN stm_region region ON region.id = partner.stm_region_id
                 WHERE partner.id = ANY(%(asked)s)
                    OR partner.active
                   AND (partner.company_id IS NULL OR partner.company_id = %(company)s)
                   AND (partner.stm_class_id IS NOT NULL
                        OR partner.commercial_partner_id = partner.id)
                   AND (partner.user_id = ANY(%(users)s)
                        OR partner.user_id IS NULL AND EXISTS (
                           SELECT FROM stm_region top
                            WHERE top.id = ANY(%(regions)s)
                              AND region.parent_path LIKE top.parent_path || '%%'))
                 ORDER BY partner.id
                """,
                asked=list(asked),
                company=company.id,
                users=users.ids,
                regions=regions,
            )
        )
        return [
            Customer(
                id=id_,
                user_id=user_id,
                active=active,
                company_id=company_id,
                position=(latitude, longitude)
                if is_position(float(latitude or 0), float(longitude or 0))
                else None,
                place=" ".join(filter(None, [zip_code, city])),
                class_id=class_id,
                region_id=region_id,
                region_path=path or "",
            )
            for (
                id_,
                user_id,
                active,
                company_id,
                latitude,
                longitude,
                city,
                zip_code,
                class_id,
                region_id,
                path,
            ) in rows
        ]

    @api.model
    def _windows(self, partner_ids):
        """{partner id: {weekday: ((from, to), …)}}, in minutes"""
        windows = defaultdict(lambda: defaultdict(tuple))
        for row in self.env["stm.visit.window"].search_fetch(
            [("partner_id", "in", partner_ids)],
            ["partner_id", "weekday", "hour_from", "hour_to"],
        ):
            times = (round(row.hour_from * 60), round(row.hour_to * 60))
            windows[row.partner_id.id][int(row.weekday)] += (times,)
        return windows

    @api.model
    def _last_seen(self, partner_ids, first):
        """{partner id: last day before ``first``}, made or still planned.

        Visits to contacts of a customer are visits to the customer.
        """
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    WITH people AS (%(people)s)
                    SELECT people.customer_id, MAX(seen.date)
                      FROM people CROSS JOIN LATERAL (
                           SELECT visit.date FROM stm_visit visit
                            WHERE visit.partner_id = people.id
                              AND visit.date < %(first)s
                              AND (visit.state IN ('started', 'done')
                                   AND visit.is_counted
                                   OR visit.state = 'planned'
                                   AND visit.date >= %(today)s)
                           UNION ALL
                           SELECT line.date
                             FROM stm_work_plan_line line
                             JOIN stm_work_plan plan ON plan.id = line.plan_id
                            WHERE line.partner_id = people.id
                              AND line.date < %(first)s AND line.date >= %(today)s
                              AND plan.state <> 'approved') seen
                     GROUP BY people.customer_id
                    """,
                    people=self._with_contacts(partner_ids),
                    first=first,
                    today=fields.Date.context_today(self),
                )
            )
        )

    @api.model
    def _seen_in_weeks(self, partner_ids, first, last):
        """{partner id: days} on which somebody visits the customer in these weeks."""
        days = defaultdict(set)
        for partner_id, day in self.env.execute_query(
            SQL(
                """
                WITH people AS (%(people)s)
                SELECT people.customer_id, visit.date
                  FROM people JOIN stm_visit visit ON visit.partner_id = people.id
                 WHERE visit.date BETWEEN %(first)s AND %(last)s
                   AND visit.state <> 'cancelled' AND visit.is_counted
                UNION
                SELECT people.customer_id, line.date
                  FROM people
                  JOIN stm_work_plan_line line ON line.partner_id = people.id
                  JOIN stm_work_plan plan ON plan.id = line.plan_id
                 WHERE line.date BETWEEN %(first)s AND %(last)s
                   AND plan.state <> 'approved'
                """,
                people=self._with_contacts(partner_ids),
                first=first,
                last=last,
            )
        ):
            days[partner_id].add(day)
        return days

    @api.model
    def _with_contacts(self, partner_ids) -> SQL:
        return SQL(
            """
            SELECT partner.id, partner.id AS customer_id
              FROM res_partner partner WHERE partner.id = ANY(%(ids)s)
            UNION ALL
            SELECT contact.id, contact.parent_id FROM res_partner contact
             WHERE contact.parent_id = ANY(%(ids)s) AND contact.stm_class_id IS NULL
            """,
            ids=list(partner_ids),
        )

    # ------------------------------------------------------------
    # Business methods: who plans for whom
    # ------------------------------------------------------------

    def _planners_of(self, facts, customer):
        """Ids of the people of the batch who may plan for a customer in these weeks."""
        if customer.user_id:
            return [customer.user_id] if customer.user_id in facts["users"]._ids else []
        return [
            user_id
            for user_id in {
                row.user_id
                for region_id in map(int, customer.region_path.split("/")[:-1])
                for row in facts["assignments"].get(region_id, ())
            }
            if user_id in facts["users"]._ids
        ]

    def _may_enter(self, facts, user, customer, day):
        """Whether the regions of a person let him visit a customer on a day (ORG-04).

        Whoever never had a region, and customers without one, are free.
        """
        key = (user.id, customer.region_id, day)
        cache = facts["may_enter"]
        if key not in cache:
            free = user.id not in facts["with_region"] or not customer.region_path
            cache[key] = free or any(
                row.user_id == user.id and row.holds(day)
                for region_id in customer.region_path.split("/")[:-1]
                for row in facts["assignments"].get(int(region_id), ())
            )
        return cache[key] or facts["company"].stm_region_rule == "none"

    def _holder(self, facts, region_path, day):
        """Id of the person of the deepest assigned region, the first of several."""
        key = (region_path, day)
        cache = facts["holders"]
        if key not in cache:
            cache[key] = next(
                (
                    row.user_id
                    for region_id in reversed(region_path.split("/")[:-1])
                    for row in facts["assignments"].get(int(region_id), ())
                    if row.holds(day)
                ),
                None,
            )
        return cache[key]

    def _days_in_region(self, facts, user, customer, days):
        """Those of the days on which a due customer is the person's to visit."""
        return frozenset(
            number
            for number, day in days.items()
            if (
                self._may_enter(facts, user, customer, day)
                if customer.user_id
                else self._holder(facts, customer.region_path, day) == user.id
            )
        )

    # ------------------------------------------------------------
    # Business methods: one week of one person
    # ------------------------------------------------------------

    def _propose_week(self, facts, user, monday, plan):
        """Values of new lines, and of what found no place, for one plan."""
        days = {number: monday + timedelta(number) for number in range(7)}
        week = self._week_of(facts, user, days, plan)
        planned_on = defaultdict(set)
        for visit in [*plan.line_ids, *facts["visits"].get(user, ())]:
            if days[0] <= visit.date <= days[6]:
                planned_on[visit.partner_id.id].add(visit.date)
        # What each wish comes from: {key: (values of the line, minutes)}
        wishes, origins, refused = [], {}, []
        for route, line, number in self._route_stops(facts, user, monday, planned_on):
            customer = facts["customers"][line.partner_id.id]
            key = (customer.id, number)
            if key in origins:
                continue
            reason = self._cannot_visit(facts, user, customer, days[number])
            if reason:
                refused.append((customer.id, route, days[number], reason))
                continue
            wish = self._route_wish(facts, customer, line, number)
            wishes.append(wish)
            values = {"origin": "route", "route_id": route.id, "purpose": route.name}
            origins[key] = (values, wish.minutes)
            planned_on[customer.id].add(days[number])
        for wish, line in self._due_wishes(facts, user, days, planned_on, refused):
            wishes.append(wish)
            values = {"origin": "policy", "policy_line_id": line.id}
            origins[wish.key] = (values, wish.minutes)
        planned = plan_week(wishes, week, facts["hours"])
        lines = []
        for key, number, start in planned.visits:
            values, minutes = origins[key]
            lines.append(
                {
                    **values,
                    "plan_id": plan.id,
                    "partner_id": key[0],
                    "date": days[number],
                    "hour": start / 60,
                    "duration": minutes / 60,
                }
            )
            facts["in_weeks"][key[0]].add(days[number])
        Route = self.env["stm.route"]
        for (customer_id, number), reason in planned.refused.items():
            values, _minutes = origins[customer_id, number]
            route = Route.browse(values.get("route_id"))
            day = None if number is None else days[number]
            refused.append((customer_id, route, day, reason))
        return lines, self._prepare_unplaced(facts, user, plan, refused)

    def _week_of(self, facts, user, days, plan):
        """What the person works in the week, and what of it is taken already."""
        calendar, away = facts["calendar"], facts["away"]
        presence = facts["presence"].get(user.id)
        workdays = len(calendar.weekdays) or 5
        full = facts["load"][user.id]
        limit = -(-full // workdays)
        limits, share = {}, 0.0
        for number, day in days.items():
            here = not presence or any(
                first <= day and (not last or last >= day) for first, last in presence
            )
            absent = away.get((user.id, day), 0.0)
            if calendar.is_workday(day) and here and absent < 1:
                limits[number] = -(-limit * (1 - absent) // 1)
                share += 1 - absent
        taken = defaultdict(list)
        customers = facts["customers"]
        for line in plan.line_ids:
            customer = customers[line.partner_id.id]
            stop = Stop(
                None,
                round(line.duration * 60),
                customer.position,
                start=round(line.hour * 60),
            )
            taken[(line.date - days[0]).days].append((stop, customer.place))
        local = self.with_context(tz=user._stm_tz())
        for visit in facts["visits"].get(user, ()):
            if not days[0] <= visit.date <= days[6]:
                continue
            start = fields.Datetime.context_timestamp(local, visit.start_at)
            customer = customers[visit.partner_id.id]
            stop = Stop(
                None,
                round(visit.duration * 60),
                customer.position,
                start=start.hour * 60 + start.minute,
            )
            taken[(visit.date - days[0]).days].append((stop, customer.place))
        return Week(
            limits={number: int(most) for number, most in limits.items()},
            # Whoever is there for half of the week makes half of the visits.
            capacity=int(round(full * share / workdays, 6)),
            route_capacity=int(full),
            taken=dict(taken),
        )

    def _route_stops(self, facts, user, monday, planned_on):
        """(route, stop, weekday) of the week that are not in the plan yet.

        A stop that somebody moved to another day of the week is there already.
        """
        stops = []
        for route in facts["routes"].get(user, ()):
            days = route._days_of(monday)
            week = route._week_of_cycle(monday)
            for line in route.line_ids.sorted(lambda line: (line.sequence, line.id)):
                if line.week not in (0, week):
                    continue
                there = planned_on[line.partner_id.id]
                missing = [day for day in days if day not in there]
                moved = len(there.difference(days))
                stops += [(route, line, (day - monday).days) for day in missing[moved:]]
        stops.sort(key=lambda stop: stop[2])
        return stops

    def _route_wish(self, facts, customer, line, number):
        return Wish(
            key=(customer.id, number),
            minutes=round(line.duration * 60),
            position=customer.position,
            place=customer.place,
            day=number,
            windows=facts["windows"].get(customer.id),
        )

    def _cannot_visit(self, facts, user, customer, day):
        """Code why a customer of a route cannot be visited on a day, or None."""
        if not customer.active:
            return "archived"
        if customer.company_id and customer.company_id != facts["company"].id:
            return "company"
        if not self._may_enter(facts, user, customer, day):
            return "region"
        return None

    def _due_wishes(self, facts, user, days, planned_on, refused):
        """Visits that are due in the week by the policy, the most overdue first.

        :return: (wish, line of the policy)
        """
        wishes = []
        for customer in facts["owned"].get(user.id, ()):
            line = facts["match"][days[0]](customer.class_id, customer.region_path)
            interval = line and line._interval()
            if not interval or not customer.active:
                continue
            seen = {
                day
                for day in facts["in_weeks"].get(customer.id, set())
                | planned_on[customer.id]
                if day <= days[6]
            }
            last = max(seen, default=None) or facts["last_seen"].get(customer.id)
            due = last + timedelta(interval) if last else days[0]
            if due > days[6]:
                continue
            earliest = days[0]
            if last:
                earliest = min(due, last + timedelta(line.min_days or interval))
            allowed = {number: day for number, day in days.items() if day >= earliest}
            in_region = self._days_in_region(facts, user, customer, allowed)
            if not in_region:
                if customer.user_id:
                    route = self.env["stm.route"]
                    refused.append((customer.id, route, None, "region"))
                continue
            late = 7
            if last:
                latest = last + timedelta(line._overdue_after() or interval)
                late = (latest - days[0]).days
            overdue = (days[6] - due).days / interval if last else float("inf")
            wishes.append(
                (
                    (-overdue, -line.visits_per_month, customer.id),
                    Wish(
                        key=(customer.id, None),
                        minutes=round(line.duration * 60),
                        position=customer.position,
                        place=customer.place,
                        days=in_region,
                        windows=facts["windows"].get(customer.id),
                        late=late,
                        interval=interval,
                    ),
                    line,
                )
            )
        wishes.sort(key=lambda wish: wish[0])
        return [(wish, line) for _rank, wish, line in wishes]

    # ------------------------------------------------------------
    # Business methods: what found no place
    # ------------------------------------------------------------

    def _prepare_unplaced(self, facts, user, plan, refused):
        """Values of the list of what found no place, in the person's language."""
        speaker = self.with_context(lang=user.lang or self.env.lang)
        return [
            {
                "plan_id": plan.id,
                "partner_id": customer_id,
                "route_id": route.id,
                "date": day,
                "reason": reason,
                "note": speaker._say_unplaced(facts, user, day, reason),
            }
            for customer_id, route, day, reason in refused
        ]

    def _say_unplaced(self, facts, user, day, reason):
        """The sentence that explains a reason to the person of the plan."""
        on = day and format_date(self.env, day)
        if reason == "no_day":
            if not day:
                return self.env._(
                    "There is no working day on which the visit may be made."
                )
            if not facts["calendar"].is_workday(day):
                return self.env._("%s is a day off. Choose another day.", on)
            return self.env._("You are absent on %s. Choose another day.", on)
        if reason == "window":
            return self.env._(
                "No time is left within the visiting hours of the customer. Move"
                " another visit, or ask for other hours."
            )
        if reason == "day_full":
            return self.env._(
                "The hours of the day are full, with the way and the buffer. Take"
                " something else out, or make visits shorter."
            )
        if reason == "capacity":
            return self.env._(
                "The week has as many visits as %(count)s a week allow. Take something"
                " else out, or visit the customer next week.",
                count=f"{facts['load'][user.id]:g}",
            )
        if reason == "region":
            return self.env._(
                "The customer lies outside the regions that are assigned to you on"
                " these days. Ask your leader to assign the region or the customer."
            )
        if reason == "archived":
            return self.env._(
                "The customer is archived. Take the stop out of the route."
            )
        return self.env._("The customer belongs to another company.")

    # ------------------------------------------------------------
    # Business methods: rights
    # ------------------------------------------------------------

    @api.model
    def _check_may_generate(self, users, mondays):
        """Leaders propose for their people, everybody else for the own next week."""
        if self.env.su:
            return
        actor = self.env.user
        led = self.env["stm.access"]._stm_people_led_by(actor, users - actor)
        for user in users - led - actor:
            raise AccessError(
                self.env._(
                    "You do not lead %s: only a leader above can have a plan proposed.",
                    user.name,
                )
            )
        leads = bool(self.env["stm.access"]._stm_leading(actor))
        coming = weeks.monday_of(actor._stm_today()) + timedelta(weeks=1)
        for monday in mondays:
            if monday + timedelta(days=6) < actor._stm_today():
                raise UserError(
                    self.env._(
                        "The week of %s is over; nothing is proposed for it any more.",
                        format_date(self.env, monday),
                    )
                )
            if not leads and monday != coming:
                raise AccessError(
                    self.env._(
                        "You can have your own next week proposed. For other weeks, use"
                        " the button “Propose” of the plan, or ask your leader."
                    )
                )

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_propose(self, batch_size=PEOPLE_AT_ONCE):
        """Propose next week to people with routes who have no plan of it (CRN-39).

        Each week of a route is proposed once: what its person takes out of the draft
        stays out. Workers share a run; the route with the lowest number of a person is
        locked by whoever does the person, and written so that nobody does it again.
        """
        cron = self.env["ir.cron"]
        today = fields.Date.context_today(self)
        monday = weeks.monday_of(today) + timedelta(weeks=1)
        if cron._stm_do_all(lambda: self._propose_next(monday, batch_size)):
            cron._stm_finish()

    @api.model
    def _propose_next(self, monday, batch_size):
        """Propose a week to the next people; return how many were looked at."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT route.user_id, route.company_id
                  FROM stm_route route
                 WHERE %(due)s AND NOT EXISTS (
                       SELECT FROM stm_route other
                        WHERE other.user_id = route.user_id
                          AND other.company_id = route.company_id
                          AND other.id < route.id
                          AND %(other_due)s)
                 ORDER BY route.id LIMIT %(limit)s
                   FOR UPDATE OF route SKIP LOCKED
                """,
                due=self._route_due("route", monday),
                other_due=self._route_due("other", monday),
                limit=batch_size,
            )
        )
        people = defaultdict(list)
        for user_id, company_id in rows:
            people[company_id].append(user_id)
        for company_id, user_ids in people.items():
            company = self.env["res.company"].browse(company_id)
            routes = (
                self.env["stm.route"]
                .sudo()
                .search([("company_id", "=", company_id), ("user_id", "in", user_ids)])
            )
            planned = self.sudo().search(
                [
                    ("company_id", "=", company_id),
                    ("user_id", "in", user_ids),
                    ("date_from", "=", monday),
                ]
            )
            users = self.env["res.users"].browse(user_ids) - planned.user_id
            self._generate(users.filtered("active"), company, [monday])
            routes.write({"planned_until": monday})
        return len(rows)

    @api.model
    def _route_due(self, alias, monday) -> SQL:
        """Routes of a week that was not proposed yet; table by its alias."""
        return SQL(
            """
            %(route)s.active AND %(route)s.date_from <= %(sunday)s
            AND (%(route)s.date_to IS NULL OR %(route)s.date_to >= %(monday)s)
            AND (%(route)s.planned_until IS NULL
                 OR %(route)s.planned_until < %(monday)s)
            """,
            route=SQL.identifier(alias),
            monday=monday,
            sunday=monday + timedelta(days=6),
        )
