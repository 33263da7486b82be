from odoo.http import Controller, content_disposition, request, route

from ..tools.xlsx import sheets_to_xlsx

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class WorkReportController(Controller):
    @route("/stm/work_report.xlsx", type="http", auth="user", readonly=True)
    def work_report_xlsx(self, ids):
        """Weekly and monthly reports as a workbook, one sheet a report (FRM-09)."""
        report_ids = [int(part) for part in ids.split(",") if part.isdigit()]
        reports = request.env["stm.work.report"].browse(report_ids).exists()
        reports.check_access("read")
        if not reports:
            return request.not_found()
        sheets = [(report.display_name, report._get_sheet()) for report in reports]
        name = reports.display_name if len(reports) == 1 else reports._description
        return request.make_response(
            sheets_to_xlsx(sheets),
            headers=[
                ("Content-Type", XLSX_TYPE),
                ("Content-Disposition", content_disposition(f"{name}.xlsx")),
            ],
        )
