from odoo.http import Controller, request, route

from .workbook import workbook_response


class AppraisalController(Controller):
    @route("/stm/appraisal.xlsx", type="http", auth="user", readonly=True)
    def appraisal_xlsx(self, ids):
        """Appraisal sheets as a workbook, one sheet a person (FRM-24)."""
        return workbook_response(request.env["stm.appraisal"], ids)
