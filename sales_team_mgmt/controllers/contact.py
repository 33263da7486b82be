from odoo.http import Controller, request, route

from .workbook import readable, xlsx_response


class ContactController(Controller):
    @route("/stm/contact_log.xlsx", type="http", auth="user", readonly=True)
    def contact_log_xlsx(self, ids, form):
        """A form of contacts as a workbook (FRM-05 to FRM-08)."""
        return self._form_response(request.env["stm.contact.log"], ids, form)

    @route("/stm/customer_ledger.xlsx", type="http", auth="user", readonly=True)
    def customer_ledger_xlsx(self, ids):
        """The ledger of visits and contacts as a workbook (FRM-03)."""
        return self._form_response(request.env["stm.customer.ledger"], ids, "ledger")

    def _form_response(self, model, ids, form):
        records = readable(model, ids)
        if not records or form not in model._stm_forms():
            return request.not_found()
        sheets = records._get_form_sheets(form)
        return xlsx_response(
            model._stm_forms()[form], [(sheet["title"], sheet) for sheet in sheets]
        )
