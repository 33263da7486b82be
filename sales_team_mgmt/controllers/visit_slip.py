from odoo.http import Controller, request, route

from .workbook import workbook_response


class VisitSlipController(Controller):
    @route("/stm/visit_slip.xlsx", type="http", auth="user", readonly=True)
    def visit_slip_xlsx(self, ids):
        """Visit slips as a workbook, one sheet a slip (FRM-01)."""
        return workbook_response(request.env["stm.visit.slip"], ids)
