import ast

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class StmApprovalRoute(models.Model):
    """Who has to say yes to which documents, in which order (ORG-21)."""

    _name = "stm.approval.route"
    _description = "Approval Route"
    _inherit = ["stm.version.mixin", "mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(
        default=10, help="The first route in force that fits a document is taken."
    )
    model = fields.Selection(
        selection="_selection_model", string="Document", required=True, tracking=True
    )
    company_id = fields.Many2one("res.company", index=True)
    condition = fields.Char(
        string="Only If",
        default="[]",
        tracking=True,
        help="Documents that the route is for; empty: all of them.",
    )
    previous_id = fields.Many2one(
        "stm.approval.route", string="Replaces", readonly=True, copy=False
    )
    step_ids = fields.One2many(
        "stm.approval.route.step", "route_id", string="Steps", copy=True
    )
    notify_post_ids = fields.Many2many(
        "stm.post",
        string="Then Tell",
        help="Holders of these posts are told the final decision.",
    )

    # ------------------------------------------------------------
    # Compute and constraint methods
    # ------------------------------------------------------------

    @api.model
    def _selection_model(self):
        """Documents that know how to be approved."""
        return sorted(
            (
                (name, self.env["ir.model"]._get(name).name or name)
                for name, model in self.env.registry.items()
                if not model._abstract
                and issubclass(model, self.env.registry["stm.approval.mixin"])
            ),
            key=lambda entry: entry[1],
        )

    @api.constrains("condition", "model")
    def _check_condition(self):
        for route in self:
            try:
                domain = Domain(ast.literal_eval(route.condition or "[]"))
                domain.validate(self.env[route.model].sudo())
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "The condition of “%(route)s” cannot be understood. Choose it"
                        " with the filter editor.",
                        route=route.name,
                    )
                ) from error

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_used_ids(self):
        groups = (
            self.env["stm.approval"]
            .sudo()
            ._read_group([("route_id", "in", self.ids)], ["route_id"])
        )
        return {route.id for (route,) in groups}

    def _stm_check_can_release(self):
        for route in self:
            if not route.step_ids:
                raise UserError(
                    self.env._(
                        "“%(route)s” has no steps. Add at least one step before you"
                        " release it.",
                        route=route.name,
                    )
                )
        return super()._stm_check_can_release()

    @api.model
    def _find(self, documents):
        """{document: route} the first released route that fits; raises if none."""
        routes = self.sudo().search(
            Domain("model", "=", documents._name)
            & self._stm_in_force_domain(fields.Date.context_today(self))
        )
        found = {}
        for document in documents:
            for route in routes:
                if route.company_id and route.company_id != document.company_id:
                    continue
                condition = Domain(ast.literal_eval(route.condition or "[]"))
                if document.sudo().filtered_domain(condition):
                    found[document] = route
                    break
            else:
                raise UserError(
                    self.env._(
                        "No approval route fits “%(document)s”. Ask the department"
                        " manager to release one under Configuration, Approval Routes.",
                        document=document.display_name,
                    )
                )
            if not route.step_ids:
                raise UserError(
                    self.env._(
                        "The approval route “%(route)s” has no steps. Ask the"
                        " department manager to complete it.",
                        route=route.name,
                    )
                )
        return found
