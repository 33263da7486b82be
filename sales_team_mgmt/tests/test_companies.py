from datetime import date
from uuid import uuid4

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import StmCase
from .test_visit_phone import picture

THURSDAY = "2026-02-26 02:00:00"


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestCompanies(StmCase):
    """Two companies with a department each, and people of one or of both.

    Own company: the department of the base class; Sister: Abroad (sis leads, sue is
    a member). bea is a member of City and works for both, vic leads City's area
    for both.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sister = cls.env["res.company"].create({"name": "Sister"})
        only_sister = {
            "company_id": cls.sister.id,
            "company_ids": [Command.set(cls.sister.ids)],
        }
        both = {"company_ids": [Command.set((cls.company | cls.sister).ids)]}
        cls.sis = cls.person("sis", "group_leader", **only_sister)
        cls.sue = cls.person("sue", "group_salesperson", **only_sister)
        cls.boss = cls.person("boss", "group_department_manager", **only_sister)
        cls.sister_gm = cls.person("sister_gm", "group_general_manager", **only_sister)
        cls.bea = cls.person("bea", "group_salesperson", **both)
        cls.both_gm = cls.person("both_gm", "group_general_manager", **both)
        cls.team_sister = cls.team("Sister", cls.boss, company_id=cls.sister.id)
        cls.team_abroad = cls.team(
            "Abroad", cls.sis, cls.team_sister, company_id=cls.sister.id
        )
        cls.join(cls.boss, cls.team_sister, "department_manager")
        cls.join(cls.sis, cls.team_abroad, "area_manager")
        cls.join(cls.sue, cls.team_abroad)
        cls.join(cls.bea, cls.team_city)

    def in_company(self, record, user, *companies):
        return record.with_user(user).with_context(
            allowed_company_ids=[company.id for company in companies]
        )

    def model(self, name, user, *companies):
        return self.in_company(self.env[name], user, *companies)

    # ------------------------------------------------------------
    # Records of one company
    # ------------------------------------------------------------

    def sister_records(self):
        """One record of each model with a company, of Sister, by the usual way."""
        plan = self.plan(self.sue)
        plan.action_submit()
        visit = self.visit(self.sue, self.customers[1], "2026-02-25 02:00:00")
        report = self.report(self.sue, "2026-02-23")
        rules = (
            self.env["stm.rule.document"]
            .with_user(self.sue)
            .create({"name": "Rules", "body": "<p>x</p>"})
        )
        period = self.env["stm.period"].create(
            {
                "name": "2026-01",
                "date_from": "2026-01-01",
                "date_to": "2026-01-31",
                "company_id": self.sister.id,
            }
        )
        # Figures, and what came after they were frozen.
        self.env["stm.period"].create(
            {
                "name": "2026-02",
                "date_from": "2026-02-01",
                "date_to": "2026-02-28",
                "company_id": self.sister.id,
            }
        )
        period.with_user(self.boss).action_close("targets")
        self.visit(self.sue, self.customers[1], "2026-01-20 02:00:00")
        self.env["stm.measure"]._refresh(period)
        figures = [("period_id", "=", period.id)]
        measures = self.env["stm.measure"].search(figures)
        absence = self.env["stm.absence"].with_user(self.sis)
        absence = absence.create({"user_id": self.sue.id, "date": "2026-02-25"})
        period.with_user(self.boss).action_close("work")
        self.open_duties("2026-02-26")
        customer_class = self.env["stm.customer.class"].create(
            {"name": "Key account", "code": "K", "company_id": self.sister.id}
        )
        region = self.env["stm.region"].create(
            {"name": "Abroad", "company_id": self.sister.id}
        )
        self.env["stm.region.assignment"].create(
            {
                "user_id": self.sue.id,
                "region_id": region.id,
                "company_id": self.sister.id,
            }
        )
        route = self.env.ref("sales_team_mgmt.route_work_plan").copy(
            {"company_id": self.sister.id}
        )
        duty = self.env.ref("sales_team_mgmt.duty_weekly_plan").copy(
            {"company_id": self.sister.id}
        )
        template = self.env.ref("sales_team_mgmt.report_template_weekly").copy(
            {"company_id": self.sister.id}
        )
        self.env["stm.post"].create(
            {"name": "Envoy", "code": "envoy", "company_id": self.sister.id}
        )
        self.env["stm.day.exception"].create(
            {"name": "Holiday", "date": "2026-04-06", "company_id": self.sister.id}
        )
        checklist = self.env["stm.checklist"].create(
            {
                "name": "Visit",
                "company_id": self.sister.id,
                "line_ids": [Command.create({"name": "Tidy?"})],
            }
        )
        checklist.action_release()
        asked = self.visit(self.sue, self.customers[2], "2026-02-27 02:00:00", False)
        exception = self.env["stm.gate.exception"].with_user(self.sue).sudo()
        exception = exception.create(
            {
                "model": "stm.period",
                "res_id": self.env["stm.period"]
                .create(
                    {
                        "name": "Spring",
                        "kind": "season",
                        "date_from": "2026-01-01",
                        "date_to": "2026-12-31",
                        "company_id": self.sister.id,
                    }
                )
                .id,
                "act": "close_work",
                "reason": "x",
            }
        )
        kind = self.env["stm.event.type"].create(
            {"name": "Seen", "code": "seen", "company_id": self.sister.id}
        )
        event = (
            self.env["stm.event"]
            .with_user(self.sis)
            .create(
                {
                    "user_id": self.sue.id,
                    "type_id": kind.id,
                    "date": "2026-02-25",
                    "note": "x",
                }
            )
        )
        event.action_confirm()
        scoring = self.env.ref("sales_team_mgmt.appraisal_t3").copy(
            {"company_id": self.sister.id}
        )
        items = scoring.section_ids.item_ids
        sheet = self.env["stm.appraisal"].with_user(self.sis)
        sheet = sheet.create({"user_id": self.sue.id, "period_id": period.id})
        sheet.sudo().state = "shared"
        appeal = (
            self.env["stm.appraisal.appeal"]
            .with_user(self.sue)
            .create({"appraisal_id": sheet.id, "reason": "x"})
        )
        round_trip = (
            self.env["stm.route"]
            .with_user(self.sue)
            .create(
                {
                    "name": "North",
                    "line_ids": [Command.create({"partner_id": self.customers[1].id})],
                }
            )
        )
        policy = self.env.ref("sales_team_mgmt.visit_policy_default").copy(
            {"company_id": self.sister.id}
        )
        ratio = self.env.ref("sales_team_mgmt.staffing_ratio_supervisor").copy(
            {"company_id": self.sister.id}
        )
        customer = {"partner_id": self.customers[1].id}
        log = self.env["stm.contact.log"].with_user(self.sue)
        log = log.create({**customer, "content": "Call"})
        promise = self.env["stm.promise"].with_user(self.sue)
        promise = promise.create(
            {**customer, "name": "Samples", "date_due": "2026-03-10"}
        )
        issue = self.env["stm.customer.issue"].with_user(self.sue)
        issue = issue.create({**customer, "name": "Glue"})
        kind_of_visit = self.env.ref("sales_team_mgmt.visit_type_customer").copy(
            {"company_id": self.sister.id}
        )
        on_site = self.on_site(self.sue)
        self.customers[1].user_id = self.sue
        profile = self.env["stm.contact.profile"].with_user(self.sue)
        profile = profile.create({**customer, "purpose": "Visits"})
        approval = plan.sudo().approval_id
        visit.with_user(self.sis).action_spot_check()
        odd = self.env["stm.visit.exception"]._raise(
            [visit._prepare_exception("outside", "Far away")]
        )
        slip = self.env["stm.visit.slip"].browse(
            asked.with_user(self.sue).action_ask_slip()["res_id"]
        )
        visit.with_user(self.sis).action_join()
        notes = visit.with_user(self.sis).joint_visit_ids
        notes.line_ids = [Command.create({"name": "Preparation"})]
        return {
            "stm.joint.visit": notes,
            "stm.joint.visit.line": notes.line_ids,
            "stm.spot.check": visit.sudo().spot_check_ids,
            "stm.visit.exception": odd,
            "stm.visit.slip": slip,
            "stm.visit.slip.line": slip.line_ids,
            "stm.appraisal": sheet,
            "stm.appraisal.appeal": appeal,
            "stm.appraisal.band": scoring.result_ids,
            "stm.appraisal.deduction": items.deduction_ids,
            "stm.appraisal.item": items,
            "stm.appraisal.line": sheet.line_ids,
            "stm.appraisal.part": sheet.part_ids,
            "stm.appraisal.section": scoring.section_ids,
            "stm.appraisal.template": scoring,
            "stm.contact.log": log,
            "stm.contact.profile": profile,
            "stm.promise": promise,
            "stm.customer.issue": issue,
            "stm.customer.ledger": self.env["stm.customer.ledger"].search(
                [("contact_log_id", "=", log.id)]
            ),
            "stm.obligation": self.env["stm.obligation"].search(
                [("promise_id", "=", promise.id)]
            ),
            "stm.event": event,
            "stm.event.type": kind,
            "stm.absence": absence,
            "stm.measure": measures,
            "stm.measure.correction": measures.correction_ids,
            "stm.measure.evidence": self.env["stm.measure.evidence"].search(figures),
            "stm.measure.task": self.env["stm.measure.task"].search(figures),
            "stm.approval": approval,
            "stm.approval.line": approval.line_ids,
            "stm.approval.route": route,
            "stm.approval.route.step": route.step_ids,
            "stm.checklist": checklist,
            "stm.checklist.answer": asked.checklist_answer_ids,
            "stm.checklist.line": checklist.line_ids,
            "stm.gate.exception": exception,
            "stm.day.exception": self.env["stm.day.exception"].search(
                [("company_id", "=", self.sister.id)]
            ),
            "stm.duty": duty,
            "stm.duty.step": duty.step_ids,
            "stm.duty.item": self.duties(self.sue),
            "stm.period": period,
            "stm.period.closing": period.closing_ids,
            "stm.post": self.env["stm.post"].search([("code", "=", "envoy")]),
            "stm.customer.class": customer_class,
            "stm.region": region,
            "stm.region.assignment": region.assignment_ids,
            "stm.report.template": template,
            "stm.report.template.line": template.line_ids,
            "stm.rule.document": rules,
            "stm.route": round_trip,
            "stm.route.line": round_trip.line_ids,
            "stm.staffing.ratio": ratio,
            "stm.visit.policy": policy,
            "stm.visit.policy.line": policy.line_ids,
            "stm.visit": visit,
            "stm.visit.competitor": on_site.competitor_ids,
            "stm.visit.photo": on_site.photo_ids,
            "stm.visit.position": on_site.position_ids,
            "stm.visit.stock": on_site.stock_ids,
            "stm.visit.type": kind_of_visit,
            "stm.client.action": self.env["stm.client.action"].search(
                [("visit_id", "=", on_site.id)]
            ),
            "stm.position.consent": self.env["stm.position.consent"].search(
                [("user_id", "=", self.sue.id)]
            ),
            "stm.work.plan": plan,
            "stm.work.plan.line": plan.line_ids,
            "stm.work.plan.point": plan.point_ids,
            "stm.work.report": report,
            "stm.work.report.line": report.line_ids,
        }

    def on_site(self, user):
        """A visit that is checked in to by phone, with all that can be found there."""
        self.sister.stm_record_positions = True
        self.env["stm.position.consent"].with_user(user)._stm_give(self.sister)
        visit = self.visit(user, self.customers[3], "2026-02-26 02:00:00", done=False)
        product = self.env["product.product"].create({"name": "Tea"})
        results = visit.stm_send(
            [
                {
                    "uuid": str(uuid4()),
                    "kind": kind,
                    "visit": visit.id,
                    "at": "2026-02-26T02:00:00Z",
                    "data": data,
                }
                for kind, data in (
                    ("check_in", {"error": "timeout", "reason": "Basement"}),
                    ("photo", {"label": "Shelf", "image": picture()}),
                    ("stock", {"lines": [{"product_id": product.id, "quantity": 3}]}),
                    ("competitor", {"name": "Rival"}),
                )
            ]
        )
        self.assertEqual({result["state"] for result in results}, {"done"}, results)
        return visit.sudo()

    def test_every_model_with_a_company_is_in_the_list(self):
        with_company = {
            name
            for name, model in self.env.registry.items()
            if name.startswith("stm.")
            and not model._abstract
            and not model._transient
            and "company_id" in model._fields
            # Views of other records, with tests of their own.
            and name
            not in (
                "stm.collection",
                "stm.coverage",
                "stm.leaderboard",
                "stm.visit.report",
            )
        }
        self.assertFalse(with_company - self.sister_records().keys())

    def test_nobody_of_another_company_sees_or_changes_them(self):
        for name, records in self.sister_records().items():
            self.assertTrue(records, name)
            for user in (self.manager, self.gm, self.ann, self.hr):
                with self.subTest(model=name, user=user.login):
                    theirs = records.with_user(user)
                    if not theirs.browse().has_access("read"):
                        continue
                    self.assertFalse(theirs.search([("id", "in", records.ids)]))
                    self.assertFalse(theirs._filtered_access("read"))
                    for operation in ("read", "write", "unlink"):
                        with self.assertRaises(AccessError):
                            theirs.check_access(operation)

    def test_a_general_manager_of_both_sees_the_companies_chosen(self):
        plan = self.sister_records()["stm.work.plan"]
        domain = [("id", "=", plan.id)]
        Plan = "stm.work.plan"
        self.assertFalse(self.model(Plan, self.both_gm, self.company).search(domain))
        self.assertTrue(self.model(Plan, self.both_gm, self.sister).search(domain))
        self.assertTrue(
            self.model(Plan, self.both_gm, self.company, self.sister).search(domain)
        )
        with self.assertRaises(AccessError):
            self.model(Plan, self.gm, self.company, self.sister).search(domain)

    def test_the_leaders_of_one_company_do_not_see_the_other(self):
        ours, theirs = self.plan(self.ann), self.plan(self.sue)
        for user, seen in (
            (self.city, ours),
            (self.manager, ours),
            (self.sis, theirs),
            (self.boss, theirs),
            (self.sister_gm, theirs),
        ):
            with self.subTest(user=user.login):
                found = ours.with_user(user).search([("id", "in", (ours | theirs).ids)])
                self.assertEqual(found, seen.with_user(user))

    # ------------------------------------------------------------
    # Writing in a company
    # ------------------------------------------------------------

    def test_a_document_in_a_company_one_does_not_work_in_is_refused(self):
        for model, values in (
            ("stm.work.plan", {"date_from": "2026-03-02"}),
            ("stm.work.report", {"date_from": "2026-02-23"}),
            ("stm.visit", {"partner_id": self.customers[0].id}),
            ("stm.contact.log", {"partner_id": self.customers[0].id}),
            (
                "stm.promise",
                {
                    "name": "Samples",
                    "partner_id": self.customers[0].id,
                    "date_due": "2026-03-10",
                },
            ),
            (
                "stm.customer.issue",
                {"name": "Glue", "partner_id": self.customers[0].id},
            ),
            ("stm.rule.document", {"name": "Rules"}),
        ):
            with self.subTest(model=model):
                Model = self.env[model]
                count = Model.search_count([])
                with self.assertRaises(UserError):
                    Model.with_user(self.ann).create(
                        {**values, "company_id": self.sister.id}
                    )
                # Not by whoever may do everything either
                with self.assertRaisesRegex(UserError, "does not work in Sister"):
                    with self.env.cr.savepoint():
                        Model.create(
                            {
                                **values,
                                "user_id": self.ann.id,
                                "company_id": self.sister.id,
                            }
                        )
                self.assertEqual(Model.search_count([]), count)

    def test_a_document_does_not_change_into_a_foreign_company(self):
        for record in (
            self.plan(self.ann),
            self.report(self.ann, "2026-02-23"),
            self.visit(self.ann, self.customers[0], done=False),
        ):
            with self.subTest(record=record._name):
                with self.assertRaises(UserError):
                    record.with_user(self.ann).write({"company_id": self.sister.id})
                self.assertEqual(record.company_id, self.company)

    def test_somebody_of_both_plans_the_same_week_in_both(self):
        first = self.plan(self.bea)
        second = self.model(
            "stm.work.plan", self.bea, self.sister, self.company
        ).create(
            {
                "date_from": "2026-03-02",
                "point_ids": [Command.create({"name": "Open the market"})],
            }
        )
        self.assertEqual(first.company_id, self.company)
        self.assertEqual(second.company_id, self.sister)
        self.assertFalse(
            self.in_company(second, self.gm, self.company).search(
                [("id", "=", second.id)]
            )
        )

    def test_a_copied_week_comes_from_the_same_company(self):
        here = self.plan(self.bea, "2026-02-23", days=2)
        there = self.model("stm.work.plan", self.bea, self.sister, self.company).create(
            {"date_from": "2026-03-02"}
        )
        with self.assertRaisesRegex(UserError, "no earlier plan"):
            there.action_copy_last_week()
        self.assertFalse(there.line_ids)
        nextweek = self.plan(self.bea, days=0, point_ids=[])
        nextweek.action_copy_last_week()
        self.assertEqual(nextweek.line_ids.partner_id, here.line_ids.partner_id)

    def test_customers_of_the_other_company_are_refused(self):
        theirs = self.env["res.partner"].create(
            {"name": "Theirs", "company_id": self.sister.id}
        )
        Visit = self.model("stm.visit", self.bea, self.company, self.sister)
        with self.assertRaisesRegex(UserError, "customer of Sister"):
            with self.env.cr.savepoint():
                Visit.create({"partner_id": theirs.id})
        visit = Visit.create({"partner_id": theirs.id, "company_id": self.sister.id})
        self.assertEqual(visit.company_id, self.sister)
        with self.assertRaisesRegex(UserError, "customer of Sister"):
            with self.env.cr.savepoint():
                visit.write({"company_id": self.company.id})
        plan = self.plan(self.bea)
        line = {"partner_id": theirs.id, "date": "2026-03-05"}
        with self.assertRaisesRegex(UserError, "customer of Sister"):
            with self.env.cr.savepoint():
                self.in_company(plan, self.bea, self.company, self.sister).write(
                    {"line_ids": [Command.create(line)]}
                )
        self.assertEqual(len(plan.line_ids), 1)
        for model, values in (
            ("stm.contact.log", {}),
            ("stm.promise", {"name": "Prices", "date_due": "2026-03-05"}),
            ("stm.customer.issue", {"name": "Who repairs?"}),
        ):
            with self.subTest(model=model):
                Model = self.model(model, self.bea, self.company, self.sister)
                with self.assertRaisesRegex(UserError, "customer of Sister"):
                    with self.env.cr.savepoint():
                        Model.create({**values, "partner_id": theirs.id})

    # ------------------------------------------------------------
    # Rules of one company, and those of all
    # ------------------------------------------------------------

    def test_a_route_of_one_company_is_for_its_documents_only(self):
        shared = self.env.ref("sales_team_mgmt.route_work_plan")
        own = shared.copy({"company_id": self.sister.id, "sequence": 1})
        own.with_user(self.boss).action_release()
        ours, theirs = self.plan(self.ann), self.plan(self.sue)
        ours.action_submit()
        theirs.action_submit()
        self.assertEqual(ours.sudo().approval_id.route_id, shared)
        self.assertEqual(theirs.sudo().approval_id.route_id, own)

    def test_a_template_of_one_company_is_for_its_reports_only(self):
        shared = self.env.ref("sales_team_mgmt.report_template_weekly")
        own = shared.copy({"company_id": self.sister.id, "sequence": 1})
        own.date_from = "2026-02-23"
        own.with_user(self.boss).action_release()
        self.assertEqual(self.report(self.ann, "2026-02-23").template_id, shared)
        self.assertEqual(self.report(self.sue, "2026-02-23").template_id, own)

    def test_a_duty_of_one_company_is_owed_there_only(self):
        own = self.env.ref("sales_team_mgmt.duty_weekly_plan").copy(
            {"company_id": self.sister.id, "code": "extra", "name": "Extra"}
        )
        own.with_user(self.boss).action_release()
        self.open_duties("2026-02-26")
        self.assertFalse(self.duties(self.ann, "extra"))
        self.assertEqual(len(self.duties(self.sue, "extra")), 1)
        # The shared one is owed in each company by its own people, once
        for user, company in (
            (self.ann, self.company),
            (self.sue, self.sister),
            (self.bea, self.company),
        ):
            items = self.duties(user, "weekly_plan")
            self.assertEqual(items.company_id, company)
            self.assertEqual(len(items), 1)

    def test_a_holiday_of_one_company_moves_deadlines_there_only(self):
        self.env["stm.day.exception"].create(
            {"name": "Holiday", "date": "2026-02-27", "company_id": self.sister.id}
        )
        self.open_duties("2026-02-26")
        # Friday 18:00 in Shanghai, and Thursday where Friday is free
        self.assertEqual(str(self.duties(self.ann).due_at), "2026-02-27 10:00:00")
        self.assertEqual(str(self.duties(self.sue).due_at), "2026-02-26 10:00:00")

    def test_a_manager_of_one_company_does_not_change_the_rules_of_the_other(self):
        own = self.env.ref("sales_team_mgmt.route_work_plan").copy(
            {"company_id": self.sister.id}
        )
        for act in (
            lambda route: route.write({"name": "x"}),
            lambda route: route.action_release(),
            lambda route: route.action_new_version(),
            lambda route: route.unlink(),
            lambda route: route.copy(),
        ):
            with self.assertRaises(AccessError):
                act(own.with_user(self.manager))
        with self.assertRaises(AccessError):
            self.env["stm.period"].with_user(self.manager).action_create_year(
                2031, self.sister.ids
            )

    def test_a_period_closed_in_one_company_is_open_in_the_other(self):
        for company in (self.company, self.sister):
            self.env["stm.period"].create(
                {
                    "name": "2026-03",
                    "date_from": "2026-03-01",
                    "date_to": "2026-03-31",
                    "company_id": company.id,
                }
            )
        ours, theirs = self.plan(self.ann), self.plan(self.sue)
        periods = self.env["stm.period"]
        march = periods.search(
            [("company_id", "=", self.company.id), ("name", "=", "2026-03")]
        )
        march.with_user(self.manager).action_close("work")
        with self.assertRaisesRegex(UserError, "closed"), self.env.cr.savepoint():
            ours.action_submit()
        theirs.action_submit()
        self.assertEqual((ours.state, theirs.state), ("draft", "submitted"))
        other = periods.search(
            [("company_id", "=", self.sister.id), ("name", "=", "2026-03")]
        )
        with self.assertRaises(AccessError):
            other.with_user(self.manager).action_close("work")
        self.assertFalse(other.is_closed)

    # ------------------------------------------------------------
    # Deciding across companies
    # ------------------------------------------------------------

    def test_who_decides_works_in_the_company_of_the_document(self):
        """City's leader cannot open what bea writes in Sister: the next above does."""
        self.manager.company_ids += self.sister
        plan = self.model("stm.work.plan", self.bea, self.sister, self.company).create(
            {
                "date_from": "2026-03-02",
                "point_ids": [Command.create({"name": "Open the market"})],
            }
        )
        plan.action_submit()
        self.assertEqual(plan.sudo().approval_id.pending_user_ids, self.manager)

    def test_roles_are_asked_in_the_own_company_only(self):
        rules = (
            self.env["stm.rule.document"]
            .with_user(self.city)
            .create({"name": "Rules", "body": "<p>x</p>"})
        )
        rules.action_submit()
        asked = rules.sudo().approval_id.line_ids.user_id
        self.assertIn(self.gm, asked)
        self.assertIn(self.both_gm, asked)
        self.assertNotIn(self.sister_gm, asked)

    def test_a_stand_in_of_another_company_is_refused(self):
        with self.assertRaisesRegex(UserError, "does not work in the company"):
            with self.env.cr.savepoint():
                self.env["stm.substitution"].with_user(self.ann).create(
                    {"substitute_id": self.sue.id, "date_to": "2026-03-31"}
                )
        self.assertFalse(
            self.env["stm.substitution"].search([("user_id", "=", self.ann.id)])
        )

    def test_a_team_stands_in_the_company_of_the_team_above(self):
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.team_abroad.parent_id = self.team_east
        self.assertEqual(self.team_abroad.parent_id, self.team_sister)

    # ------------------------------------------------------------
    # Members of teams of both companies
    # ------------------------------------------------------------

    def join_both(self):
        """bea becomes a member of Abroad as well, later than of City."""
        params = self.env["ir.config_parameter"]
        params.set_param("sales_team.membership_multi", True)
        return self.join(self.bea, self.team_abroad, first="2026-02-01")

    def plan_in_sister(self, **values):
        return self.model("stm.work.plan", self.bea, self.sister, self.company).create(
            {"date_from": "2026-03-09", **values}
        )

    def test_joining_a_team_of_one_company_leaves_the_plans_of_the_other(self):
        ours, theirs = self.plan(self.bea), self.plan_in_sister()
        self.assertEqual(theirs.team_id, self.team_city)
        self.join_both()
        self.assertEqual(ours.team_id, self.team_city)
        self.assertEqual(theirs.team_id, self.team_abroad)

    def test_a_new_document_has_the_team_of_its_company(self):
        self.join_both()
        ours, theirs = self.plan(self.bea), self.plan_in_sister()
        self.assertEqual(ours.team_id, self.team_city)
        self.assertEqual(theirs.team_id, self.team_abroad)

    def test_who_leads_in_both_companies_writes_for_the_team_of_each(self):
        lead = self.person(
            "lead",
            "group_leader",
            company_ids=[Command.set((self.company | self.sister).ids)],
        )
        here = self.team("Here", lead, self.team_east)
        there = self.team("There", lead, company_id=self.sister.id)
        teams = self.env["crm.team.member"]._stm_teams_of
        day = date(2026, 2, 26)
        self.assertEqual(teams(lead, day, self.company)[lead], here)
        self.assertEqual(teams(lead, day, self.sister)[lead], there)

    def test_a_member_of_both_companies_owes_in_both(self):
        self.join_both()
        self.open_duties("2026-02-26")
        items = self.duties(self.bea, "weekly_plan")
        self.assertEqual(
            {item.company_id: item.team_id for item in items},
            {self.company: self.team_city, self.sister: self.team_abroad},
        )

    def test_a_transfer_hands_over_what_actor_and_successor_work_with(self):
        ours, theirs, shared = self.customers[:3]
        self.customers[:3].user_id = self.bea
        ours.company_id, theirs.company_id = self.company, self.sister
        visits = self.visit(self.bea, ours, "2026-03-03 02:00:00", done=False)
        visits |= self.model("stm.visit", self.bea, self.sister, self.company).create(
            {"partner_id": theirs.id, "start_at": "2026-03-03 03:00:00"}
        )

        visits = visits.sudo()

        def hand_over(successor, *companies):
            self.model("stm.transfer", self.manager, *companies).create(
                {
                    "user_id": self.bea.id,
                    "kind": "customers",
                    "successor_id": successor.id,
                }
            ).action_transfer()
            return [record.user_id for record in (ours, theirs, shared, *visits)]

        ann, bea = self.ann, self.bea
        # Neither what the manager cannot see, nor what ann could not
        self.assertEqual(hand_over(ann, self.company), [ann, bea, ann, ann, bea])
        self.manager.company_ids += self.sister
        both = (self.company, self.sister)
        self.assertEqual(hand_over(ann, *both), [ann, bea, ann, ann, bea])
        cat = self.person(
            "cat", "group_salesperson", company_ids=[Command.set([c.id for c in both])]
        )
        self.join(cat, self.team_city)
        self.assertEqual(hand_over(cat, *both), [ann, cat, ann, ann, cat])

    def test_a_transfer_leads_to_no_company_that_one_does_not_work_in(self):
        both = self.company | self.sister
        hr = self.person("hr_both", "group_hr", company_ids=[Command.set(both.ids)])
        move = self.model("stm.transfer", hr, *both).create(
            {
                "user_id": self.ann.id,
                "kind": "move",
                "team_id": self.team_abroad.id,
                "customers": "keep",
            }
        )
        with self.assertRaisesRegex(UserError, "Ann does not work in Sister"):
            move.action_transfer()
        self.assertEqual(self.ann.sale_team_id, self.team_city)
