from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError


class Reason(NamedTuple):
    """Why an act on a document is refused."""

    # Names the reason for exceptions and tests: no comma, never translated.
    code: str
    # Says in the reader's language what is wrong and what to do about it.
    sentence: str
    # Whether an approved exception lets the act through all the same.
    liftable: bool = False


class StmGateMixin(models.AbstractModel):
    """A document with acts that checks can stop.

    The model names its acts (``_stm_gate_acts``), the checks of each act
    (``_stm_gate_checks``) and, where an exception can lift a reason, the values that
    were looked at when it was approved (``_stm_gate_values``). Whatever performs an
    act calls ``_stm_pass_gate`` first, on every way to it (SEC-02).

    Gates have no rights of their own: the method that performs the act checks those.
    They are judged as superuser and without the caller's context, so that neither
    what somebody cannot see nor a key in the context opens them. A check reads
    company-dependent values ``with_company`` of the document.
    """

    _name = "stm.gate.mixin"
    _description = "Document with Gates"

    stm_can_ask_exception = fields.Boolean(
        string="An Exception Is Possible", compute="_compute_stm_can_ask_exception"
    )

    # ------------------------------------------------------------
    # Compute methods
    # ------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_stm_can_ask_exception(self):
        """Whether something stands in the way that an approval could lift."""
        saved = self._origin
        asking = saved.browse()
        for act in saved._stm_gate_acts():
            reasons = (saved - asking)._stm_gate_reasons(act)
            waiting = saved.browse(
                document.id
                for document, found in reasons.items()
                if any(reason.liftable for reason in found)
            )
            asking |= waiting and waiting._stm_gate_may_ask(act)
        for document in self:
            document.stm_can_ask_exception = document._origin in asking

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_ask_exception(self, act=None):
        """Open a new exception, or the one that the user is asking for already.

        :param str act: the act that is refused; by default the first one that an
            exception could let through
        """
        self.ensure_one()
        Exemption = self.env["stm.gate.exception"]
        act = act or self._stm_first_liftable_act()
        Exemption._check_may_ask(self._name, self.ids, act)
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for an Exception"),
            "res_model": Exemption._name,
            "view_mode": "form",
        }
        mine = Exemption.search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("act", "=", act),
                ("user_id", "=", self.env.uid),
                ("state", "!=", "approved"),
            ],
            limit=1,
        )
        if mine:
            return {**action, "res_id": mine.id}
        context = {"model": self._name, "res_id": self.id, "act": act}
        # Says at once what to do when there is nothing to ask for.
        Exemption._collect(**context)
        return {
            **action,
            "context": {f"default_{name}": value for name, value in context.items()},
        }

    def _stm_first_liftable_act(self):
        for act in self._stm_gate_acts():
            reasons = self._stm_gate_reasons(act)
            if any(reason.liftable for reason in reasons.get(self, ())):
                return act
        raise UserError(
            self.env._(
                "Nothing that an exception could lift stands in the way of"
                " “%(document)s”.",
                document=self.display_name,
            )
        )

    # ------------------------------------------------------------
    # Business methods: hooks of the document
    # ------------------------------------------------------------

    @api.model
    def _stm_gate_acts(self):
        """Hook: {act: what it is called} of the acts that have a gate."""
        return {}

    @api.model
    def _stm_gate_checks(self, act):
        """Hook: names of the methods that check an act.

        Each one is called on all documents at once, reads what it needs in one query
        and returns {document: [Reason]}; what it has nothing against is missing.
        """
        return []

    def _stm_gate_values(self, act):
        """Hook: {document: plain values} that an exception is bound to.

        Any change of them makes the exception void, so it holds everything that the
        liftable reasons of the act were judged by.
        """
        raise NotImplementedError(
            f"{self._name} does not say which values an exception to {act} is bound to"
        )

    def _stm_gate_may_ask(self, act):
        """Hook: those documents for which the user may ask for an exception.

        It is whoever could perform the act if nothing stood in the way.
        """
        return self._filtered_access("write")

    # ------------------------------------------------------------
    # Business methods: judging
    # ------------------------------------------------------------

    def _stm_gate_reasons(self, act):
        """{document: [Reason]} that stand in the way; free ones are missing.

        What an approved exception lifts is taken off already.
        """
        judge = self.env(su=True, context={"lang": self.env.lang})
        documents = self.with_env(judge)
        found = {}
        for name in documents._stm_gate_checks(act) if documents else ():
            for document, reasons in getattr(documents, name)().items():
                found.setdefault(document.id, []).extend(reasons)
        blocked = documents.browse(
            id_
            for id_, reasons in found.items()
            if any(reason.liftable for reason in reasons)
        )
        lifted = documents.env["stm.gate.exception"]._lifted_codes(blocked, act)
        result = {}
        for document in self:
            codes = lifted.get(document.id, ())
            left = [
                reason
                for reason in found.get(document.id, ())
                if not (reason.liftable and reason.code in codes)
            ]
            if left:
                result[document] = left
        return result

    def _stm_pass_gate(self, act):
        """Refuse the act if anything stands in its way, for whichever document.

        :raises UserError: lists every reason of every document, and what to do next
        """
        refused = self._stm_gate_reasons(act)
        if not refused:
            return
        parts = []
        for document, reasons in refused.items():
            lines = [f"{document.sudo().display_name}:"]
            for reason in reasons:
                text = reason.sentence
                if reason.liftable:
                    text = self.env._("%s (an exception is possible)", text)
                lines.append(f"• {text}")
            parts.append("\n".join(lines))
        message = self.env._(
            "“%(act)s” is not possible yet:\n\n%(reasons)s\n\nSettle what is listed,"
            " then try again.",
            act=self._stm_gate_acts().get(act, act),
            reasons="\n\n".join(parts),
        )
        if any(reason.liftable for reasons in refused.values() for reason in reasons):
            message += " " + self.env._(
                "Where an exception is possible, ask for it with the button “Ask for an"
                " Exception” of the document."
            )
        raise UserError(message)
