from odoo import api, models

# {code: (name, prefix)} of the numbers that each company counts by itself.
SEQUENCES = {
    "stm.contact.log": ("Customer Contacts", "CC/%(range_year)s/"),
}


class ResCompany(models.Model):
    """Each company numbers its own contacts."""

    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._stm_create_sequences()
        return companies

    @api.model
    def _stm_create_missing_sequences(self):
        """Give the numbers to companies that were there before."""
        # Each company, whatever it is.
        self.search([])._stm_create_sequences()  # pylint: disable=no-search-all

    def _stm_create_sequences(self):
        Sequence = self.env["ir.sequence"].sudo()
        known = Sequence._read_group(
            [("code", "in", list(SEQUENCES)), ("company_id", "in", self.ids)],
            ["code", "company_id"],
        )
        known = {(code, company.id) for code, company in known}
        Sequence.create(
            [
                {
                    "name": name,
                    "code": code,
                    "prefix": prefix,
                    "padding": 5,
                    "use_date_range": True,
                    "company_id": company.id,
                }
                for company in self
                for code, (name, prefix) in SEQUENCES.items()
                if (code, company.id) not in known
            ]
        )
