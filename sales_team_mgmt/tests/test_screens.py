from lxml import etree

from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .common import StmCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-06 08:00:00")
class TestScreens(StmCase):
    """Every role opens every screen of its menus, and every record found there.

    Reads what the web client reads: the fields of the views, with those of the lists
    inside them. A field that a reader of the record may not read fails here.
    """

    def setUp(self):
        super().setUp()
        self.env.ref("sales_team_mgmt.report_template_weekly").needs_next_plan = False
        self.open_duties()
        plan = self.plan(self.ann, days=2)
        plan.action_submit()
        plan.with_user(self.city).action_approve()
        self.plan(self.ann, "2026-03-09").action_submit()
        checklist = self.env["stm.checklist"].create(
            {"name": "Visit", "line_ids": [Command.create({"name": "Tidy?"})]}
        )
        checklist.action_release()
        visit = self.visit(self.ann, self.customers[0], done=False)
        visit.checklist_answer_ids.value_yes_no = "yes"
        visit.action_done()
        plan.point_ids.with_user(self.ann).outcome = "done"
        self.write_down_contacts()
        report = self.report(self.ann)
        report.action_submit()
        report.with_user(self.city).action_approve("Seen")
        self.publish_rules()
        self.env["stm.substitution"].with_user(self.city).create(
            {
                "substitute_id": self.ben.id,
                "date_from": "2026-03-06",
                "date_to": "2026-03-07",
            }
        )
        self.env["stm.period"].with_user(self.manager).action_create_year(2026)
        self.sheets = self.appraise()
        self.ask_for_an_exception()

    def write_down_contacts(self):
        """A follow-up call of Ann, with a promise and a problem."""
        customer = self.customers[0]
        log = self.env["stm.contact.log"].with_user(self.ann)
        log.create(
            {
                "partner_id": customer.id,
                "content": "Spring order",
                "is_follow_up": True,
                "next_date": "2026-03-20",
                "promise_ids": [
                    Command.create({"name": "Samples", "date_due": "2026-03-10"})
                ],
                "issue_ids": [Command.create({"name": "Which glue?"})],
            }
        )

    def appraise(self):
        """The sheets of February, with questions; Ann's was discussed, Ben appeals."""
        checklist = self.env["stm.checklist"].create(
            {
                "name": "Talk",
                "usage": "interview",
                "date_from": "2026-01-01",
                "line_ids": [
                    Command.create({"name": "Agreed?", "answer_type": "yes_no"})
                ],
            }
        )
        checklist.action_release()
        self.env["stm.absence"].with_user(self.city).create(
            {"user_id": self.ann.id, "date": "2026-02-10", "reason": "Sick"}
        )
        self.env["stm.event"].with_user(self.city).create(
            {
                "user_id": self.ann.id,
                "type_id": self.env.ref("sales_team_mgmt.event_type_complaint").id,
                "date": "2026-02-11",
                "note": "Nobody called back",
            }
        ).action_confirm()
        february = self.env["stm.period"].search(
            [("date_from", "=", "2026-02-01"), ("kind", "=", "month")]
        )
        opened = self.env["stm.appraisal"]._open_all(february)
        sheets = {sheet.user_id: sheet for sheet in opened}
        for person in (self.ann, self.ben):
            sheet = sheets[person].with_user(self.city)
            sheet.line_ids.filtered("needs_points").write({"given": "5"})
            sheet.checklist_answer_ids.value_yes_no = "yes"
            sheet.write(
                {"interview_date": "2026-03-05", "interview_comment": "Plan earlier."}
            )
            sheet.action_share()
        self.env["stm.appraisal.appeal"].with_user(self.ben).create(
            {"appraisal_id": sheets[self.ben].id, "reason": "I was there"}
        ).action_submit()
        return sheets

    def ask_for_an_exception(self):
        march = self.env["stm.period"].search(
            [("name", "=", "2026-03"), ("company_id", "=", self.company.id)]
        )
        exception = (
            self.env["stm.gate.exception"]
            .with_user(self.manager)
            .with_context(
                **march.with_user(self.manager).action_ask_exception()["context"]
            )
            .create({"reason": "The books are waiting"})
        )
        exception.action_submit()

    def publish_rules(self):
        rules = (
            self.env["stm.rule.document"]
            .with_user(self.city)
            .create({"name": "Rules of the team", "body": "<p>Be on time.</p>"})
        )
        rules.action_submit()
        rules.with_user(self.east).action_approve("", self.west.ids)
        rules.with_user(self.west).action_approve("Agreed")
        rules.with_user(self.gm).action_approve()
        self.assertEqual(rules.version_state, "in_force")

    def spec(self, model, arch):
        """Specification of ``web_read`` for the fields of a view."""
        spec = {}
        for node in arch.iter("field"):
            if any(parent.tag == "field" for parent in node.iterancestors()):
                continue
            field = self.env[model]._fields[node.get("name")]
            spec[node.get("name")] = {}
            if field.type == "many2one":
                spec[node.get("name")] = {"fields": {"display_name": {}}}
            elif field.type in ("one2many", "many2many"):
                inner = {"display_name": {}}
                for view in node:
                    if view.tag in ("list", "kanban", "form"):
                        inner.update(self.spec(field.comodel_name, view))
                spec[node.get("name")] = {"fields": inner}
        return spec

    def open_action(self, user, action):
        model = self.env[action.res_model].with_user(user)
        modes = [mode for mode in action.view_mode.split(",") if mode != "activity"]
        views = model.get_views([(False, mode) for mode in modes])["views"]
        ids = []
        for mode in modes:
            if mode in ("list", "kanban", "calendar"):
                spec = self.spec(model._name, etree.fromstring(views[mode]["arch"]))
                rows = model.web_search_read([], spec, limit=40)
                ids += [row["id"] for row in rows["records"]]
        if "form" in modes:
            spec = self.spec(model._name, etree.fromstring(views["form"]["arch"]))
            model.browse(set(ids)).web_read(spec)
        return len(set(ids))

    def test_every_role_opens_every_screen_of_its_menus(self):
        menus = self.env["ir.ui.menu"].search(
            [("id", "child_of", self.env.ref("sales_team_mgmt.menu_stm_root").id)]
        )
        opened = {}
        for user in (
            self.ann,
            self.ben,
            self.city,
            self.east,
            self.manager,
            self.gm,
            self.hr,
            self.finance,
        ):
            visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            for menu in menus.filtered(lambda menu, ids=visible: menu.id in ids):
                action = menu.action
                if not action or action._name != "ir.actions.act_window":
                    continue
                if action.res_model == "stm.transfer":
                    continue
                with self.subTest(user=user.name, menu=menu.complete_name):
                    found = self.open_action(user, action)
                    opened[user, action.res_model] = found
        # The screens were not empty: everybody found what is there to be seen.
        self.assertEqual(opened[self.ann, "stm.work.plan"], 2)
        self.assertEqual(opened[self.gm, "stm.work.report"], 1)
        self.assertEqual(opened[self.ben, "stm.rule.document"], 1)
        self.assertGreaterEqual(opened[self.east, "stm.duty.item"], 5)
        for model in ("stm.contact.log", "stm.promise", "stm.customer.issue"):
            for user in (self.ann, self.city, self.gm):
                self.assertEqual(opened[user, model], 1)
            self.assertEqual(opened[self.ben, model], 1)
        # A visit and a call
        self.assertEqual(opened[self.ann, "stm.customer.ledger"], 2)
        self.assertEqual(opened[self.manager, "stm.obligation"], 2)
        self.assertEqual(opened[self.ann, "stm.appraisal"], 1)
        self.assertEqual(opened[self.hr, "stm.appraisal"], len(self.sheets))

    def test_the_average_score_leaves_out_what_is_not_scored(self):
        sheets = self.env["stm.appraisal"].union(*self.sheets.values())
        scored = sheets.filtered("has_score")
        self.assertGreater(len(sheets), len(scored))
        [(average,)] = sheets._read_group([("id", "in", sheets.ids)], [], ["score:avg"])
        self.assertAlmostEqual(average, sum(scored.mapped("score")) / len(scored))

    def test_what_the_form_of_an_appeal_sends_is_accepted(self):
        """The person types the reason only; the form sends nothing of the system."""
        sheet = self.sheets[self.ann].with_user(self.ann)
        action = sheet.action_appeal()
        appeals = self.env[action["res_model"]].with_user(self.ann)
        with Form(appeals.with_context(**action["context"])) as form:
            form.reason = "The visit was made"
        appeal = form.save()
        self.assertEqual(appeal.appraisal_id, sheet)
        self.assertEqual(appeal.user_id, self.ann)

    def test_opinions_on_rules_are_for_those_who_are_involved(self):
        rules = self.env["stm.rule.document"].search([("name", "like", "Rules of")])
        self.assertFalse(rules.with_user(self.ann).approval_line_ids)
        self.assertEqual(len(rules.with_user(self.city).approval_line_ids), 3)
        self.assertEqual(len(rules.with_user(self.gm).approval_line_ids), 3)
