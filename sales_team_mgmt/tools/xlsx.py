"""Write report sheets, as the reports build them, into a workbook."""

import io
import re

FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
NAME_LENGTH = 31


def sheet_name(name, taken):
    """A sheet name that spreadsheet programs accept and that is not taken yet.

    >>> sheet_name("Report 2026/03: Wang", set())
    'Report 2026 03  Wang'
    >>> sheet_name("x" * 40, {"x" * 31})
    'xxxxxxxxxxxxxxxxxxxxxxxxxxx (2)'
    """
    base = FORBIDDEN_IN_NAMES.sub(" ", name).strip() or "Sheet"
    candidate, number = base[:NAME_LENGTH], 1
    while candidate.lower() in {other.lower() for other in taken}:
        number += 1
        suffix = f" ({number})"
        candidate = base[: NAME_LENGTH - len(suffix)] + suffix
    return candidate


def sheets_to_xlsx(sheets):
    """Workbook with one sheet for each report.

    :param sheets: pairs (name, sheet), a sheet being a dict with ``title``, ``facts``,
        ``summary``, ``tables``, ``review`` and ``reviewer``
    :return: bytes of the file; text is never taken for a formula
    """
    import xlsxwriter

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(buffer, options) as workbook:
        formats = {
            "title": workbook.add_format({"bold": True, "font_size": 14}),
            "bold": workbook.add_format({"bold": True, "valign": "top"}),
            "head": workbook.add_format(
                {"bold": True, "bg_color": "#EEEEEE", "border": 1, "text_wrap": True}
            ),
            "cell": workbook.add_format(
                {"border": 1, "text_wrap": True, "valign": "top"}
            ),
            "number": workbook.add_format(
                {"border": 1, "valign": "top", "num_format": "#,##0.##"}
            ),
        }
        taken = set()
        for name, sheet in sheets:
            unique = sheet_name(name, taken)
            taken.add(unique)
            _write_sheet(workbook.add_worksheet(unique), sheet, formats)
    return buffer.getvalue()


def _write_sheet(page, sheet, formats):
    page.set_column(0, 0, 16)
    page.set_column(1, 1, 30)
    page.set_column(2, 6, 22)
    page.write_string(0, 0, sheet["title"] or "", formats["title"])
    row = 2
    for label, value in sheet["facts"]:
        page.write_string(row, 0, label, formats["bold"])
        page.write_string(row, 1, str(value or ""))
        row += 1
    if sheet["summary"]:
        page.write_string(row, 1, sheet["summary"])
        row += 1
    for table in sheet["tables"]:
        row = _write_table(page, row + 1, table, formats)
    if sheet["review"]:
        page.write_string(row + 1, 0, sheet["reviewer"], formats["bold"])
        page.write_string(row + 1, 1, sheet["review"])


def _write_table(page, row, table, formats):
    page.write_string(row, 0, table["title"], formats["bold"])
    row += 1
    for column, title in enumerate(table["columns"]):
        page.write_string(row, column, title, formats["head"])
    for cells in table["rows"]:
        row += 1
        for column, value in enumerate(cells):
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                page.write_number(row, column, value, formats["number"])
            else:
                page.write_string(row, column, str(value or ""), formats["cell"])
    return row + 1
