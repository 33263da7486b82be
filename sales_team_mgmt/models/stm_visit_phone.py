import math
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import MissingError, UserError
from odoo.fields import Command, Domain

from ..tools import positions
from ..tools.geo import is_position
from .stm_checklist_answer import VALUE_FIELDS
from .stm_client_action import CLIENT_ACTION_KINDS
from .stm_visit_execution import Evidence, ReasonNeeded

#: Actions carried out in one call; what is left is sent again.
MAX_ACTIONS = 200
MAX_PRODUCTS = 200
MAX_CUSTOMERS = 500
#: Characters of a text that is entered on a phone.
MAX_TEXT = 20_000

KINDS = frozenset(kind for kind, _label in CLIENT_ACTION_KINDS)
# Actions that say how far a visit is, and nothing else.
CHECKS = ("check_in", "check_out")
# Actions that are about no visit.
WITHOUT_VISIT = ("create", "call", "consent")
NOTE_FIELDS = (
    "purpose",
    "content",
    "result",
    "problem",
    "next_step",
    "support_wanted",
)


class Sent(NamedTuple):
    """One action as it was sent, checked as far as it can be without the database."""

    uuid: str
    kind: str
    #: Id or client uuid of the visit.
    visit: int | str | None
    times: positions.Times
    data: dict


class StmVisit(models.Model):  # pylint: disable=consider-merging-classes-inherited
    """What the phone of a salesperson reads and sends.

    The phone keeps what is entered and sends it when it can, perhaps twice: each action
    has a number of its own and is carried out once, in its own savepoint. What is wrong
    with an action is said in a sentence, and nothing of it is stored.
    """

    _inherit = "stm.visit"  # pylint: disable=consider-merging-classes-inherited

    # ------------------------------------------------------------
    # What the phone reads
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def stm_today(self, day=False):
        """The day of the current user, in a constant number of queries.

        :param day: date as text; today by default, where the user is
        """
        self.browse().check_access("read")
        user = self.env.user
        day = self._stm_day_of_phone(day)
        visits = self.search(
            Domain("user_id", "=", user.id)
            & (
                Domain("date", "=", day) & Domain("state", "!=", "cancelled")
                | Domain("state", "=", "started")
            ),
            order="sequence, start_at, id",
        )
        shown = visits._stm_phone_visits()
        types = self.env["stm.visit.type"]._stm_in_force(self.env.company, day)
        return {
            "day": fields.Date.to_string(day),
            "now": self._stm_utc(fields.Datetime.now()),
            "user": {"id": user.id, "name": user.name},
            "settings": self._stm_phone_settings(),
            "visits": [shown[visit.id] for visit in visits],
            "types": [
                {
                    "id": kind.id,
                    "name": kind.name,
                    "actions": [
                        step._asdict() for step in types._stm_steps_of(kind.id)
                    ],
                    "default": kind == types[0],
                    "preparation": kind.preparation or None,
                }
                for kind in types.with_env(self.env).sudo()
            ],
            "products": self._stm_phone_products(visits),
            "customers": self._stm_phone_customers(),
            "counts": self._stm_phone_counts(day, visits),
        }

    @api.model
    def _stm_day_of_phone(self, day):
        if not day:
            return self.env.user._stm_today()
        try:
            return fields.Date.to_date(day)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("“%s” is no day.", day)) from error

    @api.model
    def _stm_phone_settings(self):
        company = self.env.company.sudo()
        consent = None
        if company.stm_record_positions:
            consent = {
                "text": company.stm_position_consent or "",
                "given": self.env["stm.position.consent"]._stm_given(
                    self.env.user, company
                ),
            }
        return {
            "record_positions": company.stm_record_positions,
            "accuracy": company.stm_position_accuracy,
            "age": company.stm_position_age,
            "radius": company.stm_check_in_radius,
            "photo_px": company.stm_photo_pixels,
            "consent": consent,
        }

    def _stm_phone_visits(self):
        """{visit id: the visit as the phone shows it}, all in a few reads."""
        if not self:
            return {}
        # Their photos and orders are the user's own; those of others are not shown.
        mine = self.filtered(lambda visit: visit.user_id == self.env.user)
        photos, orders = defaultdict(list), defaultdict(list)
        ordered = set()
        for photo in (
            self.env["stm.visit.photo"]
            .sudo()
            .search_fetch(
                [("visit_id", "in", mine.ids), ("is_purged", "=", False)],
                ["visit_id", "label", "taken_at"],
            )
        ):
            photos[photo.visit_id.id].append(
                {
                    "id": photo.id,
                    "label": photo.label,
                    "taken_at": self._stm_utc(photo.taken_at),
                }
            )
        for order in (
            self.env["sale.order"]
            .sudo()
            .search_fetch(
                [("stm_visit_id", "in", mine.ids)],
                ["stm_visit_id", "name", "state"],
                order="id",
            )
        ):
            orders[order.stm_visit_id.id].append({"id": order.id, "name": order.name})
            if order.state != "cancel":
                ordered.add(order.stm_visit_id.id)
        steps = self._stm_steps(known={"photo": set(photos), "order": ordered})
        questions = self._stm_phone_questions()
        Type = self.env["stm.visit.type"]
        warnings = self._stm_warnings()
        return {
            visit.id: {
                **visit._stm_phone_state(),
                "partner_id": visit.partner_id.id,
                "customer": visit.partner_id.display_name,
                "contact": visit.contact_id.name or None,
                "phone": visit.phone or None,
                "address": visit.address or None,
                **self._stm_place(visit.partner_id),
                "start": self._stm_utc(visit.start_at),
                "minutes_planned": round(visit.duration * 60),
                "sequence": visit.sequence,
                "type_id": visit.type_id.id or None,
                "preparation": Type._stm_preparation_of(visit.type_id.id),
                "purpose": visit.purpose or None,
                "planned": bool(visit.plan_line_id),
                **{name: visit[name] or None for name in NOTE_FIELDS[1:]},
                "warning": warnings.get(visit) or None,
                "actions": [
                    {**step._asdict(), "done": done} for step, done in steps[visit]
                ],
                "questions": questions[visit.id],
                "photos": photos[visit.id],
                "order_ids": orders[visit.id],
            }
            for visit in self
        }

    def _stm_phone_state(self):
        """How far the visit is, and what is believed of it."""
        self.ensure_one()
        return {
            "id": self.id,
            "uuid": self.client_uuid or None,
            "state": self.state,
            "check_in": self._stm_utc(self.check_in_at),
            "check_out": self._stm_utc(self.check_out_at),
            "verdict": self.verdict or None,
            "verdict_note": self.verdict_note or None,
        }

    def _stm_warnings(self):
        """Hook: {visit: sentence} of what the salesperson should know of the day."""
        now = fields.Datetime.now()
        return {
            visit: self.env._("Overdue")
            for visit in self
            if visit.state == "planned" and visit.start_at < now
        }

    def _stm_phone_questions(self):
        """{visit id: its questions}"""
        questions = defaultdict(list)
        answers = self._stm_answers().sorted(lambda a: (a.sequence, a.id))
        for answer in answers.with_context(bin_size=True):
            line = answer.line_id
            name = VALUE_FIELDS[line.answer_type]
            value = answer[name] if answer.is_answered else None
            if name == "value_photo":
                value = answer.is_answered
            elif name == "value_date" and value:
                value = fields.Date.to_string(value)
            questions[answer.res_id].append(
                {
                    "id": answer.id,
                    "question": line.name,
                    "section": line.section or "",
                    "hint": line.help or "",
                    "type": line.answer_type,
                    "required": line.required,
                    "options": line._stm_options(),
                    "minimum": line.minimum if line._stm_has_bounds() else None,
                    "maximum": line.maximum if line._stm_has_bounds() else None,
                    "value": value,
                }
            )
        return questions

    @api.model
    def _stm_phone_products(self, visits):
        """What the customers of the day buy most, filled up with what is on sale."""
        Line, Product = self.env["sale.order.line"], self.env["product.product"]
        on_sale = (
            Domain("sale_ok", "=", True)
            & Domain("type", "!=", "combo")
            & Domain("company_id", "in", [self.env.company.id, False])
        )
        products = Product
        if visits:
            rows = Line._read_group(
                Domain(
                    "order_id.partner_id", "child_of", visits.commercial_partner_id.ids
                )
                & Domain("state", "=", "sale")
                & Domain("product_id", "any", on_sale),
                ["product_id"],
                ["product_uom_qty:sum"],
                order="product_uom_qty:sum DESC, product_id",
                limit=MAX_PRODUCTS,
            )
            products = Product.union(*(product for product, _quantity in rows))
        if len(products) < MAX_PRODUCTS:
            products |= Product.search(
                on_sale & Domain("id", "not in", products.ids),
                limit=MAX_PRODUCTS - len(products),
            )
        return [
            {
                "id": product.id,
                "name": product.display_name,
                "price": product.lst_price,
                "uom": product.uom_id.name,
            }
            for product in products
        ]

    @api.model
    def _stm_phone_customers(self):
        """Own customers, for visits off the plan where there is no network."""
        customers = self.env["res.partner"].search(
            Domain("user_id", "=", self.env.uid)
            & Domain("type", "=", "contact")
            & Domain("company_id", "in", [self.env.company.id, False]),
            limit=MAX_CUSTOMERS,
        )
        return [
            {
                "id": customer.id,
                "name": customer.display_name,
                "address": customer._stm_address() or None,
                "phone": customer.phone or None,
                **self._stm_place(customer),
                "last_visit": fields.Date.to_string(customer.stm_last_visit_date)
                or None,
            }
            for customer in customers
        ]

    @api.model
    def _stm_phone_counts(self, day, visits):
        items = self.env["stm.duty.item"]
        start = self._start_of(self.env.user, day, 0)
        end = self._start_of(self.env.user, day, 24)
        own = Domain("user_id", "=", self.env.uid)
        calls = self.env["stm.contact.log"].search_count(
            own & Domain("date", "=", day) & Domain("way", "=", "phone_out")
        )
        return {
            "planned": len(visits),
            "done": len(visits.filtered(lambda visit: visit.state == "done")),
            "calls": calls,
            "duties_due": items.search_count(
                own
                & Domain("state", "=", "open")
                & Domain("due_at", ">=", start)
                & Domain("due_at", "<", end)
            ),
        }

    @api.model
    def _stm_utc(self, moment):
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None

    @api.model
    def _stm_place(self, partner):
        latitude, longitude = partner.partner_latitude, partner.partner_longitude
        known = is_position(latitude, longitude)
        return {
            "latitude": latitude if known else None,
            "longitude": longitude if known else None,
        }

    # ------------------------------------------------------------
    # What the phone sends
    # ------------------------------------------------------------

    @api.model
    def stm_send(self, actions, sent_at=None):
        """Carry out what was entered on a phone, each action once.

        :param list actions: see ``_stm_parse``
        :param sent_at: what the clock of the phone says now, as text; it tells how
            wrong the clock is, and how long actions have waited
        :return: a result for each action, in their order
        """
        self.browse().check_access("write")
        if not isinstance(actions, list):
            raise UserError(self.env._("Send a list of actions."))
        uuids = {
            action["uuid"].lower()
            for action in actions
            if isinstance(action, dict) and self._stm_is_uuid(action.get("uuid"))
        }
        owner = self.env.context.get("stm_user_id", self.env.uid)
        if owner != self.env.uid:
            # Entered by somebody else, on the same phone: it waits for that person.
            message = self.env._("This was entered by somebody else on this phone.")
            return [self._stm_result(action, "retry", message) for action in actions]
        known = self.env["stm.client.action"]._stm_known(uuids)
        results = [
            self._stm_receive(action, sent_at, known)
            if number < MAX_ACTIONS
            else self._stm_result(action, "retry")
            for number, action in enumerate(actions)
        ]
        shown = self._stm_shown_after(actions, results)
        for result in results:
            result["visit"] = shown.get(result["visit_id"])
            if not result["visit"]:
                result["visit_id"] = None
        return results

    @api.model
    def _stm_shown_after(self, actions, results):
        """{visit id: what the phone has to know of it now}

        A check-in or check-out changes little, and somebody waits at the door for it.
        """
        visits = {}
        for action, result in zip(actions, results, strict=True):
            is_done = result["state"] == "done"
            how = "checked" if is_done and action["kind"] in CHECKS else result["state"]
            visits.setdefault(how, set()).add(result["visit_id"])

        def found(how):
            return self.browse(visits.get(how, set()) - {None})

        # Who has just changed a visit may see it; the others are looked at.
        changed = found("checked") | found("done")
        others = self.browse(set().union(*visits.values()) - {None}) - changed
        whole = found("done") | others.exists()._filtered_access("read")
        slightly = changed - whole
        shown = {visit.id: visit._stm_phone_state() for visit in slightly}
        return shown | whole._stm_phone_visits()

    @api.model
    def _stm_result(self, action, state, message="", visit=None, **more):
        return {
            "uuid": action.get("uuid") if isinstance(action, dict) else None,
            "state": state,
            "message": message,
            "visit_id": visit and visit.id or None,
            "visit": None,
            **more,
        }

    @api.model
    def _stm_receive(self, action, sent_at, known):
        """Carry out one action, or say why not."""
        try:
            sent = self._stm_parse(action, sent_at)
        except UserError as error:
            return self._stm_result(action, "refused", str(error))
        before = known.get(sent.uuid)
        if before and before.user_id != self.env.user:
            message = self.env._("The number of this action belongs to another one.")
            return self._stm_result(action, "refused", message)
        if before and before.state == "done":
            return self._stm_result(action, "known", visit=before.visit_id)
        more = {}
        try:
            with self.env.cr.savepoint():
                visit = self._stm_visit_of(sent)
                number = self._stm_enter_action(sent, visit, "done")
                if not number:
                    return self._stm_result(action, "known", visit=visit)
                visit = getattr(self, f"_stm_do_{sent.kind}")(visit, sent) or visit
                entered = self.env["stm.client.action"].sudo().browse(number)
                if sent.kind == "create":
                    entered.visit_id = visit
            known[sent.uuid] = entered
            return self._stm_result(action, "done", visit=visit)
        except ReasonNeeded as needed:
            message, verdict = str(needed), needed.verdict
            more = {
                "needs": "reason",
                "verdict": verdict.code,
                "verdict_note": verdict.why,
            }
        except UserError as error:
            message = str(error)
        except IntegrityError as error:
            message = self._stm_explain(error)
        # What was refused leaves nothing but this line.
        visit = self._stm_find_visit(sent.visit)
        self._stm_enter_action(sent, visit, "refused", message)
        return self._stm_result(action, "refused", message, visit=visit, **more)

    @api.model
    def _stm_enter_action(self, sent, visit, state, message=""):
        user = self.env.user
        team = visit.sudo().team_id or user.sudo().sale_team_id
        return self.env["stm.client.action"]._stm_enter(
            {
                "uuid": sent.uuid,
                "user_id": user.id,
                "team_id": team.id or None,
                "company_id": (visit.company_id or self.env.company).id,
                "kind": sent.kind,
                "visit_id": visit.id or None,
                "device_at": sent.times.acted_at,
                "received_at": sent.times.server_at,
                "late": self._stm_minutes_late(sent.times),
                "state": state,
                "message": self._stm_storable(message) or None,
            }
        )

    @api.model
    def _stm_explain(self, error):
        """The sentence of a rule that the database keeps."""
        for model in self.env.registry.values():
            if model._table == error.diag.table_name:
                return self.env[model._name]._sql_error_to_message(error)
        return self.env._("Somebody else has just entered the same.")

    # ------------------------------------------------------------
    # Reading what was sent
    # ------------------------------------------------------------

    @api.model
    def _stm_parse(self, action, sent_at):
        """An action as it was sent, or a sentence about what is wrong with it.

        ``uuid``, ``kind``, ``visit`` (id or client uuid), ``at`` (time on the phone)
        and ``data``; ``sent_at`` may stand in the action or beside all of them.
        """
        if not isinstance(action, dict):
            raise UserError(self.env._("This is no action."))
        uuid, kind = action.get("uuid"), action.get("kind")
        if not self._stm_is_uuid(uuid):
            raise UserError(self.env._("An action needs a number of its own (UUID)."))
        if not isinstance(kind, str) or kind not in KINDS:
            raise UserError(self.env._("There is no action “%s”.", kind))
        data = action.get("data")
        if not isinstance(data or {}, dict):
            raise UserError(self.env._("What was entered cannot be read."))
        visit = action.get("visit") or None
        if visit is True or not isinstance(visit, (int, str, type(None))):
            raise UserError(self.env._("It is not clear which visit this is about."))
        times = self._stm_times(action.get("at"), action.get("sent_at") or sent_at)
        return Sent(uuid.lower(), kind, visit, times, data or {})

    @api.model
    def _stm_times(self, acted_at, sent_at):
        """When it was done, by the clock of the phone, and what that clock says now.

        A phone that does not tell its time is believed as far as it lies in the past.
        """
        now = fields.Datetime.now()
        acted_at = self._stm_moment(acted_at)
        if not acted_at:
            raise UserError(
                self.env._("An action needs the time at which it was done.")
            )
        sent_at = self._stm_moment(sent_at)
        if not sent_at:
            tolerance = 60 * self.env.company.sudo().stm_clock_tolerance
            waited = (now - acted_at).total_seconds()
            sent_at = now if waited > tolerance else acted_at
        return positions.Times(acted_at, sent_at, now)

    @api.model
    def _stm_moment(self, text):
        """A time as the phone writes it, in UTC without a zone; None if none."""
        if text is None or text is False:
            return None
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo:
                moment = moment.astimezone(UTC).replace(tzinfo=None)
        except (TypeError, ValueError, OverflowError) as error:
            raise UserError(self.env._("“%s” is no time.", text)) from error
        if not 2000 <= moment.year <= 2200:
            raise UserError(self.env._("“%s” is no time.", text))
        return moment.replace(microsecond=0)

    @api.model
    def _stm_is_uuid(self, text):
        try:
            return isinstance(text, str) and str(UUID(text)) == text.lower()
        except ValueError:
            return False

    @api.model
    def _stm_text(self, value, label=""):
        """A text as it was entered; nothing at all is an empty one."""
        if value is None or value is False:
            return ""
        if not isinstance(value, str):
            raise UserError(self.env._("Enter a text for %s.", label or "…"))
        if len(value) > MAX_TEXT:
            raise UserError(
                self.env._("This text is too long: %s characters at most.", MAX_TEXT)
            )
        return self._stm_storable(value).strip()

    @api.model
    def _stm_storable(self, text):
        """Without what no database can store, such as half a character."""
        return text.encode(errors="ignore").decode().replace("\x00", "")

    @api.model
    def _stm_number(self, value, label, above=None):
        """A number that is not negative; nothing at all is zero."""
        if value is None or value is False or value == "":
            value = 0
        known = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not known or not math.isfinite(value) or not 0 <= value < 1e9:
            raise UserError(
                self.env._("Enter a number that is not negative for %s.", label)
            )
        if above is not None and value <= above:
            raise UserError(
                self.env._(
                    "Enter a number above %(number)s for %(label)s.",
                    number=above,
                    label=label,
                )
            )
        return value

    @api.model
    def _stm_date(self, value):
        try:
            day = fields.Date.to_date(value or None)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("“%s” is no day.", value)) from error
        if not day:
            raise UserError(self.env._("By when? Enter a day."))
        return day

    @api.model
    def _stm_record(self, model, value, sentence):
        """A record that the user may read, by an id that somebody sent."""
        known = isinstance(value, int) and not isinstance(value, bool)
        known = known and 0 < value < 2**31
        record = self.env[model].browse(value if known else []).exists()
        if not record or not record.has_access("read"):
            raise UserError(sentence)
        return record

    @api.model
    def _stm_find_visit(self, reference):
        """The visit that an action is about, if there is one for this user."""
        if isinstance(reference, str):
            if not self._stm_is_uuid(reference):
                return self.browse()
            return self.search(
                Domain("client_uuid", "=", reference)
                & Domain("user_id", "=", self.env.uid),
                limit=1,
            )
        if reference and 0 < reference < 2**31:
            with suppress(MissingError):
                return self.browse(reference)._filtered_access("read")
        return self.browse()

    @api.model
    def _stm_visit_of(self, sent):
        visit = self._stm_find_visit(sent.visit)
        if sent.kind in WITHOUT_VISIT:
            return visit
        if not visit:
            raise UserError(
                self.env._(
                    "The visit is not there (any more). Load the day again and enter"
                    " it there."
                )
            )
        if visit.user_id != self.env.user:
            visit._check_mine()
        return visit

    @api.model
    def _stm_evidence(self, sent):
        """Position, error and reason of a check-in or check-out."""
        error = sent.data.get("error") or None
        if error is not None and error not in positions.ERRORS:
            raise UserError(self.env._("There is no reason “%s”.", error))
        reason = self._stm_text(sent.data.get("reason"), self.env._("the reason"))
        read = sent.data.get("position")
        position = None
        if read:
            if not isinstance(read, dict):
                raise UserError(self._stm_no_position())
            position = positions.Position(
                read.get("latitude"),
                read.get("longitude"),
                read.get("accuracy"),
                self._stm_moment(read.get("at")) or sent.times.acted_at,
            )
            if not positions.is_reading(position):
                raise UserError(self._stm_no_position())
        return Evidence(sent.times, position, error, reason)

    @api.model
    def _stm_no_position(self):
        return self.env._("The phone sent a position that does not exist.")

    # ------------------------------------------------------------
    # Actions: each returns the visit it was about
    # ------------------------------------------------------------

    def _stm_do_create(self, visit, sent):
        """A visit off the plan; the number it gets is the one the phone gave it."""
        if visit or not self._stm_is_uuid(sent.visit):
            raise UserError(self.env._("A new visit needs a number of its own (UUID)."))
        data = sent.data
        partner = self._stm_record(
            "res.partner",
            data.get("partner_id"),
            self.env._("This customer does not exist (any more). Choose another one."),
        )
        vals = {
            "partner_id": partner.id,
            "start_at": self._stm_moment(data.get("start"))
            or positions.happened_at(sent.times),
            "purpose": self._stm_text(data.get("purpose"), self.env._("the purpose")),
        }
        if data.get("type_id"):
            vals["type_id"] = self._stm_record(
                "stm.visit.type",
                data["type_id"],
                self.env._("This type of visit does not exist (any more)."),
            ).id
        visit = self.create(vals)
        visit.sudo().client_uuid = sent.visit
        return visit

    def _stm_do_check_in(self, visit, sent):
        visit._stm_check_in(self._stm_evidence(sent))

    def _stm_do_check_out(self, visit, sent):
        visit._stm_check_out(self._stm_evidence(sent))

    def _stm_do_note(self, visit, sent):
        vals = {
            name: self._stm_text(
                sent.data[name], self._fields[name]._description_string(self.env)
            )
            for name in NOTE_FIELDS
            if name in sent.data
        }
        if not vals:
            raise UserError(self.env._("There is no text to write down."))
        visit.write(vals)

    def _stm_do_answer(self, visit, sent):
        answer = self._stm_record(
            "stm.checklist.answer",
            sent.data.get("answer_id"),
            self.env._("This question does not exist (any more). Load the day again."),
        )
        if answer.model != self._name or answer.res_id != visit.id:
            raise UserError(
                self.env._(
                    "This question belongs to another visit. Load the day again."
                )
            )
        kind = answer.answer_type
        value = sent.data.get("value")
        if value is not None and kind == "yes_no" and value not in ("yes", "no"):
            raise UserError(self.env._("Answer “%s” with yes or no.", answer.question))
        if value and kind == "date":
            value = self._stm_date(value)
        elif value is not None and kind in ("text", "choice"):
            value = self._stm_text(value, answer.question)
        answer.write({VALUE_FIELDS[kind]: False if value is None else value})

    def _stm_do_photo(self, visit, sent):
        label = self._stm_text(sent.data.get("label"), self.env._("the photo"))
        taken_at = self._stm_moment(sent.data.get("taken_at"))
        self.env["stm.visit.photo"].create(
            {
                "visit_id": visit.id,
                "label": label or self.env._("Photo"),
                "image": sent.data.get("image"),
                "taken_at": taken_at or sent.times.acted_at,
            }
        )

    def _stm_do_stock(self, visit, sent):
        """The count replaces the one before it."""
        lines = self._stm_lines(sent.data.get("lines"))
        values = [
            {
                "visit_id": visit.id,
                "product_id": self._stm_product(line).id,
                "quantity": self._stm_number(
                    line.get("quantity"), self.env._("the quantity")
                ),
                "facings": int(
                    self._stm_number(line.get("facings"), self.env._("the facings"))
                ),
                "price": self._stm_number(line.get("price"), self.env._("the price")),
            }
            for line in lines
        ]
        products = [line["product_id"] for line in values]
        if len(set(products)) < len(products):
            raise UserError(self.env._("Count each product once."))
        Stock = self.env["stm.visit.stock"]
        old = Stock.search([("visit_id", "=", visit.id)])
        if old:
            old.unlink()
        elif not values:
            raise UserError(self.env._("Nothing was counted."))
        if values:
            Stock.create(values)
        else:
            visit._stm_check_editable({"stock_ids": []})

    def _stm_do_competitor(self, visit, sent):
        data = sent.data
        name = self._stm_text(data.get("name"), self.env._("the competitor"))
        if not name:
            raise UserError(self.env._("Which competitor is it?"))
        self.env["stm.visit.competitor"].create(
            {
                "visit_id": visit.id,
                "name": name,
                "product": self._stm_text(
                    data.get("product"), self.env._("the product")
                ),
                "price": self._stm_number(data.get("price"), self.env._("the price")),
                "promotion": self._stm_text(
                    data.get("promotion"), self.env._("the promotion")
                ),
                "note": self._stm_text(data.get("note"), self.env._("the note")),
            }
        )

    def _stm_do_order(self, visit, sent):
        """A quotation, made by the rights of whoever sells."""
        visit._stm_check_open()
        lines = [
            {
                "product_id": self._stm_product(line).id,
                "product_uom_qty": self._stm_number(
                    line.get("quantity"), self.env._("the quantity"), above=0
                ),
            }
            for line in self._stm_lines(sent.data.get("lines"))
        ]
        if not lines:
            raise UserError(self.env._("What is ordered? Add a product."))
        note = self._stm_text(sent.data.get("note"), self.env._("the note"))
        order = (
            self.env["sale.order"]
            .with_company(visit.company_id)
            .create(
                {
                    "partner_id": visit.partner_id.id,
                    "stm_visit_id": visit.id,
                    "user_id": self.env.uid,
                    "company_id": visit.company_id.id,
                    "order_line": [Command.create(line) for line in lines],
                }
            )
        )
        if note:
            order._message_log(body=note)

    def _stm_do_collection(self, visit, sent):
        note = self._stm_text(sent.data.get("note"), self.env._("the note"))
        amount = self._stm_number(
            sent.data.get("amount"), self.env._("the amount"), above=0
        )
        self.env["stm.promise"].with_company(visit.company_id).create(
            {
                "name": note or self.env._("Payment"),
                "kind": "collection",
                "amount": amount,
                "date_due": self._stm_date(sent.data.get("date")),
                "partner_id": visit.partner_id.id,
                "visit_id": visit.id,
                "company_id": visit.company_id.id,
            }
        )

    def _stm_do_promise(self, visit, sent):
        name = self._stm_text(sent.data.get("name"), self.env._("the promise"))
        if not name:
            raise UserError(self.env._("What was promised?"))
        self.env["stm.promise"].with_company(visit.company_id).create(
            {
                "name": name,
                "kind": "promise",
                "date_due": self._stm_date(sent.data.get("date")),
                "partner_id": visit.partner_id.id,
                "visit_id": visit.id,
                "company_id": visit.company_id.id,
            }
        )

    def _stm_do_next_visit(self, visit, sent):
        start = self._stm_moment(sent.data.get("start"))
        if not start:
            raise UserError(self.env._("When is the next visit?"))
        self.create(
            {
                "partner_id": visit.partner_id.id,
                "contact_id": visit.contact_id.id,
                "company_id": visit.company_id.id,
                "start_at": start,
                "duration": visit.duration,
                "purpose": self._stm_text(
                    sent.data.get("purpose"), self.env._("the purpose")
                ),
            }
        )

    def _stm_do_cancel(self, visit, sent):
        reason = self._stm_text(sent.data.get("reason"), self.env._("the reason"))
        if not reason:
            raise UserError(self.env._("Say why the visit is cancelled."))
        visit.action_cancel(reason)

    def _stm_do_carry_over(self, visit, sent):
        visit.action_carry_over(self._stm_date(sent.data.get("date")))

    def _stm_do_call(self, visit, sent):
        partner = self._stm_record(
            "res.partner",
            sent.data.get("partner_id"),
            self.env._("This customer does not exist (any more). Choose another one."),
        )
        company = visit.company_id or partner.company_id or self.env.company
        self.env["stm.contact.log"].with_company(company).create(
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "contact_at": positions.happened_at(sent.times),
                "way": "phone_out",
                "content": self._stm_text(
                    sent.data.get("note"), self.env._("the note")
                ),
                "visit_id": visit.id,
            }
        )

    def _stm_do_consent(self, visit, sent):
        given = sent.data.get("given")
        if not isinstance(given, bool):
            raise UserError(self.env._("Do you agree, or not?"))
        Consent = self.env["stm.position.consent"]
        if given:
            Consent._stm_give(self.env.company)
        else:
            Consent._stm_withdraw(self.env.company)

    @api.model
    def _stm_lines(self, lines):
        if not isinstance(lines or [], list) or not all(
            isinstance(line, dict) for line in lines or []
        ):
            raise UserError(self.env._("What was entered cannot be read."))
        return lines or []

    @api.model
    def _stm_product(self, line):
        gone = self.env._("A product is not sold (any more). Choose another one.")
        product = self._stm_record("product.product", line.get("product_id"), gone)
        if not product.active or not product.sale_ok:
            raise UserError(gone)
        return product
