from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import StmCase

THURSDAY = "2026-02-26 02:00:00"


@tagged("post_install", "-at_install")
@freeze_time(THURSDAY)
class TestAccess(StmCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deputy = cls.person("deputy", "group_leader")
        cls.assistant = cls.person("assistant", "group_salesperson")
        cls.cover = cls.person("cover", "group_salesperson")
        for user in (cls.deputy, cls.assistant, cls.cover):
            cls.join(user, cls.team_east, "customer_service")
        cls.team_city.write(
            {
                "stm_deputy_id": cls.deputy.id,
                "stm_assistant_ids": [Command.link(cls.assistant.id)],
            }
        )
        cls.plain = new_test_user(cls.env, "stm_plain", "base.group_user")
        cls.portal = new_test_user(cls.env, "stm_portal", "base.group_portal")
        cls.people = {
            "owner": cls.ann,
            "colleague": cls.ben,
            "other": cls.wei,
            "leader": cls.city,
            "above": cls.east,
            "other_leader": cls.west,
            "manager": cls.manager,
            "deputy": cls.deputy,
            "assistant": cls.assistant,
            "gm": cls.gm,
            "finance": cls.finance,
            "hr": cls.hr,
            "plain": cls.plain,
            "portal": cls.portal,
        }
