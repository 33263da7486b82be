from odoo import api, fields, models
from odoo.service.model import retrying

# How long something that a request leaves to a scheduled action waits: what comes in
# meanwhile is done with it, and no worker is woken for every single one.
SOON = {"minutes": 1}


class IrCron(models.Model):
    """How scheduled actions of this addon work off what is due.

    Each piece of work is a transaction of its own, so a run that is killed loses at
    most the piece it was at. When another transaction was faster, a person's or
    another worker's, PostgreSQL refuses the older snapshot and the piece is done anew.
    """

    _inherit = "ir.cron"

    @api.model
    def _stm_soon(self, xmlid):
        """Have the action of ``xmlid`` run in a moment, when this transaction is over.

        :param str xmlid: without the name of the addon
        """
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id(
            f"sales_team_mgmt.{xmlid}", raise_if_not_found=False
        )
        # Whoever has deleted the action does without it.
        for cron in self.sudo().browse(cron_id or ()):
            cron._trigger(fields.Datetime.add(fields.Datetime.now(), **SOON))

    @api.model
    def _stm_do(self, work, left=None):
        """Do one piece of work and commit it.

        :param work: does it, and returns the number of records done; it may be called
            several times, each time on what the database holds by then
        :param left: returns how many records are left; by default not known
        :return: (number of records done, seconds that the run has left)
        """

        def step():
            done = work()
            remaining = left() if left else 1
            return done, self._commit_progress(done, remaining=remaining)

        return retrying(step, self.env)

    @api.model
    def _stm_do_all(self, work, left=None):
        """Do piece after piece, until nothing is left or the time is up.

        :return: whether nothing is left for this worker
        """
        while True:
            done, seconds = self._stm_do(work, left)
            if not done:
                return True
            if not seconds:
                return False

    @api.model
    def _stm_finish(self):
        """Report that nothing is left: the action comes again at its usual time."""
        self._commit_progress(remaining=0)
