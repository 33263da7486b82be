from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools.fingerprints import fingerprint


class StmGateException(models.Model):
    """Leave to do something with one document although its gate is closed.

    Says which act of which document, what stood in the way when it was asked for, and
    why it should be allowed. Once approved it lifts exactly those reasons, for this
    act of this document, as long as the values that were judged stay what they were.
    """

    _name = "stm.gate.exception"
    _description = "Exception"
    _inherit = ["stm.approval.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    # Belongs to its document and not to a period: nothing closes it.
    _stm_area = None
    _stm_system_fields = frozenset(
        {"name", "date", "codes", "sentences", "gate_fingerprint"}
    )
    _stm_fixed_fields = frozenset({"user_id", "company_id", "reason"})

    name = fields.Char(readonly=True, copy=False)
    user_id = fields.Many2one(string="Asked for by")
    date = fields.Date(
        string="Asked for on",
        required=True,
        readonly=True,
        default=fields.Date.context_today,
        copy=False,
    )
    model = fields.Char(required=True)
    res_id = fields.Many2oneReference(
        string="Document", model_field="model", required=True
    )
    act = fields.Char(required=True)
    codes = fields.Char(
        readonly=True, copy=False, help="Codes of the reasons that are lifted."
    )
    sentences = fields.Text(
        string="What Stands in the Way",
        readonly=True,
        copy=False,
        help="As it was when the exception was submitted.",
    )
    reason = fields.Text(string="Why It Should Be Allowed", required=True)
    valid_until = fields.Date(help="Last day on which it holds; empty: no end.")
    gate_fingerprint = fields.Char(readonly=True, copy=False)
    validity = fields.Selection(
        [("holds", "Holds"), ("expired", "Expired"), ("void", "Void")],
        compute="_compute_validity",
        help="Void: what was judged has changed since.",
    )

    _document_idx = models.Index("(model, res_id, act)")
    _list_idx = models.Index("(date DESC, id DESC)")

    # ------------------------------------------------------------
    # Default and compute methods
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """A new exception shows at once what it would lift."""
        values = super().default_get(fields)
        if "sentences" in fields and {"model", "res_id", "act"} <= values.keys():
            key = {name: values[name] for name in ("model", "res_id", "act")}
            self._check_may_ask(key["model"], [key["res_id"]], key["act"])
            gate = self._collect(**key)
            values.update(
                {name: gate[name] for name in ("name", "sentences") if name in fields}
            )
        return values

    @api.depends("state", "valid_until", "codes", "gate_fingerprint")
    def _compute_validity(self):
        self.validity = False
        approved = self.sudo().filtered(lambda e: e.state == "approved")
        for (model, act), exceptions in approved.grouped(
            lambda e: (e.model, e.act)
        ).items():
            current = {}
            # The addon of the document may be gone.
            if model in self.env:
                documents = self.env[model].sudo().browse(exceptions.mapped("res_id"))
                current = self._fingerprints(documents.exists(), act)
            for exception in exceptions:
                if exception.gate_fingerprint != current.get(exception.res_id):
                    exception.validity = "void"
                elif exception._is_expired():
                    exception.validity = "expired"
                else:
                    exception.validity = "holds"

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """The system writes down what stands in the way, whatever a caller says."""
        gates = []
        names = ("model", "res_id", "act")
        defaults = self.default_get(names)
        for vals in vals_list:
            key = {name: vals.get(name, defaults.get(name)) for name in names}
            if not self.env.su:
                self.browse()._stm_check_system_fields(vals)
                self._check_may_ask(key["model"], [key["res_id"]], key["act"])
            gates.append(self._collect(**key))
        exceptions = super().create(
            [
                {**vals, "company_id": gate.pop("company_id")}
                for vals, gate in zip(vals_list, gates, strict=True)
            ]
        )
        for exception, gate in zip(exceptions, gates, strict=True):
            exception.sudo().write(gate)
        return exceptions

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_open_document(self):
        """Open the document that the exception is for."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    # ------------------------------------------------------------
    # Business methods: asking
    # ------------------------------------------------------------

    @api.model
    def _gated_model(self, model):
        """The model of a document with gates; refuses any other."""
        known = isinstance(model, str) and self.env.registry.get(model)
        gates = self.env.registry["stm.gate.mixin"]
        if not known or known._abstract or not issubclass(known, gates):
            raise UserError(
                self.env._(
                    "An exception belongs to a document. Ask for it with the button"
                    " “Ask for an Exception” of the document."
                )
            )
        return self.env[model]

    @api.model
    def _check_may_ask(self, model, res_ids, act):
        """Refuse to ask for what the user can neither read nor do.

        :param str model: model of the documents
        :param list res_ids: their ids
        :param str act: what would be done with them
        """
        Document = self._gated_model(model)
        if not all(type(id_) is int and id_ > 0 for id_ in res_ids):
            raise UserError(self.env._("There is no such document."))
        documents = Document.browse(res_ids)
        documents.check_access("read")
        if documents.exists() - documents._stm_gate_may_ask(act):
            raise AccessError(
                self.env._(
                    "Only whoever may do it otherwise can ask for an exception to"
                    " “%(act)s” for “%(document)s”.",
                    act=Document._stm_gate_acts().get(act, act),
                    document=documents[:1].display_name,
                )
            )

    @api.model
    def _collect(self, model=None, res_id=None, act=None):
        """Values that the system writes: what stands in the way of the act now.

        :raises UserError: when there is nothing that an exception could lift
        """
        document = self._gated_model(model).browse(res_id).exists()
        acts = document._stm_gate_acts()
        if not document or act not in acts:
            raise UserError(self.env._("There is no such document."))
        reasons = document._stm_gate_reasons(act).get(document, [])
        liftable = [reason for reason in reasons if reason.liftable]
        name = document.sudo().display_name
        if not liftable:
            raise UserError(
                "\n".join(
                    [
                        self.env._(
                            "Nothing that an exception could lift stands in the way of"
                            " “%(act)s” for “%(document)s”.",
                            act=acts[act],
                            document=name,
                        ),
                        *(f"• {reason.sentence}" for reason in reasons),
                    ]
                )
            )
        company = "company_id" in document._fields and document.sudo().company_id
        return {
            "name": f"{acts[act]}: {name}",
            "codes": ",".join(sorted({reason.code for reason in liftable})),
            "sentences": "\n".join(f"• {reason.sentence}" for reason in liftable),
            "gate_fingerprint": self._fingerprints(document, act)[document.id],
            "company_id": (company or self.env.company).id,
        }

    # ------------------------------------------------------------
    # Business methods: approval
    # ------------------------------------------------------------

    def _stm_check_editable(self, vals):
        """An exception stays with the act and the document it was asked for."""
        super()._stm_check_editable(vals)
        if self.env.su:
            return
        for name in {"model", "res_id", "act", "company_id"} & vals.keys():
            field = self._fields[name]
            for exception in self:
                if field.convert_to_write(exception[name], exception) != vals[name]:
                    raise UserError(
                        self.env._(
                            "An exception stays with its document. Ask for another one"
                            " there."
                        )
                    )

    def _stm_check_can_submit(self):
        for exception in self:
            if not (exception.reason or "").strip():
                raise UserError(self.env._("Write why it should be allowed."))
        return super()._stm_check_can_submit()

    def _stm_before_submit(self):
        """Whoever decides sees what stands in the way on the day of asking."""
        for exception in self:
            key = exception.model, exception.res_id, exception.act
            if not self.env.su:
                self._check_may_ask(key[0], [key[1]], key[2])
            gate = self._collect(*key)
            gate.pop("company_id")
            exception.sudo().write(gate)
        return super()._stm_before_submit()

    def _stm_approved_fields(self):
        return {"model", "res_id", "act", "reason", "valid_until"}

    def _stm_approved_values(self):
        """What was asked for, and what the document looks like now."""
        document = self.env[self.model].browse(self.res_id).exists()
        return {
            "model": self.model,
            "res_id": self.res_id,
            "act": self.act,
            "codes": self.codes,
            "reason": self.reason,
            "valid_until": self.valid_until or None,
            "judged": self.gate_fingerprint,
            "current": self._fingerprints(document, self.act).get(self.res_id),
        }

    def _stm_after_approved(self):
        self.invalidate_recordset(["validity"])
        for exception in self.sudo():
            document = self.env[exception.model].sudo().browse(exception.res_id)
            if exception.validity == "void":
                raise UserError(exception.approval_id._changed_message())
            if "message_ids" in document._fields:
                document.message_post(
                    body=self.env._(
                        "Exception approved (%(name)s): %(reason)s",
                        name=exception.name,
                        reason=exception.reason,
                    ),
                    author_id=self.env.user.partner_id.id,
                )
        return super()._stm_after_approved()

    # ------------------------------------------------------------
    # Business methods: lifting
    # ------------------------------------------------------------

    @api.model
    def _fingerprints(self, documents, act):
        """{id: fingerprint} of the values that an exception is bound to."""
        if not documents:
            return {}
        # The caller's language or company must not make them different values.
        judge = self.env(su=True, context={})
        values = documents.with_env(judge)._stm_gate_values(act)
        return {document.id: fingerprint(plain) for document, plain in values.items()}

    def _is_expired(self):
        """Whether the last day is over in the company (not: for the caller)."""
        calendar = self.company_id.resource_calendar_id
        local = self.with_context(tz=calendar.tz or "UTC")
        return bool(self.valid_until) and (
            self.valid_until < fields.Date.context_today(local)
        )

    @api.model
    def _lifted_codes(self, documents, act):
        """{id: codes} of the reasons that approved exceptions lift right now."""
        if not documents:
            return {}
        exceptions = self.sudo().search(
            Domain("model", "=", documents._name)
            & Domain("res_id", "in", documents.ids)
            & Domain("act", "=", act)
            & Domain("state", "=", "approved")
        )
        exceptions = exceptions.filtered(lambda e: not e._is_expired())
        current = self._fingerprints(
            documents.browse(set(exceptions.mapped("res_id"))), act
        )
        lifted = defaultdict(set)
        for exception in exceptions:
            if exception.gate_fingerprint == current[exception.res_id]:
                lifted[exception.res_id].update((exception.codes or "").split(","))
        return lifted
