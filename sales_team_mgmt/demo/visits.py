"""How the demo people make their visits, and what is believed of them."""

import base64
import io
import math
import random
from datetime import timedelta

from PIL import Image, ImageDraw

from odoo.fields import Command

from ..tools import positions
from . import texts

# Positions are recorded for so long; everybody agreed on the first day.
WEEKS = 6
PEOPLE = ("sales", "sales2", "sales3", "sales4", "area", "area2", "manager")
# Hours that the main login has been on the road today, at most.
ON_THE_ROAD = 2.5
HOURS_BETWEEN = 1.25

# Purposes for which the shop is patrolled; other visits are about the customer.
OUTLET_PURPOSES = {
    "Stock count",
    "Show the standing desk",
    "Regular visit",
    "Check the competitor's shelf",
    "Promotion for the start of term",
}
# One in so many check-ins is away from the customer, or proves nothing.
OUTSIDE_EVERY = 19
UNVERIFIED_EVERY = 23
# Exceptions older than these days were looked at.
DAYS_OPEN = 9


def hours_of_today(elapsed, count):
    """Hours of the visits of today: one done, one on site, the others to come.

    :param float elapsed: hours since midnight
    """
    span = min(elapsed, ON_THE_ROAD)
    step = min(HOURS_BETWEEN, (24 - elapsed) / (count - 1))
    hours = [elapsed - 0.9 * span, elapsed - 0.3 * span]
    hours += [elapsed + step * (number + 0.4) for number in range(count - 2)]
    return [math.floor(hour * 60) / 60 for hour in hours]


class Visits:
    """Checks in, counts, calls and promises for the people of a ``History``."""

    def __init__(self, history):
        self.history = history
        self.env = history.env
        # Its own dice: what the others throw stays as it is.
        self.rng = random.Random(4)
        self.users = history.users_by_login
        self.since = history.monday - timedelta(weeks=WEEKS)

    def load(self):
        self._set_up()
        self._write_routes()
        visits = self._visits()
        self._check_in(visits)
        self._write_today()
        self._write_slips()
        self._write_details(visits)
        self._look_at_exceptions(visits)
        self._check_last_month()
        self._write_joint_visit(visits)
        self._write_contacts()
        self._write_promises(visits)
        self._write_issues(visits)

    # ------------------------------------------------------------
    # People and moments
    # ------------------------------------------------------------

    def _ref(self, name):
        return self.env.ref(name if "." in name else f"sales_team_mgmt.{name}")

    def _leader(self, user):
        return self.history.teams[user]._stm_superiors(user)[0][0]

    def _moment(self, user, days_ago, hour):
        """An hour of a day of the past; never later than a few minutes ago."""
        day = self.history.today - timedelta(days=days_ago)
        latest = self.history.now - timedelta(minutes=10)
        return min(self.history.moment(user, day, hour), latest)

    def _workday(self, days):
        """The working day so many days from today, or the next one."""
        day = self.history.today + timedelta(days=days)
        while day.weekday() > 4:
            day += timedelta(days=1)
        return day

    def _visits(self):
        """Finished visits of the last weeks, as they were made."""
        return self.env["stm.visit"].search(
            [
                ("user_id", "in", [self.users[login].id for login in PEOPLE]),
                ("date", ">=", self.since),
                ("state", "=", "done"),
            ],
            order="user_id, start_at, id",
        )

    def _recent(self, visits, login, number):
        """The last but ``number`` finished visit of somebody."""
        own = visits.filtered(lambda visit: visit.user_id == self.users[login])
        own = own.sorted("start_at", reverse=True)
        return own[min(number, len(own) - 1)]

    # ------------------------------------------------------------
    # What comes first
    # ------------------------------------------------------------

    def _set_up(self):
        """Positions are on, everybody agreed, some customers have visiting hours."""
        company = self.history.company
        company.stm_record_positions = True
        self.env["stm.position.consent"].create(
            [
                {
                    "user_id": self.users[login].id,
                    "company_id": company.id,
                    "given_at": self.history.moment(self.users[login], self.since, 8),
                    "text": company.stm_position_consent,
                    "lang": self.env.lang,
                }
                for login in PEOPLE
            ]
        )
        self.env["stm.visit.window"].create(
            [
                {
                    "partner_id": self._ref(name).id,
                    "weekday": weekday,
                    "hour_from": hour_from,
                    "hour_to": hour_to,
                }
                for name, days, hour_from, hour_to in texts.VISITING_HOURS
                for weekday in days
            ]
        )

    def _write_routes(self):
        self.env["stm.route"].create(
            [
                {
                    "name": name,
                    "user_id": self.users[login].id,
                    "company_id": self.history.company.id,
                    "region_id": self._ref(region).id,
                    "date_from": self.since,
                    "cycle_start": self.since,
                    "cycle_weeks": max(week for _stop, week in stops) or 1,
                    "color": color,
                    **{day: True for day in days},
                    "monday": "monday" in days,
                    "line_ids": [
                        Command.create(
                            {
                                "partner_id": self._ref(stop).id,
                                "week": week,
                                "sequence": number * 10,
                            }
                        )
                        for number, (stop, week) in enumerate(stops, start=1)
                    ],
                }
                for name, login, region, color, days, stops in texts.ROUTES
            ]
        )

    # ------------------------------------------------------------
    # Being there
    # ------------------------------------------------------------

    def _check_in(self, visits):
        """Times, types, positions and verdicts of visits that were made."""
        outlet = visits.filtered(lambda visit: visit.purpose in OUTLET_PURPOSES)
        outlet.write({"type_id": self._ref("visit_type_outlet").id})
        places = []
        for number, visit in enumerate(visits):
            begin = visit.start_at + timedelta(seconds=self.rng.randint(-300, 900))
            stay = timedelta(hours=visit.duration * self.rng.uniform(0.7, 1.0))
            end = min(begin + stay, visit.done_at)
            if number % OUTSIDE_EVERY == OUTSIDE_EVERY - 3:
                kind = "outside"
            elif number % UNVERIFIED_EVERY == UNVERIFIED_EVERY - 5:
                kind = self.rng.choice(("denied", "timeout"))
            else:
                kind = None
            places += self._arrive(visit, begin, kind)
            visit.check_out_at = end
            places.append(self._place(visit, "out", end)[0])
        self.env["stm.visit.position"].create(places)

    def _arrive(self, visit, moment, kind=None):
        """Write the check-in; returns the values of its position."""
        place, verdict = self._place(visit, "in", moment, kind)
        reasons = texts.POSITION_REASONS.get(kind or "unknown")
        reason = verdict.code != "verified" and self.rng.choice(reasons)
        visit.write(
            {
                "check_in_at": moment,
                "verdict": verdict.code,
                "verdict_note": verdict.why,
                "verdict_reason": reason,
                "distance": verdict.distance or 0,
            }
        )
        return [{**place, "reason": reason}]

    def _place(self, visit, way, moment, kind=None):
        """Values of a position, and what the rule of the company makes of it."""
        partner, company = visit.partner_id, self.history.company
        target = (partner.partner_latitude, partner.partner_longitude)
        times = positions.Times(moment, moment, moment)
        read, error = None, kind if kind != "outside" else None
        if not error and any(target):
            metres = self.rng.uniform(5, 60)
            if kind == "outside":
                metres = self.rng.uniform(380, 900)
            angle = self.rng.uniform(0, 2 * math.pi)
            read = positions.Position(
                target[0] + metres * math.cos(angle) / 111195,
                target[1]
                + metres * math.sin(angle) / 111195 / math.cos(math.radians(target[0])),
                round(self.rng.uniform(4, 25), 1),
                moment - timedelta(seconds=self.rng.randrange(20)),
            )
        elif not error:
            read = positions.Position(*texts.SOMEWHERE, 15.0, moment)
        rules = positions.Rules(
            company.stm_check_in_radius,
            company.stm_position_accuracy,
            company.stm_position_age,
            company.stm_clock_tolerance,
        )
        verdict = positions.judge(read, error, target, rules, times, env=self.env)
        values = {
            "visit_id": visit.id,
            "kind": way,
            "device_at": moment,
            "server_at": moment,
            "distance": verdict.distance or 0,
            "verdict": verdict.code,
            "note": verdict.why,
            "error": error,
        }
        if read:
            values |= {
                "latitude": read.latitude,
                "longitude": read.longitude,
                "accuracy": read.accuracy,
                "read_at": read.read_at,
            }
        return values, verdict

    def _write_today(self):
        """The main login is on the road: one visit is done, at one he is right now."""
        user, now = self.users["sales"], self.history.now
        visits = self.env["stm.visit"].search(
            [
                ("user_id", "=", user.id),
                ("date", "=", self.history.today),
                ("state", "=", "planned"),
            ],
            order="start_at, id",
        )
        for number, visit in enumerate(visits, start=1):
            visit.sequence = number * 10
        done, current = visits[0], visits[1]
        done.type_id = self._ref("visit_type_outlet")
        places = self._arrive(done, done.start_at)
        text = texts.VISIT_OF_TODAY
        end = done.start_at + (current.start_at - done.start_at) * 0.6
        done.write(
            {
                "state": "done",
                "check_out_at": end,
                "done_at": end,
                "content": text.content,
                "result": text.result,
                "problem": text.problem,
                "next_step": text.next_step,
            }
        )
        places.append(self._place(done, "out", end)[0])
        places += self._arrive(current, min(current.start_at, now))
        current.state = "started"
        self.env["stm.visit.position"].create(places)
        self._take_photos(done, 1)
        self._count(done)

    # ------------------------------------------------------------
    # What was found
    # ------------------------------------------------------------

    def _write_details(self, visits):
        """Photos, counts, competitors and quotations of the last patrols."""
        people = [self.users[login] for login in PEOPLE[:4]]
        outlet = self._ref("visit_type_outlet")
        patrols = visits.filtered(
            lambda visit: visit.type_id == outlet and visit.user_id in people
        ).sorted("start_at", reverse=True)
        for number, visit in enumerate(patrols[:3], start=2):
            self._take_photos(visit, number)
        # The last one sent the picture of the one before once more.
        if len(patrols) > 3:
            self._take_photos(patrols[3], 4)
        for visit in patrols[:6]:
            self._count(visit)
        self.env["stm.visit.competitor"].create(
            [
                {"visit_id": visit.id, **seen}
                for visit, seen in zip(patrols, texts.COMPETITORS, strict=False)
            ]
        )
        for visit in visits.sorted("start_at", reverse=True)[:3]:
            self._quote(visit)

    def _take_photos(self, visit, number):
        self.env["stm.visit.photo"].create(
            {
                "visit_id": visit.id,
                "label": texts.PHOTO_LABELS[number % len(texts.PHOTO_LABELS)],
                "image": self._picture(number),
                "taken_at": visit.check_in_at + timedelta(minutes=4),
            }
        )

    def _picture(self, number):
        """A shelf, drawn; the same number is the same file."""
        rng = random.Random(number)
        picture = Image.new("RGB", (640, 480), (232, 226, 214))
        draw = ImageDraw.Draw(picture)
        draw.rectangle((0, 420, 640, 480), fill=(150, 132, 112))
        woods = [(176, 122, 74), (92, 74, 60), (206, 176, 138), (74, 98, 110)]
        for top in (60, 180, 300):
            left = 30
            while left < 560:
                width = rng.randint(40, 90)
                height = rng.randint(50, 95)
                draw.rectangle(
                    (left, top + 100 - height, left + width, top + 100),
                    fill=rng.choice(woods),
                    outline=(60, 50, 44),
                )
                left += width + rng.randint(6, 34)
            draw.rectangle((16, top + 100, 624, top + 110), fill=(120, 96, 72))
        target = io.BytesIO()
        picture.save(target, "JPEG", quality=80)
        return base64.b64encode(target.getvalue())

    def _count(self, visit):
        products = self._products()[:3]
        self.env["stm.visit.stock"].create(
            [
                {
                    "visit_id": visit.id,
                    "product_id": product.id,
                    "quantity": self.rng.randint(0, 24),
                    "facings": self.rng.randint(1, 6),
                    "price": round(product.list_price * 1.3),
                }
                for product in products
            ]
        )

    def _products(self):
        found = (self.env.ref(name, False) for name in texts.COUNTED)
        return [product.product_variant_id for product in found if product]

    def _quote(self, visit):
        """A quotation that came out of the visit and was sent the same day."""
        products = self._products()
        if not products:
            return
        order = self.env["sale.order"].create(
            {
                "partner_id": visit.partner_id.id,
                "user_id": visit.user_id.id,
                "team_id": visit.team_id.id,
                "company_id": visit.company_id.id,
                "stm_visit_id": visit.id,
                "date_order": visit.done_at,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": self.rng.randint(2, 12),
                        }
                    )
                    for product in products[:2]
                ],
            }
        )
        order.state = "sent"

    # ------------------------------------------------------------
    # What is believed
    # ------------------------------------------------------------

    def _look_at_exceptions(self, visits):
        """Leaders accepted what is older; one was asked about, the others wait."""
        people = [self.users[login] for login in PEOPLE[:4]]
        visits = visits.filtered(lambda visit: visit.user_id in people)
        Exceptions = self.env["stm.visit.exception"]
        Exceptions._raise(visits._prepare_rule_exceptions())
        found = Exceptions.search([("visit_id", "in", visits.ids)], order="date, id")
        since = self.history.today - timedelta(days=DAYS_OPEN)
        old = found.filtered(lambda exception: exception.date < since)
        for number, exception in enumerate(old):
            leader = self._leader(exception.user_id)
            if number:
                comments = texts.ACCEPTED
                exception.with_user(leader).action_accept(self.rng.choice(comments))
            else:
                exception.with_user(leader).action_reject(texts.REJECTED)
            day = exception.date + timedelta(days=1)
            exception.decided_at = self.history.moment(leader, day, 9.25)
        waiting = found - old
        if waiting:
            first = waiting[0]
            first.with_user(self._leader(first.user_id)).action_ask(texts.QUESTION)

    def _check_last_month(self):
        """A tenth of last month's visits was checked; one turned out to be false."""
        last = self.history.today.replace(day=1) - timedelta(days=1)
        Check = self.env["stm.spot.check"]
        for login, findings in texts.SPOT_CHECKS.items():
            user = self.users[login]
            visits = self.env["stm.visit"].search(
                [
                    ("user_id", "=", user.id),
                    ("date", ">=", last.replace(day=1)),
                    ("date", "<=", last),
                    ("state", "=", "done"),
                ],
                order="start_at, id",
            )
            drawn = self.rng.sample(list(visits), min(len(findings), len(visits)))
            checks = Check._draw_visits(
                visits.browse(visit.id for visit in drawn),
                date_due=self.history.today + timedelta(days=4),
            )
            leader = self._leader(user)
            for check, finding in zip(checks, findings, strict=False):
                if finding:
                    check.with_user(leader).write(finding)
                    check.with_user(leader).action_check()
                    check.sudo().checked_at = self._moment(leader, 1, 16)

    def _write_slips(self):
        """One trip is over, one is approved, one waits for the area manager."""
        for login, days, destination, purpose, stops, state in texts.SLIPS:
            user = self.users[login]
            day = self._workday(days)
            slip = (
                self.env["stm.visit.slip"]
                .with_user(user)
                .create(
                    {
                        "user_id": user.id,
                        "company_id": self.history.company.id,
                        "out_from": self.history.moment(user, day, 8),
                        "out_to": self.history.moment(user, day, 17.5),
                        "destination": destination,
                        "purpose": purpose,
                        "line_ids": [
                            Command.create(
                                {
                                    "partner_id": self._ref(stop).id,
                                    "start_at": self.history.moment(user, day, hour),
                                    "purpose": reason,
                                }
                            )
                            for stop, hour, reason in stops
                        ],
                    }
                )
            )
            slip.action_submit()
            if state == "submitted":
                continue
            leader = self._leader(user)
            slip.with_user(leader).action_approve(texts.SLIP_COMMENT)
            self._date_back(slip.sudo(), min(days, 0) - 2)
            if state == "returned":
                self._return(slip.sudo(), day)

    def _date_back(self, slip, days):
        """Submitted in the morning of that day, approved a little later."""
        asked = self._moment(slip.user_id, -days, 9)
        said = asked + timedelta(minutes=35)
        slip.write({"submitted_at": asked, "decided_at": said})
        slip.approval_id.write({"submitted_at": asked, "decided_at": said})
        slip.approval_id.line_ids.filtered("acted_at").acted_at = said

    def _return(self, slip, day):
        """The visits of the trip were made, and the person came back."""
        for visit in slip.visit_ids:
            text = self.rng.choice(texts.VISITS)
            end = visit.start_at + timedelta(hours=visit.duration)
            visit.write(
                {
                    "state": "done",
                    "done_at": end + timedelta(minutes=12),
                    "content": text.content,
                    "result": text.result,
                    "problem": text.problem,
                    "next_step": text.next_step,
                }
            )
        self._check_in(slip.visit_ids)
        slip.returned_at = self.history.moment(slip.user_id, day, 17.2)

    def _write_joint_visit(self, visits):
        """The area manager came along once and shared what he saw."""
        visit = self._recent(visits, "sales", 2)
        notes = texts.JOINT_VISIT
        self.env["stm.joint.visit"].create(
            {
                "visit_id": visit.id,
                "user_id": visit.user_id.id,
                "company_id": visit.company_id.id,
                "companion_id": self.users["area"].id,
                "state": "shared",
                "request": notes["request"],
                "strengths": notes["strengths"],
                "to_improve": notes["to_improve"],
                "agreed_step": notes["agreed_step"],
                "line_ids": [
                    Command.create({"sequence": number * 10, **line})
                    for number, line in enumerate(notes["lines"], start=1)
                ],
            }
        )

    # ------------------------------------------------------------
    # Calls, promises, problems
    # ------------------------------------------------------------

    def _write_contacts(self):
        values = []
        for login, days, hour, name, contact in texts.CONTACTS:
            user = self.users[login]
            moment = self._moment(user, days, hour)
            if days == 0:
                # Two calls on the way, however young the day is.
                elapsed = self.history.now - self.history.midnight
                share = timedelta(hours=ON_THE_ROAD) * hour / 24
                moment = self.history.now - min(elapsed * hour / 24, share)
            values.append(
                {
                    "user_id": user.id,
                    "company_id": self.history.company.id,
                    "partner_id": self._ref(name).id,
                    "contact_at": moment,
                    **contact,
                }
            )
        self.env["stm.contact.log"].create(values)

    def _write_promises(self, visits):
        """Some are kept, some are open, one is overdue."""
        today = self.history.today
        for login, number, due_in, promised, is_kept in texts.PROMISES:
            visit = self._recent(visits, login, number)
            due = max(visit.date, today + timedelta(days=due_in))
            promise = self.env["stm.promise"].create(
                {
                    "user_id": visit.user_id.id,
                    "company_id": visit.company_id.id,
                    "visit_id": visit.id,
                    "date_due": due,
                    **promised,
                }
            )
            if is_kept:
                kept = max(visit.done_at, self.history.moment(visit.user_id, due, 11.5))
                promise._stm_write_outcome({"state": "kept", "kept_at": kept})

    def _write_issues(self, visits):
        for login, number, days, found, steps in texts.ISSUES:
            visit = self._recent(visits, login, number)
            logged = self._moment(visit.user_id, days, 15)
            issue = self.env["stm.customer.issue"].create(
                {
                    "user_id": visit.user_id.id,
                    "company_id": visit.company_id.id,
                    "visit_id": visit.id,
                    "logged_at": logged,
                    **found,
                }
            )
            outcome = {}
            for hours, step in enumerate(steps):
                outcome[f"{step}_at"] = logged + timedelta(hours=hours * 3 + 1)
            if "solved_at" in outcome:
                outcome["solved_by_id"] = self._leader(visit.user_id).id
            if steps:
                issue._stm_write_outcome({**outcome, "state": steps[-1]})
