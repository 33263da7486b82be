from odoo import api, models


class StmApprovalPartMixin(models.AbstractModel):
    """A line of a document that is approved: follows the rights of its document."""

    _name = "stm.approval.part.mixin"
    _description = "Part of a Document to Be Approved"

    # Many2one to the document.
    _stm_document_field = None

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        documents = parts[self._stm_document_field]
        self._stm_check_documents(documents)
        documents._stm_approved_values_changed()
        return parts

    def write(self, vals):
        documents = self[self._stm_document_field]
        self._stm_check_documents(documents)
        result = super().write(vals)
        after = self[self._stm_document_field]
        if after != documents:
            self._stm_check_documents(after)
        (documents | after)._stm_approved_values_changed()
        return result

    def unlink(self):
        documents = self[self._stm_document_field].exists()
        self._stm_check_documents(documents)
        result = super().unlink()
        documents.exists()._stm_approved_values_changed()
        return result

    def _stm_check_documents(self, documents):
        """Refuse a change of the documents by the current user.

        What the system writes was checked by the button that made it do so.
        """
        if not self.env.su:
            documents._stm_check_editable({})
            documents._stm_check_period()
