from odoo import api, fields, models

from .stm_gate_mixin import Reason


class SaleOrder(models.Model):
    """Orders of customers outside the regions of their salesperson (ORG-04)."""

    _name = "sale.order"
    _inherit = ["sale.order", "stm.gate.mixin"]

    stm_region_warning = fields.Char(
        string="Outside the Region", compute="_compute_stm_region_warning"
    )

    @api.depends("partner_id.stm_region_id", "user_id", "company_id", "state")
    def _compute_stm_region_warning(self):
        open_ones = self.filtered(lambda order: order.state in ("draft", "sent"))
        outside = open_ones.sudo()._stm_out_of_region()
        rules = dict(
            self.env["res.company"]
            ._fields["stm_region_rule"]
            ._description_selection(self.env)
        )
        for order in self:
            region = outside.get(order.sudo())
            order.stm_region_warning = region and self.env._(
                "%(customer)s lies in %(region)s, which is not a region of %(person)s"
                " today. %(rule)s.",
                customer=order.partner_id.display_name,
                region=region.display_name,
                person=order.user_id.name,
                rule=rules[order.company_id.sudo().stm_region_rule],
            )

    # ------------------------------------------------------------
    # CRUD methods: whatever confirms an order writes its state
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.filtered(lambda order: order.state == "sale")._stm_judge_region()
        return orders

    def write(self, vals):
        if vals.get("state") != "sale":
            return super().write(vals)
        confirmed = self.filtered(lambda order: order.state != "sale")
        result = super().write(vals)
        # Judged by what the order is now: its person may come with the same call.
        confirmed._stm_judge_region()
        return result

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_judge_region(self):
        """Refuse orders outside the region, or note them, as the company says."""
        judged = self.filtered(lambda o: o.company_id.sudo().stm_region_rule != "none")
        if not judged:
            return
        judged._stm_pass_gate("confirm")
        self.env["stm.visit.exception"]._raise(judged.sudo()._prepare_exceptions())

    def _stm_out_of_region(self):
        """{order: region of its customer} where its person may not sell today."""
        places = {}
        for order in self.filtered(lambda o: o.company_id.stm_region_rule != "none"):
            person, region = order.user_id, order.partner_id._stm_region()
            if region and person and order.company_id:
                today = person._stm_today()
                places[order] = (person.id, order.company_id.id, today, region.id)
        return self.env["stm.region.assignment"]._stm_outside(places)

    def _stm_region_sentence(self, region):
        self.ensure_one()
        return self.env._(
            "%(customer)s lies in %(region)s, which is not a region of %(person)s.",
            customer=self.partner_id.display_name,
            region=region.display_name,
            person=self.user_id.name,
        )

    def _prepare_exceptions(self):
        """Values for the list of the leader."""
        return [
            {
                "kind": "out_of_region",
                "key": f"out_of_region-order-{order.id}",
                "user_id": order.user_id.id,
                "company_id": order.company_id.id,
                "date": order.user_id._stm_today(),
                "order_id": order.id,
                "note": f"{order.name}: {order._stm_region_sentence(region)}",
            }
            for order, region in self._stm_out_of_region().items()
        ]

    # ------------------------------------------------------------
    # Business methods: gate
    # ------------------------------------------------------------

    @api.model
    def _stm_gate_acts(self):
        return super()._stm_gate_acts() | {"confirm": self.env._("Confirm")}

    @api.model
    def _stm_gate_checks(self, act):
        checks = super()._stm_gate_checks(act)
        return [*checks, "_check_region"] if act == "confirm" else checks

    def _stm_gate_values(self, act):
        """Customer, region and person; what is sold may still change."""
        return {
            order: {
                "user": order.user_id.id,
                "partner": order.partner_id.id,
                "region": order.partner_id._stm_region().id,
            }
            for order in self
        }

    def _stm_gate_may_ask(self, act):
        return (
            super()
            ._stm_gate_may_ask(act)
            .filtered(lambda order: order.state in ("draft", "sent"))
        )

    def _check_region(self):
        strict = self.filtered(lambda o: o.company_id.stm_region_rule == "refuse")
        return {
            order: [
                Reason(
                    "out_of_region", order._stm_region_sentence(region), liftable=True
                )
            ]
            for order, region in strict._stm_out_of_region().items()
        }
