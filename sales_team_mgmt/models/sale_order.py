from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .stm_visit import OPEN_STATES


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "stm.scope.mixin"]

    stm_visit_count = fields.Integer(
        string="Visits", related="partner_id.stm_visit_count", compute_sudo=False
    )

    stm_visit_id = fields.Many2one(
        "stm.visit",
        string="Taken at Visit",
        copy=False,
        index="btree_not_null",
        check_company=True,
        domain="[('user_id', '=', uid), ('state', 'in', ('planned', 'started'))]",
        help="The visit at which the customer ordered.",
    )

    # ------------------------------------------------------------
    # Constraint methods
    # ------------------------------------------------------------

    @api.constrains("stm_visit_id", "partner_id")
    def _check_stm_visit(self):
        for order in self.sudo().filtered("stm_visit_id"):
            visited = order.stm_visit_id.commercial_partner_id
            if order.partner_id.commercial_partner_id != visited:
                raise ValidationError(
                    self.env._(
                        "The order was taken at a visit to %s and stays with that"
                        " customer.",
                        visited.display_name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._stm_check_visit_link()
        for visit in orders.sudo().stm_visit_id:
            visit._stm_check_order_day(fields.Datetime.now())
        return orders

    def write(self, vals):
        """The link to a visit is set and taken away as long as the visit is open."""
        linked = "stm_visit_id" in vals
        changed = linked and self.filtered(
            lambda order: order.sudo().stm_visit_id.id != vals["stm_visit_id"]
        )
        if changed:
            changed._stm_check_visit_link()
        result = super().write(vals)
        if changed:
            changed._stm_check_visit_link()
            changed._stm_check_visit_day()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_visit(self):
        visits = self.sudo().stm_visit_id
        if not self.env.su and any(v.state not in OPEN_STATES for v in visits):
            raise UserError(
                self.env._(
                    "An order that was taken at a finished visit is cancelled, not"
                    " deleted."
                )
            )

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_stm_visits(self):
        """Open the visits to the customer of the order."""
        self.ensure_one()
        return self.partner_id.action_stm_visits()

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_check_visit_link(self):
        """Orders belong to open visits of whoever links them."""
        if self.env.su:
            return
        for visit in self.sudo().stm_visit_id:
            if visit.user_id != self.env.user or visit.state not in OPEN_STATES:
                raise AccessError(
                    self.env._(
                        "Orders are linked to a visit by whoever makes it, and only"
                        " until it is finished."
                    )
                )

    def _stm_check_visit_day(self):
        """An old order did not come from a visit; one confirmed there has."""
        for order in self.sudo().filtered("stm_visit_id"):
            moment = order.create_date
            if order.state == "sale":
                moment = max(moment, order.date_order)
            order.stm_visit_id._stm_check_order_day(moment)

    @api.model
    def _stm_scope_domain(self):
        return self.env["stm.access"]._stm_sales_domain("user_id")
