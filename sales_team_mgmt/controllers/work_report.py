from odoo.http import Controller, request, route

from .workbook import workbook_response


class WorkReportController(Controller):
    @route("/stm/work_report.xlsx", type="http", auth="user", readonly=True)
    def work_report_xlsx(self, ids):
        """Weekly and monthly reports as a workbook, one sheet a report (FRM-09)."""
        return workbook_response(request.env["stm.work.report"], ids)
