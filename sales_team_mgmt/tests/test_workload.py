from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .test_plan_proposal import ProposalCase
from .test_route import THURSDAY


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestWorkload(ProposalCase):
    """How many people a market needs (ORG-02, ORG-08)."""

    def market(self, **classes):
        """A region with so many customers of each class, and a district in it."""
        Region = self.env["stm.region"]
        region = Region.create({"name": "Zhejiang"})
        district = Region.create({"name": "Xihu", "parent_id": region.id})
        self.env["res.partner"].create(
            [
                {
                    "name": f"{code} {number}",
                    "stm_class_id": self.classes[code].id,
                    "stm_region_id": (district if number % 2 else region).id,
                }
                for code, count in classes.items()
                for number in range(count)
            ]
        )
        return region

    def assign(self, region, count):
        users = self.env["res.users"].create(
            [
                {"name": f"P{number}", "login": f"workload_{number}"}
                for number in range(count)
            ]
        )
        self.env["stm.region.assignment"].create(
            [
                {"user_id": user.id, "region_id": region.id, "date_from": "2026-01-01"}
                for user in users
            ]
        )

    def test_at_org_02_520_visits_need_six_people_and_nine_are_66_7_percent_busy(self):
        region = self.market(a=40, b=100, c=160)
        self.assign(region, 9)
        workload = (
            self.env["stm.workload"]
            .with_user(self.manager)
            .create({"region_id": region.id})
        )
        self.assertEqual(
            [(line.count, line.frequency, line.visits) for line in workload.line_ids],
            [(40, 4, 160), (100, 2, 200), (160, 1, 160)],
        )
        self.assertEqual(workload.visits, 520)
        self.assertAlmostEqual(workload.capacity, 86.67, 2)
        self.assertEqual(workload.needed, 6.0)
        self.assertEqual(workload.heads, 6)
        self.assertEqual(workload.people, 9)
        self.assertEqual(workload.saturation, 66.7)

    def test_one_customer_more_needs_one_person_more(self):
        region = self.market(a=40, b=100, c=161)
        workload = self.env["stm.workload"].create({"region_id": region.id})
        self.assertEqual(workload.heads, 7)

    def test_a_region_that_is_built_up_weighs_more(self):
        region = self.market(a=40, b=100, c=160)
        with Form(self.env["stm.workload"].with_user(self.manager)) as form:
            form.region_id = region
            self.assertEqual(form.heads, 6)
            form.factor = 1.5
            self.assertEqual(form.visits, 780)
            self.assertEqual(form.heads, 9)
            form.people = 9
            self.assertEqual(form.saturation, 100.0)

    def test_ended_assignments_are_nobody(self):
        region = self.market(a=1)
        self.assign(region, 2)
        self.env["stm.region.assignment"].search(
            [("region_id", "=", region.id)], limit=1
        ).date_to = "2026-02-25"
        workload = self.env["stm.workload"].create({"region_id": region.id})
        self.assertEqual(workload.people, 1)

    def test_customers_of_another_company_do_not_count(self):
        region = self.market(a=4)
        sister = self.env["res.company"].create({"name": "Sister"})
        self.env["res.partner"].search([("stm_region_id", "=", region.id)], limit=1)[
            0
        ].company_id = sister
        workload = self.env["stm.workload"].create({"region_id": region.id})
        self.assertEqual(sum(workload.line_ids.mapped("count")), 3)

    def test_only_leaders_see_it(self):
        for user in (self.ann, self.hr, self.finance):
            with (
                self.assertRaises(AccessError),
                mute_logger("odoo.addons.base.models.ir_model"),
            ):
                self.env["stm.workload"].with_user(user).create({})
        sister = self.env["res.company"].create({"name": "Sister"})
        with self.assertRaises(AccessError):
            self.env["stm.workload"].with_user(self.manager).create(
                {"company_id": sister.id}
            )

    def test_at_org_01_250_promoters_need_32_supervisors_and_7_city_managers(self):
        Ratio = self.env["stm.staffing.ratio"]
        ratios = Ratio.search([])  # pylint: disable=no-search-all
        posts = {
            code: self.env.ref(f"sales_team_mgmt.post_{code}").id
            for code in ("promoter", "supervisor", "city_manager", "area_manager")
        }
        for promoters, required in ((250, [32, 7, 1]), (240, [30, 6, 1])):
            heads = {posts["promoter"]: promoters, posts["supervisor"]: 31}
            with patch.object(type(Ratio), "_heads", autospec=True, return_value=heads):
                ratios.invalidate_recordset()
                self.assertEqual(ratios.mapped("required"), required)
                self.assertEqual(ratios[0].below_count, promoters)
                self.assertEqual(ratios[0].actual, 31)
                self.assertEqual(ratios[0].difference, 31 - required[0])
                # One alone says the same
                ratios.invalidate_recordset()
                self.assertEqual(ratios[1].required, required[1])

    def test_heads_are_the_members_of_today(self):
        heads = self.env["stm.staffing.ratio"]._heads(self.company)
        post = self.env.ref("sales_team_mgmt.post_salesperson").id
        before = heads[post]
        new = self.person("new", "group_salesperson")
        member = self.join(new, self.team_city, first="2026-02-26")
        Ratio = self.env["stm.staffing.ratio"]
        self.assertEqual(Ratio._heads(self.company)[post], before + 1)
        member.stm_date_to = "2026-02-26"
        self.assertEqual(Ratio._heads(self.company)[post], before + 1)
        with freeze_time("2026-02-27 02:00:00"):
            self.assertEqual(Ratio._heads(self.company)[post], before)
