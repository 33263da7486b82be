from odoo.http import content_disposition, request

from ..tools.xlsx import sheets_to_xlsx

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook_response(model, ids):
    """Documents as a workbook, one sheet a document, built from ``_get_sheet``.

    :param str ids: ids joined by commas; whoever may not read one of them gets none
    """
    document_ids = [int(part) for part in ids.split(",") if part.isdigit()]
    documents = model.browse(document_ids).exists()
    documents.check_access("read")
    if not documents:
        return request.not_found()
    sheets = [(document.display_name, document._get_sheet()) for document in documents]
    name = documents.display_name if len(documents) == 1 else documents._description
    return request.make_response(
        sheets_to_xlsx(sheets),
        headers=[
            ("Content-Type", XLSX_TYPE),
            ("Content-Disposition", content_disposition(f"{name}.xlsx")),
        ],
    )
