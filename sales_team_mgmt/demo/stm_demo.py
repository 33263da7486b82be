from odoo import api, fields, models

from ..models.stm_visit import OPEN_STATES
from .history import History

QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_activity_quick_update": True,
    "no_reset_password": True,
    # The demo company speaks English, whatever language the installer does.
    "lang": "en_US",
}


class StmDemo(models.AbstractModel):
    """Loads three months of work of the demo department, relative to today."""

    _name = "stm.demo"
    _description = "Demo Data of the Sales Department"

    @api.model
    def _load(self):
        """Write the history of the demo people; a second call does nothing."""
        people = self.env.ref("sales_team_mgmt.demo_user_sales")
        if self.env["stm.work.plan"].search_count([("user_id", "=", people.id)]):
            return
        company = self.env.ref("base.main_company")
        History(self.with_company(company).with_context(**QUIET).env).load()

    @api.model
    def _start_checklists(self):
        """Give the visits that are still to come the checklist of the demo."""
        company = self.env.ref("base.main_company")
        visits = self.env["stm.visit"].search(
            [
                ("company_id", "=", company.id),
                ("state", "in", OPEN_STATES),
                ("date", ">=", fields.Date.context_today(self)),
            ]
        )
        visits._stm_start_checklist()
