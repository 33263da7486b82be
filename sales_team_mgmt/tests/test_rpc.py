import contextlib

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from .common import StmCase

THURSDAY = "2026-02-26 02:00:00"

# Every public method of the addon. "refused": raises for whoever has no right to it;
# "opens": answers with a window at most. A new method has to be entered here.
METHODS = {
    "calendar.event": {"action_stm_visit": "opens"},
    "res.config.settings": {"get_values": "opens", "set_values": "refused"},
    "res.partner": {
        "action_stm_pick_position": "refused",
        "action_stm_profile": "opens",
        "action_stm_visits": "opens",
        "stm_map_customers": "opens",
        "stm_map_details": "opens",
        "stm_map_list": "opens",
        "stm_map_start": "opens",
        "stm_set_position": "refused",
        "action_stm_contacts": "opens",
        "action_stm_ledger": "opens",
        "action_stm_log_call": "opens",
    },
    "res.users": {
        "action_stm_visits": "opens",
        "action_stm_plans": "opens",
        "action_stm_reports": "opens",
        "action_stm_give_consent": "refused",
        "action_stm_withdraw_consent": "refused",
    },
    "sale.order": {"action_ask_exception": "refused", "action_stm_visits": "opens"},
    "stm.appraisal": {
        "action_acknowledge": "refused",
        "action_appeal": "refused",
        "action_ask_exception": "refused",
        "action_close": "refused",
        "action_hand_in": "refused",
        "action_open_appeals": "refused",
        "action_open_events": "refused",
        "action_refresh": "refused",
        "action_send": "refused",
        "action_send_back": "refused",
        "action_share": "refused",
        "action_start": "refused",
        "action_xlsx": "refused",
    },
    "stm.appraisal.appeal": {
        "action_approve": "refused",
        "action_reopen": "refused",
        "action_return": "refused",
        "action_submit": "refused",
        "action_withdraw": "refused",
    },
    "stm.appraisal.line": {
        "action_open_events": "refused",
        "action_open_evidence": "refused",
    },
    "stm.appraisal.template": {
        "action_new_version": "refused",
        "action_open_appraisals": "opens",
        "action_release": "refused",
    },
    "stm.approval": {"action_open_document": "refused"},
    "stm.approval.route": {
        "action_release": "refused",
        "action_new_version": "refused",
    },
    "stm.contact.log": {"action_xlsx": "refused"},
    "stm.contact.profile": {"action_hand_over": "refused"},
    "stm.customer.issue": {
        "action_report": "refused",
        "action_solve": "refused",
        "action_tell": "refused",
    },
    "stm.customer.ledger": {
        "action_open_document": "refused",
        "action_xlsx": "refused",
    },
    "stm.decision": {"action_confirm": "refused"},
    "stm.duty": {
        "action_open_items": "opens",
        "action_release": "refused",
        "action_new_version": "refused",
    },
    "stm.duty.item": {
        "action_open_document": "refused",
        "action_open_event": "refused",
        "action_waive": "refused",
    },
    "stm.event": {
        "action_confirm": "refused",
        "action_dismiss": "refused",
        "action_open_source": "refused",
    },
    "stm.event.dismiss": {"action_confirm": "refused"},
    "stm.checklist": {
        "action_release": "refused",
        "action_new_version": "refused",
    },
    "stm.gate.exception": {
        "action_approve": "refused",
        "action_open_document": "refused",
        "action_reopen": "refused",
        "action_return": "refused",
        "action_submit": "refused",
        "action_withdraw": "refused",
    },
    "stm.measure": {
        "action_open_changed": "refused",
        "action_open_evidence": "refused",
        "action_open_frozen": "refused",
        "action_refresh": "refused",
    },
    "stm.obligation": {"action_open_document": "refused"},
    "stm.promise": {
        "action_cancel": "refused",
        "action_keep": "refused",
        "action_move": "refused",
    },
    "stm.promise.change": {"action_confirm": "refused"},
    "stm.period": {
        "action_ask_exception": "refused",
        "action_close": "refused",
        "action_create_year": "refused",
        "action_refresh_figures": "refused",
        "action_reopen": "refused",
    },
    "stm.period.closing": {"action_reopen": "refused"},
    "stm.report.template": {
        "action_release": "refused",
        "action_new_version": "refused",
    },
    "stm.rule.document": {
        "action_acknowledge": "refused",
        "action_approve": "refused",
        "action_end": "refused",
        "action_new_version": "refused",
        "action_release": "refused",
        "action_reopen": "refused",
        "action_return": "refused",
        "action_submit": "refused",
        "action_withdraw": "refused",
    },
    "stm.joint.visit": {
        "action_agree": "refused",
        "action_decline": "refused",
        "action_note": "refused",
        "action_open_visit": "refused",
        "action_share": "refused",
        "action_unshare": "refused",
    },
    "stm.joint.visit.decline": {"action_confirm": "refused"},
    "stm.spot.check": {
        "action_check": "refused",
        "action_open_visit": "refused",
        "action_reopen": "refused",
    },
    "stm.spot.check.draw": {"action_draw": "refused"},
    "stm.spot.check.reopen": {"action_confirm": "refused"},
    "stm.visit.exception": {
        "action_accept": "refused",
        "action_ask": "refused",
        "action_check": "refused",
        "action_open_document": "refused",
        "action_reject": "refused",
    },
    "stm.visit.exception.decide": {"action_confirm": "refused"},
    "stm.visit.slip": {
        "action_approve": "refused",
        "action_come_back": "refused",
        "action_open_visits": "opens",
        "action_reopen": "refused",
        "action_return": "refused",
        "action_submit": "refused",
        "action_withdraw": "refused",
        "action_xlsx": "refused",
    },
    "stm.substitution": {"action_cancel": "refused"},
    "stm.transfer": {"action_transfer": "refused"},
    "stm.visit": {
        "action_ask_company": "refused",
        "action_ask_exception": "refused",
        "action_ask_slip": "refused",
        "action_join": "refused",
        "action_open_exceptions": "opens",
        "action_open_issues": "refused",
        "action_open_joint_visits": "opens",
        "action_open_profile": "refused",
        "action_open_promises": "refused",
        "action_open_spot_checks": "opens",
        "action_spot_check": "refused",
        "action_cancel": "refused",
        "action_carry_over": "refused",
        "action_check_in": "refused",
        "action_check_out": "refused",
        "action_done": "refused",
        "action_new_order": "refused",
        "action_open_orders": "opens",
        "action_stm_log_call": "refused",
        "action_take_over": "refused",
        "stm_map_visits": "opens",
        "stm_send": "opens",
        "stm_today": "opens",
    },
    "stm.plan.generator": {"action_generate": "refused", "action_team": "refused"},
    "stm.coverage": {"action_open_partner": "opens"},
    "stm.reassign": {"action_reassign": "refused"},
    "stm.route": {"action_order_stops": "refused"},
    "stm.visit.cancel": {"action_confirm": "refused"},
    "stm.visit.carry.over": {"action_confirm": "refused"},
    "stm.visit.policy": {
        "action_release": "refused",
        "action_new_version": "refused",
    },
    "stm.visit.report": {"action_open_visit": "refused"},
    "stm.visit.check.in": {"action_confirm": "refused"},
    "stm.visit.type": {
        "action_release": "refused",
        "action_new_version": "refused",
    },
    "stm.work.plan": {
        "action_approve": "refused",
        "action_copy_last_week": "refused",
        "action_open_lines": "opens",
        "action_open_visits": "opens",
        "action_propose": "refused",
        "action_reopen": "refused",
        "action_return": "refused",
        "action_submit": "refused",
        "action_withdraw": "refused",
    },
    "stm.work.report": {
        "action_approve": "refused",
        "action_open_plan": "refused",
        "action_refresh_figures": "refused",
        "action_reopen": "refused",
        "action_return": "refused",
        "action_submit": "refused",
        "action_withdraw": "refused",
        "action_xlsx": "refused",
    },
    "stm.work.report.line": {"action_open_evidence": "refused"},
}

# The ORM calls them by itself, with the rights of the caller.
ORM_METHODS = {
    "create",
    "write",
    "unlink",
    "copy_data",
    "default_get",
    "message_subscribe",
}

WORLD = {"south": -90, "west": -180, "north": 90, "east": 180}

# What a caller can put in besides the records.
FORGED_ARGUMENTS = {
    "action_accept": ["Fine"],
    "action_ask": ["Why?"],
    "action_decline": ["No"],
    "action_reject": ["No", "false"],
    "action_approve": ["Fine"],
    "action_return": ["Do it again"],
    "action_cancel": ["Not needed"],
    "action_carry_over": ["2026-03-20"],
    "action_dismiss": ["Not so"],
    "action_close": ["work"],
    "action_move": ["2026-03-20", "Later"],
    "action_reopen": [],
    "action_create_year": [2031],
    "action_ask_exception": ["close_work"],
    "stm_set_position": [31.2, 121.5],
    "stm_map_customers": [WORLD, 3, {}],
    "stm_map_list": [WORLD, {}],
    "stm_map_start": [{}],
    "stm_map_visits": [],
}

# Those that are called without records.
MODEL_METHODS = {
    "action_create_year",
    "get_values",
    "stm_map_customers",
    "stm_map_list",
    "stm_map_start",
    "stm_map_visits",
}

WITHOUT_ARGUMENTS = {
    ("stm.appraisal", "action_close"),
    ("stm.substitution", "action_cancel"),
}

# How a call is refused: with a sentence, or because there is no such method or field.
REFUSALS = (UserError, AttributeError, ValueError)

OUR_MODULES = "odoo.addons.sales_team_mgmt"


class RpcCase(StmCase):
    """Ann's documents in every state, and people who have no business with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cover = cls.person("cover", "group_salesperson")
        cls.join(cls.cover, cls.team_west)
        self = cls
        env = cls.env
        with freeze_time("2026-02-25 02:00:00"):
            # The builders of the base class want an instance.
            case = cls()
            case.env = env
            cls.draft = case.plan(cls.ann, "2026-03-09", days=2)
            cls.submitted = case.plan(cls.ann, "2026-03-02", days=2)
            cls.submitted.action_submit()
            cls.approved = case.plan(cls.ann, "2026-02-23", days=5)
            cls.approved.action_submit()
            cls.approved.with_user(cls.city).action_approve()
            cls.report_draft = case.report(cls.ann, "2026-02-23")
            cls.report_handed_in = case.report(cls.ann, "2026-02-16")
            case.plan(cls.ann, "2026-02-16").action_submit()
            cls.report_handed_in.action_submit()
            cls.visit_done = case.visit(
                cls.ann, cls.customers[20], "2026-02-24 02:00:00"
            )
            cls.visit_planned = cls.approved.visit_ids.sorted("date")[0]
            cls.visit_own = case.visit(
                cls.ann, cls.customers[21], "2026-03-05 02:00:00", done=False
            )
            cls.rules = (
                env["stm.rule.document"]
                .with_user(cls.ann)
                .create({"name": "Pay rules", "body": "<p>Three percent</p>"})
            )
            cls.absence = (
                env["stm.substitution"]
                .with_user(cls.ann)
                .create(
                    {
                        "substitute_id": cls.cover.id,
                        "date_from": "2026-04-01",
                        "date_to": "2026-04-03",
                    }
                )
            )
            cls.route = (
                env["stm.route"]
                .with_user(cls.ann)
                .create(
                    {
                        "name": "North",
                        "line_ids": [
                            Command.create({"partner_id": customer.id})
                            for customer in cls.customers[:3]
                        ],
                    }
                )
            )
            cls.items = case.open_duties("2026-02-25").filtered(
                lambda item: item.user_id == cls.ann
            )
            cls.event = (
                env["stm.event"]
                .with_user(cls.city)
                .create(
                    {
                        "user_id": cls.ann.id,
                        "type_id": env.ref("sales_team_mgmt.event_type_complaint").id,
                        "note": "A customer complained",
                    }
                )
            )
            cls.month = env["stm.period"].create(
                {
                    "name": "2026-05",
                    "date_from": "2026-05-01",
                    "date_to": "2026-05-31",
                }
            )
            cls.closed_month = env["stm.period"].create(
                {
                    "name": "2026-06",
                    "date_from": "2026-06-01",
                    "date_to": "2026-06-30",
                }
            )
            cls.closed_month.action_close()
            season = env["stm.period"].create(
                {
                    "name": "Spring",
                    "kind": "season",
                    "date_from": "2026-03-01",
                    "date_to": "2026-03-31",
                }
            )
            cls.exception = (
                env["stm.gate.exception"]
                .with_user(cls.manager)
                .create(
                    {
                        "model": "stm.period",
                        "res_id": season.id,
                        "act": "close_work",
                        "reason": "The books are waiting",
                    }
                )
            )
            cls.exception.action_submit()
            cls.checklist = env["stm.checklist"].create(
                {"name": "Visit", "line_ids": [Command.create({"name": "Tidy?"})]}
            )
        with freeze_time("2026-02-25 02:00:00"):
            customer = {"partner_id": cls.customers[0].id}
            cls.log = env["stm.contact.log"].with_user(cls.ann)
            cls.log = cls.log.create({**customer, "content": "Call"})
            cls.promise = env["stm.promise"].with_user(cls.ann)
            cls.promise = cls.promise.create(
                {**customer, "name": "Samples", "date_due": "2026-03-10"}
            )
            cls.issue = env["stm.customer.issue"].with_user(cls.ann)
            cls.issue = cls.issue.create(
                {**customer, "name": "Glue", "solution": "White"}
            )
            cls.solved = cls.issue.create(
                {**customer, "name": "Paint", "solution": "Red"}
            )
            cls.solved.action_solve()
        person = env["res.partner"].create(
            {"name": "Mrs Hu", "parent_id": cls.customers[3].id}
        )
        cls.customers[3].user_id = cls.ann
        cls.profile = env["stm.contact.profile"].with_user(cls.ann)
        cls.profile = cls.profile.create(
            {"partner_id": person.id, "purpose": "Visits", "hobbies": "Tea"}
        )
        months = env["stm.period"].create(
            [
                {"name": name, "date_from": f"{name}-01", "date_to": f"{name}-31"}
                for name in ("2025-12", "2026-01")
            ]
        )
        sheets = env["stm.appraisal"]._open_all(months)
        sheets = sheets.filtered(lambda sheet: sheet.user_id == cls.ann)
        sheets[0].state = "shared"
        appeal = env["stm.appraisal.appeal"].with_user(cls.ann)
        appeal = appeal.create({"appraisal_id": sheets[0].id, "reason": "Too few"})
        with freeze_time("2026-02-25 02:00:00"):
            cls.visit_done.with_user(cls.city).action_spot_check()
            cls.visit_own.with_user(cls.ann).action_ask_company()
            cls.visit_done.with_user(cls.city).action_join()
            slip = env["stm.visit.slip"].browse(
                cls.visit_own.with_user(cls.ann).action_ask_slip()["res_id"]
            )
            odd = env["stm.visit.exception"]._raise(
                [cls.visit_done._prepare_exception("outside", "Far away")]
            )
        self.targets = {
            "stm.joint.visit": (
                (cls.visit_own | cls.visit_done).sudo().joint_visit_ids.sudo(False)
            ),
            # A person does not see that there will be one.
            "stm.spot.check": cls.visit_done.sudo().spot_check_ids.sudo(False),
            "stm.visit.exception": odd,
            "stm.visit.slip": slip,
            "calendar.event": self.visit_own.sudo().calendar_event_id,
            "res.config.settings": env["res.config.settings"].create({}),
            "res.partner": self.customers[0],
            "res.users": self.ann,
            "sale.order": env["sale.order"].create(
                {"partner_id": self.customers[0].id, "user_id": self.ann.id}
            ),
            "stm.appraisal": sheets,
            "stm.appraisal.appeal": appeal,
            "stm.appraisal.line": sheets.line_ids,
            "stm.appraisal.template": env.ref("sales_team_mgmt.appraisal_t3"),
            "stm.approval": self.submitted.sudo().approval_id,
            "stm.approval.route": env.ref("sales_team_mgmt.route_work_plan"),
            "stm.checklist": self.checklist,
            "stm.gate.exception": self.exception,
            "stm.contact.log": self.log,
            "stm.contact.profile": self.profile,
            "stm.customer.issue": self.issue | self.solved,
            "stm.customer.ledger": env["stm.customer.ledger"].search(
                [("contact_log_id", "=", self.log.id)]
            ),
            "stm.obligation": env["stm.obligation"].search(
                [("promise_id", "=", self.promise.id)]
            ),
            "stm.promise": self.promise,
            "stm.duty": env.ref("sales_team_mgmt.duty_weekly_report"),
            "stm.duty.item": self.items,
            "stm.event": self.event,
            "stm.measure": env["stm.measure"].search(
                [
                    ("period_id", "=", self.closed_month.id),
                    ("user_id", "=", self.ann.id),
                ],
                limit=1,
            ),
            "stm.period": self.month | self.closed_month,
            "stm.period.closing": self.closed_month.closing_ids,
            "stm.report.template": env.ref("sales_team_mgmt.report_template_weekly"),
            "stm.rule.document": self.rules,
            "stm.substitution": self.absence,
            "stm.route": self.route,
            "stm.visit.policy": env.ref("sales_team_mgmt.visit_policy_default"),
            "stm.visit": self.visit_done | self.visit_planned | self.visit_own,
            "stm.visit.report": env["stm.visit.report"].search(
                [("visit_id", "=", self.visit_done.id)]
            ),
            "stm.visit.type": env.ref("sales_team_mgmt.visit_type_customer"),
            "stm.work.plan": self.draft | self.submitted | self.approved,
            "stm.work.report": self.report_draft | self.report_handed_in,
            "stm.work.report.line": self.report_draft.line_ids,
        }
        env.flush_all()

    # ------------------------------------------------------------
    # Tools
    # ------------------------------------------------------------

    def snapshot(self):
        """A checksum of every table that a hostile call could change."""
        self.env.flush_all()
        tables = [
            model._table
            for name, model in self.env.registry.items()
            if name.startswith("stm.")
            and not model._abstract
            and not model._transient
            and model._auto
        ]
        tables += ["crm_team", "crm_team_member", "calendar_event", "sale_order"]
        tables += ["res_groups_users_rel", "res_company_users_rel"]
        tables += ["res_partner", "ir_config_parameter"]
        checksums = {}
        for table in tables:
            [[checksum]] = self.env.execute_query(
                SQL(
                    "SELECT md5(string_agg(md5(t::text), '' ORDER BY t::text))"
                    " FROM %s t",
                    SQL.identifier(table),
                )
            )
            checksums[table] = checksum
        return checksums

    def rpc(self, user, model, method, *args, **kwargs):
        """A call as it comes from outside: cold caches, the rights of the user."""
        self.env.flush_all()
        self.env.invalidate_all()
        return call_kw(self.env(user=user)[model], method, list(args), kwargs)

    def attempt(self, user, model, method, *args, **kwargs):
        """Call, undo whatever it did, and return the refusal if there was one."""
        loggers = (
            "odoo.addons.base.models.ir_rule",
            "odoo.addons.base.models.ir_model",
        )
        refusal = None
        before = self.snapshot()
        savepoint = self.env.cr.savepoint()
        try:
            with mute_logger(*loggers):
                self.rpc(user, model, method, *args, **kwargs)
            after = self.snapshot()
        except REFUSALS as error:
            refusal, after = error, before
        savepoint.close(rollback=True)
        self.env.clear()
        return refusal, before == after

    def assertRefused(self, user, model, method, *args, **kwargs):
        """The call raises, and with that nothing is different afterwards."""
        refusal, _same = self.attempt(user, model, method, *args, **kwargs)
        self.assertTrue(refusal, f"{user.login} may call {model}.{method}{args}")

    def assertHarmless(self, user, model, method, *args, **kwargs):
        """Whatever the call answers, nothing is different afterwards."""
        _refusal, same = self.attempt(user, model, method, *args, **kwargs)
        self.assertTrue(
            same, f"{user.login} changes something by {model}.{method}{args}"
        )


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestPublicMethods(RpcCase):
    """Each public method, called by a colleague and by somebody of another team."""

    def public_methods(self):
        found = {}
        for name, model in self.env.registry.items():
            if model._abstract:
                continue
            for base in model.__mro__:
                if not base.__module__.startswith(OUR_MODULES):
                    continue
                for method, value in vars(base).items():
                    public = not method.startswith("_") and method not in ORM_METHODS
                    if public and callable(value):
                        found.setdefault(name, set()).add(method)
        return found

    def test_nothing_is_left_out(self):
        found = self.public_methods()
        for name in found.keys() | METHODS.keys():
            with self.subTest(model=name):
                self.assertEqual(found.get(name, set()), set(METHODS.get(name, ())))

    def test_neither_a_colleague_nor_another_team_can_use_them(self):
        for model, methods in METHODS.items():
            records = self.targets.get(model)
            if records is None:
                continue
            for method, verdict in methods.items():
                for user in (self.ben, self.wei):
                    arguments = FORGED_ARGUMENTS.get(method, [])
                    if (model, method) in WITHOUT_ARGUMENTS:
                        arguments = []
                    if method not in MODEL_METHODS:
                        arguments = [records.ids, *arguments]
                    check = {
                        "refused": self.assertRefused,
                        "opens": self.assertHarmless,
                    }[verdict]
                    with self.subTest(model=model, method=method, user=user.login):
                        check(user, model, method, *arguments)

    def test_each_record_alone_is_refused_as_well(self):
        """In a batch the first refusal hides what would have happened to the rest."""
        for model in (
            "stm.work.plan",
            "stm.work.report",
            "stm.visit",
            "stm.appraisal",
            "stm.customer.issue",
        ):
            for record in self.targets[model]:
                for method, verdict in METHODS[model].items():
                    arguments = FORGED_ARGUMENTS.get(method, [])
                    if (model, method) in WITHOUT_ARGUMENTS:
                        arguments = []
                    if verdict == "refused":
                        with self.subTest(record=record.display_name, method=method):
                            self.assertRefused(
                                self.ben, model, method, record.ids, *arguments
                            )

    def test_private_methods_cannot_be_called(self):
        for model, method in (
            ("stm.approval", "_decide"),
            ("stm.approval", "_open"),
            ("stm.work.plan", "_stm_move_to"),
            ("stm.work.plan", "_stm_void"),
            ("stm.duty.item", "_fulfil"),
            ("stm.access", "_rebuild"),
            ("stm.event", "_raise"),
            ("stm.event", "_withdraw"),
            ("stm.event", "_facts"),
            ("stm.appraisal", "_fill"),
            ("stm.appraisal", "_open_all"),
            ("stm.appraisal", "_reopen"),
            ("stm.appraisal.line", "_rescore"),
            ("crm.team.member", "_cron_follow_dates"),
        ):
            with self.subTest(model=model, method=method):
                self.assertRefused(self.ben, model, method, [])


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestForgedWizards(RpcCase):
    """Wizards are records that the caller fills in as he likes."""

    def forged(self, user, model, values):
        return self.env[model].with_user(user).create(values)

    def test_a_decision_on_the_document_of_somebody_else(self):
        for user in (self.ben, self.wei, self.ann):
            for decision in ("approve", "return"):
                wizard = self.forged(
                    user,
                    "stm.decision",
                    {
                        "decision": decision,
                        "model": "stm.work.plan",
                        "res_ids": str(self.submitted.id),
                        "comment": "Fine",
                        "countersigner_ids": [Command.link(user.id)],
                    },
                )
                with self.subTest(user=user.login, decision=decision):
                    self.assertRefused(
                        user, "stm.decision", "action_confirm", wizard.ids
                    )
        self.assertEqual(self.submitted.state, "submitted")

    def test_a_decision_names_only_documents_that_are_approved(self):
        for model, record in (
            ("res.users", self.ann),
            ("stm.approval", self.submitted.sudo().approval_id),
            ("stm.visit", self.visit_planned),
        ):
            wizard = self.forged(
                self.city,
                "stm.decision",
                {
                    "decision": "approve",
                    "model": model,
                    "res_ids": str(record.id),
                    "comment": "Fine",
                },
            )
            with self.subTest(model=model):
                self.assertRefused(
                    self.city, "stm.decision", "action_confirm", wizard.ids
                )

    def test_a_decision_slips_no_foreign_document_in_between_the_own_ones(self):
        of_wei = self.plan(self.wei)
        of_wei.action_submit()
        wizard = self.forged(
            self.city,
            "stm.decision",
            {
                "decision": "approve",
                "model": "stm.work.plan",
                "res_ids": f"{self.submitted.id},{of_wei.id}",
                "comment": "Fine",
            },
        )
        self.assertRefused(self.city, "stm.decision", "action_confirm", wizard.ids)
        self.assertEqual(self.submitted.state, "submitted")
        self.assertEqual(of_wei.state, "submitted")

    def test_nobody_uses_the_wizard_of_somebody_else(self):
        wizard = self.forged(
            self.city,
            "stm.decision",
            {
                "decision": "approve",
                "model": "stm.work.plan",
                "res_ids": str(self.submitted.id),
            },
        )
        self.assertRefused(self.ben, "stm.decision", "action_confirm", wizard.ids)
        self.assertRefused(
            self.ben, "stm.decision", "write", wizard.ids, {"decision": "return"}
        )

    def test_cancelling_the_visit_of_somebody_else(self):
        for user in (self.ben, self.wei, self.city, self.manager):
            with self.subTest(user=user.login):
                with self.assertRaises(UserError):
                    wizard = self.forged(
                        user,
                        "stm.visit.cancel",
                        {
                            "visit_ids": [Command.link(self.visit_own.id)],
                            "reason": "No",
                        },
                    )
                    self.rpc(user, "stm.visit.cancel", "action_confirm", wizard.ids)
        self.assertEqual(self.visit_own.state, "planned")

    def transfer(self, **values):
        return {
            "user_id": self.ann.id,
            "kind": "move",
            "team_id": self.team_west.id,
            "customers": "keep",
            **values,
        }

    def test_a_salesperson_transfers_nobody(self):
        for user in (self.ann, self.ben, self.wei):
            with self.subTest(user=user.login):
                self.assertRefused(user, "stm.transfer", "create", [self.transfer()])

    def test_leaders_transfer_neither_themselves_nor_people_of_others(self):
        for user, values in (
            (self.west, self.transfer()),
            (self.city, self.transfer()),
            (self.city, self.transfer(user_id=self.city.id)),
            (self.manager, self.transfer(user_id=self.manager.id)),
            (
                self.west,
                self.transfer(
                    kind="customers",
                    customers="hand_over",
                    successor_id=self.wei.id,
                ),
            ),
        ):
            with self.subTest(user=user.login):
                wizard = self.forged(user, "stm.transfer", values)
                self.assertRefused(user, "stm.transfer", "action_transfer", wizard.ids)

    def test_a_transfer_takes_only_customers_of_its_person(self):
        mine, theirs = self.customers[:2]
        mine.user_id, theirs.user_id = self.ann, self.wei
        wizard = self.forged(
            self.city,
            "stm.transfer",
            self.transfer(
                kind="customers",
                customers="hand_over",
                successor_id=self.ben.id,
                partner_ids=[Command.set((mine | theirs).ids)],
            ),
        )
        wizard.action_transfer()
        self.assertEqual(mine.user_id, self.ben)
        self.assertEqual(theirs.user_id, self.wei)

    def test_a_transfer_gives_no_role_above_the_own_one(self):
        wizard = self.forged(
            self.manager,
            "stm.transfer",
            self.transfer(post_id=self.env.ref("sales_team_mgmt.post_gm").id),
        )
        self.assertRefused(self.manager, "stm.transfer", "action_transfer", wizard.ids)
        self.assertFalse(self.ann.has_group("sales_team_mgmt.group_general_manager"))


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestForgedValues(RpcCase):
    """create, write, copy, load and commands with whatever comes to mind."""

    def ann_records(self):
        """(record, values) of everything that is Ann's and not done by wizards."""
        return [
            (self.draft, {"note": "x"}),
            (self.submitted, {"note": "x"}),
            (self.approved, {"note": "x"}),
            (self.draft.line_ids[0], {"purpose": "x"}),
            (self.submitted.line_ids[0], {"purpose": "x"}),
            (self.draft.point_ids, {"name": "x"}),
            (self.draft.point_ids, {"outcome": "done"}),
            (self.report_draft, {"summary": "x"}),
            (self.report_handed_in, {"summary": "x"}),
            (self.report_draft.line_ids[0], {"text": "x"}),
            (self.visit_own, {"purpose": "x"}),
            (self.visit_done, {"content": "x"}),
            (self.log, {"content": "x"}),
            (self.promise, {"name": "x"}),
            (self.profile, {"hobbies": "x"}),
            (self.issue, {"solution": "x"}),
            (self.rules, {"body": "x"}),
            (self.absence, {"date_to": "2026-04-30"}),
            (self.items[0], {"waive_reason": "x"}),
            (self.submitted.sudo().approval_id, {"state": "approved"}),
            (self.submitted.sudo().approval_id.line_ids, {"state": "approved"}),
            (self.visit_own.sudo().calendar_event_id, {"start": "2026-03-06 02:00:00"}),
        ]

    def test_nobody_but_ann_and_her_superiors_touches_what_is_hers(self):
        for record, values in self.ann_records():
            for user in (self.ben, self.wei):
                with self.subTest(record=record, user=user.login):
                    self.assertRefused(user, record._name, "write", record.ids, values)
                    self.assertRefused(user, record._name, "unlink", record.ids)
                    if record._name != "calendar.event":
                        self.assertRefused(
                            user, record._name, "read", record.ids, ["id"]
                        )
                        self.assertRefused(user, record._name, "copy", record.ids)
                        self.assertFalse(
                            self.rpc(
                                user,
                                record._name,
                                "search",
                                [("id", "in", record.ids)],
                                context={"active_test": False},
                            )
                        )

    def test_nobody_writes_for_ann(self):
        for model, values in (
            ("stm.work.plan", {"date_from": "2026-04-06"}),
            ("stm.work.report", {"date_from": "2026-04-06"}),
            ("stm.visit", {"partner_id": self.customers[0].id}),
            ("stm.contact.log", {"partner_id": self.customers[0].id}),
            (
                "stm.promise",
                {
                    "name": "x",
                    "partner_id": self.customers[0].id,
                    "date_due": "2026-03-10",
                },
            ),
            ("stm.customer.issue", {"name": "x", "partner_id": self.customers[0].id}),
            ("stm.rule.document", {"name": "Rules"}),
        ):
            for user in (self.ben, self.wei, self.city, self.manager, self.gm):
                with self.subTest(model=model, user=user.login):
                    self.assertRefused(
                        user, model, "create", [{**values, "user_id": self.ann.id}]
                    )
                    with self.env.cr.savepoint() as savepoint:
                        before = self.env[model].search_count(
                            [("user_id", "=", self.ann.id)]
                        )
                        with contextlib.suppress(UserError):
                            self.rpc(
                                user,
                                model,
                                "create",
                                [values],
                                context={"default_user_id": self.ann.id},
                            )
                        after = self.env[model].search_count(
                            [("user_id", "=", self.ann.id)]
                        )
                        self.assertEqual(after, before)
                        savepoint.rollback()

    def test_system_fields_are_neither_set_nor_emptied(self):
        """Not by the owner, and not to their default value either."""
        monthly = self.env.ref("sales_team_mgmt.report_template_monthly")
        elsewhere = {"team_id": self.team_west.id, "template_id": monthly.id}
        for record in (
            self.draft,
            self.submitted,
            self.approved,
            self.report_draft,
            self.report_handed_in,
            self.visit_planned,
            self.visit_own,
            self.rules,
        ):
            names = record._stm_get_system_fields()
            for name in names:
                field = record._fields[name]
                forged = {
                    "many2one": elsewhere.get(name, 1),
                    "selection": "done" if record._name == "stm.visit" else "approved",
                    "integer": 7,
                    "boolean": True,
                    "date": "2026-01-01",
                    "datetime": "2026-01-01 00:00:00",
                    "char": "x",
                }[field.type]
                current = field.convert_to_write(record[name], record)
                values = [forged] if current != forged else []
                if current:
                    values.append(False)
                if field.default and current != field.default(record):
                    values.append(field.default(record))
                for value in values:
                    for user in (self.ann, self.city):
                        with self.subTest(record=record, value=value, name=name):
                            self.assertRefused(
                                user, record._name, "write", record.ids, {name: value}
                            )

    def test_system_fields_cannot_come_with_a_new_record(self):
        """Not in the call, not in its context, not as a saved default of the user."""
        approval = self.submitted.sudo().approval_id
        models = {
            "stm.work.plan": {"date_from": "2026-04-06"},
            "stm.work.report": {"date_from": "2026-04-06"},
            "stm.visit": {"partner_id": self.customers[0].id},
            "stm.rule.document": {"name": "Rules", "body": "<p>x</p>"},
        }
        forged = {
            "team_id": self.team_west.id,
            "approval_id": approval.id,
            "commercial_partner_id": self.customers[9].id,
            "date": "2026-01-05",
            "date_to": "2026-01-11",
            "plan_id": self.approved.id,
            "plan_line_id": self.approved.line_ids[0].id,
            "calendar_event_id": self.visit_own.sudo().calendar_event_id.id,
            "done_at": "2026-01-01 00:00:00",
            "submitted_at": "2026-01-01 00:00:00",
            "decided_at": "2026-01-01 00:00:00",
            "figures_at": "2026-01-01 00:00:00",
            "template_id": self.env.ref("sales_team_mgmt.report_template_monthly").id,
            "cancel_reason": "x",
            "carried_from_id": self.visit_done.id,
            "check_in_at": "2026-01-01 00:00:00",
            "check_out_at": "2026-01-01 00:00:00",
            "client_uuid": "x",
            "distance": 7,
            "minutes": 7,
            "is_stay_known": True,
            "is_counted": False,
            "sent_late": 7,
            "slip_id": self.targets["stm.visit.slip"].id,
            "slip_line_id": self.targets["stm.visit.slip"].line_ids.id,
            "verdict": "verified",
            "verdict_note": "x",
            "verdict_reason": "x",
            "checklist_id": self.checklist.id,
            "is_released": True,
            "version": 7,
            "previous_id": self.rules.id,
        }
        for model, values in models.items():
            guarded = self.env[model]._stm_get_system_fields()
            forged["state"] = "done" if model == "stm.visit" else "approved"
            self.assertFalse(guarded - forged.keys())
            honest = self.rpc(self.ann, model, "create", [values])
            honest = self.env[model].browse(honest)
            wanted = {name: honest[name] for name in guarded}
            honest.sudo().unlink()
            for name in guarded:
                value = forged[name]
                with self.subTest(model=model, name=name):
                    self.assertRefused(
                        self.ann, model, "create", [{**values, name: value}]
                    )
                    self.env["ir.default"].sudo().set(
                        model, name, value, user_id=self.ann.id
                    )
                    ids = self.rpc(
                        self.ann,
                        model,
                        "create",
                        [values],
                        context={f"default_{name}": value},
                    )
                    record = self.env[model].browse(ids)
                    if name in ("figures_at", "calendar_event_id"):
                        field = record._fields[name]
                        stored = field.convert_to_write(record[name], record)
                        self.assertNotEqual(stored, value)
                    else:
                        self.assertEqual(record[name], wanted[name])
                    record.sudo().unlink()
                    self.env["ir.default"].sudo().search(
                        [("user_id", "=", self.ann.id)]
                    ).unlink()

    def test_nobody_is_approved_by_a_default_of_his_own(self):
        """Approvals are written while Ann is the user: her defaults are ignored."""
        for model, name, value in (
            ("stm.approval", "state", "approved"),
            ("stm.approval", "decided_at", "2026-01-01 00:00:00"),
            ("stm.approval.line", "state", "approved"),
            ("stm.approval.line", "acted_by_id", self.city.id),
            ("stm.approval.line", "comment", "Very good"),
        ):
            self.env["ir.default"].with_user(self.ann).set(
                model, name, value, user_id=True
            )
        self.rpc(
            self.ann,
            "stm.work.plan",
            "action_submit",
            self.draft.ids,
            context={"default_state": "approved", "default_acted_by_id": self.city.id},
        )
        self.assertEqual(self.draft.state, "submitted")
        approval = self.draft.sudo().approval_id
        self.assertRecordValues(
            approval.line_ids,
            [
                {
                    "state": "pending",
                    "user_id": self.city.id,
                    "acted_by_id": False,
                    "comment": False,
                }
            ],
        )
        self.assertFalse(approval.decided_at)

    def test_an_import_passes_the_same_checks(self):
        before = self.snapshot()
        for fields, row in (
            (["date_from", "state"], ["2026-04-06", "approved"]),
            (["date_from", "user_id/.id"], ["2026-04-06", str(self.ben.id)]),
            ([".id", "note"], [str(self.draft.id), "x"]),
        ):
            user = self.ben if ".id" in fields else self.ann
            with (
                self.subTest(fields=fields),
                mute_logger("odoo.addons.base.models.ir_rule"),
            ):
                result = self.rpc(user, "stm.work.plan", "load", fields, [row])
                self.assertFalse(result["ids"])
                self.assertTrue(result["messages"])
        self.env.invalidate_all()
        self.assertEqual(self.snapshot(), before)

    def test_foreign_children_cannot_be_reached_through_an_own_parent(self):
        mine = self.plan(self.ben, "2026-03-09")
        line, point = self.draft.line_ids[0], self.draft.point_ids
        report = self.report(self.ben, "2026-02-23")
        attacks = [
            (mine, {"line_ids": [Command.update(line.id, {"purpose": "x"})]}),
            (mine, {"line_ids": [Command.link(line.id)]}),
            (mine, {"line_ids": [Command.delete(line.id)]}),
            (mine, {"point_ids": [Command.update(point.id, {"outcome": "done"})]}),
            (mine, {"point_ids": [Command.link(point.id)]}),
            (mine, {"visit_ids": [Command.link(self.visit_own.id)]}),
            (
                mine,
                {"visit_ids": [Command.update(self.visit_own.id, {"purpose": "x"})]},
            ),
            (report, {"line_ids": [Command.link(self.report_draft.line_ids[0].id)]}),
            (
                report,
                {
                    "line_ids": [
                        Command.update(self.report_draft.line_ids[0].id, {"text": "x"})
                    ]
                },
            ),
            (report, {"point_ids": [Command.update(point.id, {"outcome": "done"})]}),
            (
                self.customers[0],
                {"stm_visit_ids": [Command.link(self.visit_own.id)]},
            ),
            (
                self.customers[0],
                {"stm_visit_ids": [Command.delete(self.visit_own.id)]},
            ),
            (self.ben, {"stm_access_ids": [Command.create({"user_id": self.ben.id})]}),
        ]
        for parent, values in attacks:
            with self.subTest(parent=parent, values=values):
                self.assertRefused(self.ben, parent._name, "write", parent.ids, values)
        # What is only shown in a document is not written through it either
        for command in (Command.delete(point.id), Command.link(point.id)):
            with contextlib.suppress(UserError):
                values = {"point_ids": [command]}
                self.rpc(self.ben, report._name, "write", report.ids, values)
        self.assertEqual(point.plan_id, self.draft)
        with contextlib.suppress(UserError):
            values = {"approval_line_ids": [Command.clear()]}
            self.rpc(self.ann, "stm.work.plan", "write", self.submitted.ids, values)
        self.assertEqual(self.submitted.sudo().approval_id.line_ids.user_id, self.city)

    def test_a_child_is_not_moved_to_or_from_a_foreign_parent(self):
        mine = self.plan(self.ben, "2026-03-09")
        self.assertRefused(
            self.ben,
            "stm.work.plan.line",
            "write",
            mine.line_ids.ids,
            {"plan_id": self.draft.id},
        )
        self.assertRefused(
            self.ben,
            "stm.work.plan.line",
            "create",
            [
                {
                    "plan_id": self.draft.id,
                    "partner_id": self.customers[9].id,
                    "date": "2026-03-11",
                }
            ],
        )
        self.assertRefused(
            self.ben,
            "stm.work.plan.point",
            "write",
            mine.point_ids.ids,
            {"plan_id": self.draft.id},
        )
        # Not even between two own ones when one of them is out of one's hands
        self.assertRefused(
            self.ann,
            "stm.work.plan.point",
            "write",
            self.draft.point_ids.ids,
            {"plan_id": self.approved.id},
        )
        self.assertRefused(
            self.ann,
            "stm.work.plan.point",
            "write",
            self.approved.point_ids.ids,
            {"plan_id": self.draft.id},
        )

    def test_owner_company_and_week_of_a_submitted_document_stay(self):
        """The approver may change the content, never whose and which week it is."""
        other = self.env["res.company"].create({"name": "Other"})
        people = self.city | self.ann
        people.sudo().company_ids += other
        for document in (self.submitted, self.report_handed_in):
            for values in (
                {"user_id": self.city.id},
                {"company_id": other.id},
                {"date_from": "2026-03-16"},
                {"late_reason": "I allow it"},
            ):
                for user in people:
                    with self.subTest(values=values, user=user.login):
                        self.assertRefused(
                            user,
                            document._name,
                            "write",
                            document.ids,
                            values,
                            context={"allowed_company_ids": (self.company | other).ids},
                        )

    def test_nobody_makes_the_document_of_somebody_else_his_own(self):
        for record in (self.draft, self.submitted, self.visit_own, self.rules):
            for user in (self.ben, self.city, self.east, self.manager):
                with self.subTest(record=record, user=user.login):
                    self.assertRefused(
                        user, record._name, "write", record.ids, {"user_id": user.id}
                    )
        with self.assertRaises(AccessError):
            self.draft.with_user(self.ann).write({"user_id": self.ben.id})
        self.assertEqual(self.draft.user_id, self.ann)

    def test_a_planned_visit_cannot_be_made_to_disappear(self):
        visit = self.visit_planned
        for values in ({"plan_line_id": False}, {"plan_id": False}):
            self.assertRefused(self.ann, "stm.visit", "write", visit.ids, values)
        self.assertRefused(self.ann, "stm.visit", "unlink", visit.ids)
        self.assertRefused(self.ann, "stm.visit", "unlink", self.visit_done.ids)

    def test_context_keys_open_nothing(self):
        context = {
            "stm_from_event": True,
            "stm_from_visit": True,
            "active_test": False,
            "default_state": "approved",
            "default_user_id": self.ben.id,
            "tracking_disable": True,
            "install_mode": True,
            "import_file": True,
            "uid": 1,
        }
        for record, values in self.ann_records():
            with self.subTest(record=record):
                self.assertRefused(
                    self.ben, record._name, "write", record.ids, values, context=context
                )
        for user in (self.ann, self.ben):
            self.assertRefused(
                user,
                "stm.work.plan",
                "write",
                self.submitted.ids,
                {"note": "x"},
                context=context,
            )

    def test_calendar_tricks(self):
        event = self.visit_own.sudo().calendar_event_id
        mine = (
            self.env["calendar.event"]
            .with_user(self.ben)
            .create(
                {
                    "name": "Mine",
                    "start": "2026-03-06 02:00:00",
                    "stop": "2026-03-06 03:00:00",
                }
            )
        )
        for values in (
            {"start": "2026-03-06 02:00:00", "stop": "2026-03-06 03:00:00"},
            {"active": False},
            {"privacy": "public"},
            {"partner_ids": [Command.link(self.ben.partner_id.id)]},
            {"user_id": self.ben.id},
            {"stm_visit_ids": [Command.clear()]},
        ):
            with self.subTest(values=values):
                self.assertRefused(
                    self.ben, "calendar.event", "write", event.ids, values
                )
        self.assertRefused(self.ben, "calendar.event", "unlink", event.ids)
        for command in (
            Command.link(self.visit_own.id),
            Command.update(self.visit_own.id, {"purpose": "x"}),
            Command.delete(self.visit_own.id),
        ):
            self.assertRefused(
                self.ben,
                "calendar.event",
                "write",
                mine.ids,
                {"stm_visit_ids": [command]},
            )
        # Ann herself: a meeting does not carry a finished visit along
        done = self.visit_done.sudo().calendar_event_id
        self.assertRefused(
            self.ann,
            "calendar.event",
            "write",
            done.ids,
            {"start": "2026-03-06 02:00:00", "stop": "2026-03-06 03:00:00"},
        )

    def test_a_duty_is_neither_made_nor_judged_by_hand(self):
        item = self.items[0]
        for user in (self.ann, self.ben, self.city, self.manager):
            for values in (
                {"state": "on_time"},
                {"due_at": "2027-01-01 00:00:00"},
                {"user_id": self.ben.id},
                {"submitted_at": "2026-01-01 00:00:00"},
                {"waived_by_id": self.city.id},
            ):
                with self.subTest(user=user.login, values=values):
                    self.assertRefused(user, "stm.duty.item", "write", item.ids, values)
            self.assertRefused(user, "stm.duty.item", "unlink", item.ids)
        self.assertRefused(
            self.ann, "stm.duty.item", "write", item.ids, {"waive_reason": "Ill"}
        )
        self.assertRefused(self.ann, "stm.duty.item", "action_waive", item.ids)

    def test_only_superiors_write_why_something_is_waived(self):
        assistant = self.person("assistant", "group_salesperson")
        self.join(assistant, self.team_west)
        self.team_city.stm_assistant_ids = assistant
        item = self.items[0]
        self.assertRefused(
            assistant, "stm.duty.item", "write", item.ids, {"waive_reason": "x"}
        )
        self.rpc(self.city, "stm.duty.item", "write", item.ids, {"waive_reason": "Ill"})
        self.assertRefused(assistant, "stm.duty.item", "action_waive", item.ids)
        self.rpc(self.city, "stm.duty.item", "action_waive", item.ids)
        self.assertEqual((item.state, item.waived_by_id), ("waived", self.city))
        # The reason that was given stays
        self.assertRefused(
            self.east, "stm.duty.item", "write", item.ids, {"waive_reason": "x"}
        )


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestApproverIsNotRequester(RpcCase):
    """Nobody decides the own document, in whatever role he comes (SEC-02)."""

    def assertCannotDecide(self, user, document):
        comments = ["Fine"]
        for method in ("action_approve", "action_return"):
            self.assertRefused(user, document._name, method, document.ids, *comments)
        self.env.invalidate_all()
        self.assertFalse(document.with_user(user).can_decide)
        self.assertNotIn(
            document,
            document.with_user(user)
            .search([("can_decide", "=", True)])
            .with_env(document.env),
        )
        self.assertEqual(document.state, "submitted")

    def submit(self, user, monday="2026-03-16"):
        plan = self.plan(user, monday)
        plan.action_submit()
        return plan

    def test_a_leader_who_is_a_member_of_the_own_team(self):
        plan = self.submit(self.city)
        self.assertCannotDecide(self.city, plan)
        self.assertEqual(plan.sudo().approval_id.pending_user_ids, self.east)

    def test_the_head_of_everything_cannot_submit_to_nobody(self):
        plan = self.plan(self.manager, "2026-03-16")
        self.assertRefused(self.manager, "stm.work.plan", "action_submit", plan.ids)
        self.assertEqual(plan.state, "draft")

    def test_a_leader_who_stands_in_for_the_approver(self):
        plan = self.submit(self.city)
        self.env["stm.substitution"].with_user(self.east).create(
            {"substitute_id": self.city.id, "date_to": "2026-03-31"}
        )
        self.assertCannotDecide(self.city, plan)
        # Of the others he decides
        of_ann = self.submitted
        self.team_city.user_id = self.east
        self.assertTrue(of_ann.with_user(self.city).can_decide)

    def test_a_deputy(self):
        self.team_city.stm_deputy_id = self.ann
        self.assertCannotDecide(self.ann, self.submitted)
        of_ben = self.submit(self.ben)
        self.rpc(self.ann, "stm.work.plan", "action_approve", of_ben.ids)
        self.assertEqual(of_ben.state, "approved")

    def test_a_requester_whom_the_leader_made_stand_in(self):
        self.env["stm.substitution"].with_user(self.city).create(
            {"substitute_id": self.ann.id, "date_to": "2026-03-31"}
        )
        self.assertCannotDecide(self.ann, self.submitted)

    def test_nobody_makes_himself_the_stand_in_of_the_leader(self):
        for user in (self.ann, self.ben, self.wei, self.hr):
            with self.subTest(user=user.login):
                self.assertRefused(
                    user,
                    "stm.substitution",
                    "create",
                    [
                        {
                            "user_id": self.city.id,
                            "substitute_id": user.id,
                            "date_to": "2026-03-31",
                        }
                    ],
                )

    def test_a_stand_in_can_neither_prolong_nor_pass_on_the_task(self):
        absence = (
            self.env["stm.substitution"]
            .with_user(self.city)
            .create({"substitute_id": self.ben.id, "date_to": "2026-02-27"})
        )
        for values in (
            {"date_to": "2026-12-31"},
            {"substitute_id": self.wei.id},
            {"user_id": self.ben.id},
        ):
            self.assertRefused(
                self.ben, "stm.substitution", "write", absence.ids, values
            )
        self.assertRefused(
            self.ben,
            "stm.substitution",
            "create",
            [
                {
                    "user_id": self.city.id,
                    "substitute_id": self.ben.id,
                    "date_from": "2026-03-02",
                    "date_to": "2026-12-31",
                }
            ],
        )
        self.assertRefused(self.ben, "stm.substitution", "unlink", absence.ids)

    def test_a_deputy_or_stand_in_does_not_waive_what_the_leader_owes(self):
        item = self.duties(self.city)[:1]
        self.assertTrue(item)
        item.waive_reason = "Busy"
        self.team_city.stm_deputy_id = self.ann
        self.assertRefused(self.ann, "stm.duty.item", "action_waive", item.ids)
        self.team_city.stm_deputy_id = False
        self.env["stm.substitution"].with_user(self.city).create(
            {"substitute_id": self.ann.id, "date_to": "2026-03-31"}
        )
        self.assertRefused(self.ann, "stm.duty.item", "action_waive", item.ids)
        self.rpc(self.east, "stm.duty.item", "action_waive", item.ids)
        self.assertEqual(item.state, "waived")

    def test_somebody_who_became_the_leader_after_submitting(self):
        self.team_city.user_id = self.ann
        self.assertCannotDecide(self.ann, self.submitted)
        self.assertEqual(self.submitted.sudo().approval_id.pending_user_ids, self.east)
        self.rpc(self.east, "stm.work.plan", "action_approve", self.submitted.ids)
        self.assertEqual(self.submitted.state, "approved")

    def test_a_leader_who_takes_the_document_for_himself_does_not_decide_it(self):
        self.assertRefused(
            self.city,
            "stm.work.plan",
            "write",
            self.submitted.ids,
            {"user_id": self.city.id},
        )
        self.assertEqual(self.submitted.user_id, self.ann)

    def rules_at_the_first_step(self):
        self.rules.action_submit()
        return self.rules

    def test_the_requester_is_not_named_as_countersigner(self):
        rules = self.rules_at_the_first_step()
        for people in (self.ann, self.ann | self.ben):
            self.assertRefused(
                self.city,
                "stm.rule.document",
                "action_approve",
                rules.ids,
                "Fine",
                people.ids,
            )
        self.assertEqual(
            rules.sudo().approval_id.line_ids.mapped("state"), ["pending", "waiting"]
        )

    def test_countersigners_are_colleagues_who_can_answer(self):
        rules = self.rules_at_the_first_step()
        portal = (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": "Guest",
                    "login": "stm_guest",
                    "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                }
            )
        )
        gone = self.person("gone", "group_salesperson")
        gone.active = False
        elsewhere = self.person("elsewhere", "group_salesperson")
        other = self.env["res.company"].create({"name": "Other"})
        elsewhere.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        for user in (portal, gone, elsewhere, self.city):
            with self.subTest(user=user.login):
                self.assertRefused(
                    self.city,
                    "stm.rule.document",
                    "action_approve",
                    rules.ids,
                    "Fine",
                    user.ids,
                )

    def test_the_general_manager_does_not_decide_the_own_rules(self):
        self.join(self.gm, self.team_city, "gm")
        rules = (
            self.env["stm.rule.document"]
            .with_user(self.gm)
            .create({"name": "Mine", "body": "<p>x</p>"})
        )
        # Nobody else has the role of the last step
        others = self.env.ref("sales_team_mgmt.group_general_manager").all_user_ids
        (others - self.gm).active = False
        self.assertRefused(self.gm, "stm.rule.document", "action_submit", rules.ids)
        self.assertEqual(rules.state, "draft")


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestNobodyPromotesHimself(RpcCase):
    """Posts, teams and rules: rights come from above only (SEC-03, SEC-15)."""

    def post(self, name):
        return self.env.ref(f"sales_team_mgmt.post_{name}")

    def member(self, user):
        return self.env["crm.team.member"].search([("user_id", "=", user.id)])

    def test_salespeople_change_no_membership(self):
        for user in (self.ann, self.city):
            member = self.member(user)
            self.assertRefused(
                user,
                "crm.team.member",
                "write",
                member.ids,
                {"stm_post_id": self.post("gm").id},
            )
            self.assertRefused(
                user,
                "crm.team.member",
                "create",
                [{"user_id": user.id, "crm_team_id": self.team_department.id}],
            )
            self.assertRefused(user, "crm.team.member", "unlink", member.ids)

    def test_a_department_manager_gives_himself_no_other_post(self):
        member = self.member(self.manager)
        for name in ("gm", "sales_director", "area_manager"):
            self.assertRefused(
                self.manager,
                "crm.team.member",
                "write",
                member.ids,
                {"stm_post_id": self.post(name).id},
            )
        self.assertEqual(member.stm_post_id, self.post("department_manager"))

    def test_a_department_manager_gives_nobody_a_role_above_the_own_one(self):
        member = self.member(self.ann)
        for name in ("gm", "deputy_gm", "hr_manager", "chief_accountant"):
            self.assertRefused(
                self.manager,
                "crm.team.member",
                "write",
                member.ids,
                {"stm_post_id": self.post(name).id},
            )
        self.assertRefused(
            self.manager,
            "stm.post",
            "write",
            self.post("salesperson").ids,
            {"group_id": self.env.ref("sales_team_mgmt.group_general_manager").id},
        )
        self.assertRefused(
            self.manager,
            "stm.post",
            "create",
            [
                {
                    "name": "King",
                    "code": "king",
                    "group_id": self.env.ref(
                        "sales_team_mgmt.group_general_manager"
                    ).id,
                    "member_ids": [Command.link(member.id)],
                }
            ],
        )
        self.assertFalse(self.ann.has_group("sales_team_mgmt.group_general_manager"))

    def test_an_old_membership_is_no_way_back_to_its_rights(self):
        """Unarchiving or prolonging it, or giving it to oneself, is granting it."""
        chief = self.person("chief", "group_salesperson")
        old = self.join(chief, self.team_west, "gm", "2025-01-01")
        old.write({"active": False, "stm_date_to": "2025-12-31"})
        self.assertFalse(chief.has_group("sales_team_mgmt.group_general_manager"))
        for values in (
            {"active": True},
            {"stm_date_to": False},
            {"stm_date_to": "2026-12-31"},
            {"stm_date_from": "2024-01-01", "active": True},
            {"user_id": self.manager.id, "active": True},
            {"user_id": self.manager.id},
        ):
            for user in (self.manager, self.hr):
                with self.subTest(values=values, user=user.login):
                    self.assertRefused(
                        user, "crm.team.member", "write", old.ids, values
                    )
        self.assertFalse(chief.has_group("sales_team_mgmt.group_general_manager"))
        self.assertFalse(
            self.manager.has_group("sales_team_mgmt.group_general_manager")
        )

    def test_a_membership_stays_with_its_person(self):
        member = self.member(self.ann)
        self.assertRefused(
            self.manager,
            "crm.team.member",
            "write",
            member.ids,
            {"user_id": self.wei.id},
        )
        self.assertEqual(member.user_id, self.ann)

    def test_hr_gives_itself_no_post(self):
        self.assertRefused(
            self.hr,
            "crm.team.member",
            "create",
            [
                {
                    "user_id": self.hr.id,
                    "crm_team_id": self.team_city.id,
                    "stm_post_id": self.post("department_manager").id,
                }
            ],
        )
        self.assertRefused(
            self.hr,
            "crm.team.member",
            "create",
            [
                {
                    "user_id": self.hr.id,
                    "crm_team_id": self.team_city.id,
                    "stm_post_id": self.post("hr_manager").id,
                }
            ],
        )

    def test_a_post_gives_no_right_over_the_system(self):
        for xmlid in (
            "base.group_system",
            "base.group_erp_manager",
            "sales_team.group_sale_manager",
        ):
            group = self.env.ref(xmlid)
            for user in (self.manager, self.hr, self.env.user):
                with self.subTest(group=xmlid, user=user.login):
                    self.assertRefused(
                        user,
                        "stm.post",
                        "write",
                        self.post("promoter").ids,
                        {"group_id": group.id},
                    )
        self.assertFalse(self.post("promoter").group_id)

    def test_nobody_makes_himself_the_leader_of_a_team_above(self):
        head = self.person("head", "group_department_manager")
        area = self.person("area", "group_department_manager")
        company = self.team("Company", head)
        self.team_department.parent_id = company
        self.team_west.user_id = area
        for user, team in (
            (self.manager, company),
            (area, company),
            (area, self.team_department),
            (area, self.team_east),
            (self.city, self.team_city),
            (self.ann, self.team_city),
        ):
            for values in (
                {"user_id": user.id},
                {"stm_deputy_id": user.id},
                {"stm_assistant_ids": [Command.link(user.id)]},
                {"parent_id": False},
                {"active": False},
                {"stm_access_ids": [Command.create({"user_id": user.id})]},
            ):
                with self.subTest(user=user.login, team=team.name, values=values):
                    self.assertRefused(user, "crm.team", "write", team.ids, values)
            self.assertRefused(user, "crm.team", "unlink", team.ids)
        # Nor by hanging a team of others below the own one
        self.assertRefused(
            area,
            "crm.team",
            "write",
            self.team_west.ids,
            {"child_ids": [Command.link(self.team_east.id)]},
        )
        self.assertRefused(
            area, "crm.team", "create", [{"name": "New", "user_id": area.id}]
        )
        self.assertRefused(
            area,
            "crm.team",
            "create",
            [
                {
                    "name": "New",
                    "parent_id": self.team_west.id,
                    "child_ids": [Command.link(self.team_east.id)],
                }
            ],
        )

    def test_people_of_another_department_are_not_pulled_over(self):
        area = self.person("area", "group_department_manager")
        self.team_west.user_id = area
        self.assertRefused(
            area,
            "crm.team.member",
            "write",
            self.member(self.ann).ids,
            {"crm_team_id": self.team_west.id},
        )
        self.assertRefused(
            area,
            "crm.team.member",
            "create",
            [{"user_id": area.id, "crm_team_id": self.team_city.id}],
        )

    def test_rules_in_use_cannot_be_edited(self):
        for xmlid, line in (
            ("route_work_plan", "step_ids"),
            ("duty_weekly_report", "step_ids"),
            ("report_template_weekly", "line_ids"),
        ):
            rule = self.env.ref(f"sales_team_mgmt.{xmlid}")
            self.assertTrue(rule.is_locked, xmlid)
            for values in (
                {"name": "x"},
                {"sequence": 1},
                {"company_id": self.company.id},
                {"is_released": False},
                {"version": 7},
                {"date_from": "2020-01-01"},
                {line: [Command.clear()]},
                {line: [Command.update(rule[line][0].id, {"sequence": 99})]},
                {line: [Command.delete(rule[line][0].id)]},
            ):
                for user in (self.manager, self.ann):
                    with self.subTest(rule=xmlid, values=values, user=user.login):
                        self.assertRefused(user, rule._name, "write", rule.ids, values)
            self.assertRefused(self.manager, rule._name, "unlink", rule.ids)
            self.assertRefused(
                self.manager, rule[line]._name, "unlink", rule[line][0].ids
            )
            self.assertRefused(
                self.manager,
                rule[line]._name,
                "write",
                rule[line][0].ids,
                {"sequence": 99},
            )
            values = rule[line][0].copy_data()[0]
            self.assertRefused(self.manager, rule[line]._name, "create", [values])
