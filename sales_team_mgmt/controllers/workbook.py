from odoo.http import content_disposition, request

from ..tools.xlsx import sheets_to_xlsx

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def readable(model, ids):
    """The records named in a URL; whoever may not read one of them gets none.

    :param str ids: ids joined by commas
    """
    record_ids = [int(part) for part in ids.split(",") if part.isdigit()]
    records = model.browse(record_ids).exists()
    records.check_access("read")
    return records


def workbook_response(model, ids):
    """Documents as a workbook, one sheet a document, built from ``_get_sheet``.

    :param str ids: ids joined by commas; whoever may not read one of them gets none
    """
    documents = readable(model, ids)
    if not documents:
        return request.not_found()
    sheets = [(document.display_name, document._get_sheet()) for document in documents]
    name = documents.display_name if len(documents) == 1 else documents._description
    return xlsx_response(name, sheets)


def xlsx_response(name, sheets):
    """A workbook to download; ``sheets`` are pairs (name, sheet)."""
    return request.make_response(
        sheets_to_xlsx(sheets),
        headers=[
            ("Content-Type", XLSX_TYPE),
            ("Content-Disposition", content_disposition(f"{name}.xlsx")),
        ],
    )
