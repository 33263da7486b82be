from odoo import api, models
from odoo.tools import format_date


class StmFormMixin(models.AbstractModel):
    """Records that are printed on forms of the rulebook, several on one sheet.

    The PDF and the workbook are written from the same rows, as ``tools/xlsx.py`` and
    the template of the sheets know them.
    """

    _name = "stm.form.mixin"
    _description = "Records on Forms"

    @api.model
    def _stm_forms(self):
        """Hook: {code: title} of the forms that the records fill."""
        return {}

    def _get_form_sheets(self, form):
        """Hook: the sheets of a form, as plain rows.

        :return: list of dicts as the ``_get_sheet`` of documents gives them
        """
        self.check_access("read")
        return []

    def _stm_register(self, form, records, columns):
        """A sheet with one line a record, counted from 1.

        :param columns: {title: (width in percent, what a record says there)}; the
            first one is the number
        """
        widths = [width for width, _value in columns.values()]
        values = [value for _width, value in columns.values()][1:]
        return {
            "title": self._stm_forms()[form],
            "facts": [
                (self.env._("Company"), ", ".join(records.company_id.mapped("name"))),
                (self.env._("Salesperson"), ", ".join(records.user_id.mapped("name"))),
            ],
            "summary": "",
            "tables": [
                {
                    "title": "",
                    "columns": list(columns),
                    "widths": widths,
                    "rows": [
                        [number, *(value(record) or "" for value in values)]
                        for number, record in enumerate(records, start=1)
                    ],
                }
            ],
            "review_title": "",
            "review": "",
            "reviewer": "",
            "signatures": [
                self.env._("Prepared by, date"),
                self.env._("Superior, date"),
            ],
        }

    @api.model
    def _stm_day_in_words(self, day):
        return format_date(self.env, day) if day else ""
