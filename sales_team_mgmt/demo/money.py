"""Orders, invoices and payments of the demo people."""

from datetime import timedelta

from odoo.fields import Command, Domain

# Products of Odoo's demo that are invoiced as ordered, with usual quantities.
PRODUCTS = {
    "product.product_product_24": (1, 4),
    "product.consu_delivery_01": (1, 2),
    "product.product_order_01": (1, 3),
    "product.product_product_16": (4, 40),
    "product.monitor_stand": (10, 60),
    "product.desk_organizer": (10, 50),
}
# Orders a week, from and to; area managers sell to key customers now and then.
ORDERS_A_WEEK = {
    "sales": (1, 3),
    "sales2": (1, 2),
    "sales3": (0, 1),
    "sales4": (1, 2),
    "area": (0, 1),
    "area2": (0, 1),
}


class Money:
    """Sells for the people of a ``History`` through Odoo's own buttons."""

    def __init__(self, history):
        self.history = history
        self.env = history.env
        self.rng = history.rng

    def load(self):
        """Orders of three months; money only where Accounting is set up."""
        self._give_orders_to_salespeople()
        orders = self._sell()
        if self._journal("sale") and self._journal("bank"):
            self._collect(self._invoice(orders))

    def _journal(self, kind):
        return self.env["account.journal"].search(
            Domain("company_id", "=", self.history.company.id)
            & Domain("type", "=", kind),
            limit=1,
        )

    def _give_orders_to_salespeople(self):
        """Odoo's demo orders go to whoever looks after the customer."""
        people = self.history.users_by_login
        for login in ORDERS_A_WEEK:
            user = people[login]
            orders = self.env["sale.order"].search(
                Domain("partner_id.commercial_partner_id.user_id", "=", user.id)
                & Domain("company_id", "=", self.history.company.id)
                & Domain("user_id", "!=", user.id)
            )
            orders.write({"user_id": user.id, "team_id": self.history.teams[user].id})

    def _sell(self):
        """Confirmed orders on their days, and quotations of the last two weeks."""
        values, days = [], []
        for login, (least, most) in ORDERS_A_WEEK.items():
            user = self.history.users_by_login[login]
            for monday in self.history.weeks:
                for _order in range(self.rng.randint(least, most)):
                    day = monday + timedelta(days=self.rng.randrange(5))
                    if day < self.history.today:
                        values.append(self._prepare_order(user, day))
                        days.append(day)
        orders = self.env["sale.order"].create(values)
        recent = self.history.today - timedelta(days=14)
        offers = orders.browse(
            order.id
            for number, (order, day) in enumerate(zip(orders, days, strict=True))
            if day >= recent and number % 3 == 0
        )
        offers.write({"state": "sent"})
        confirmed = orders - offers
        moments = {order: order.date_order for order in confirmed}
        confirmed.action_confirm()
        for order, moment in moments.items():
            order.date_order = moment
        return confirmed

    def _prepare_order(self, user, day):
        products = self._products()
        chosen = self.rng.sample(sorted(products), self.rng.choice((1, 2, 2, 3)))
        return {
            "partner_id": self.rng.choice(self.history.customers[user]).id,
            "user_id": user.id,
            "team_id": self.history.teams[user].id,
            "company_id": self.history.company.id,
            "date_order": self.history.moment(user, day, self.rng.uniform(9, 17)),
            "order_line": [
                Command.create(
                    {
                        "product_id": products[xmlid].id,
                        "product_uom_qty": self.rng.randint(*PRODUCTS[xmlid]),
                    }
                )
                for xmlid in chosen
            ],
        }

    def _products(self):
        found = {xmlid: self.env.ref(xmlid, False) for xmlid in PRODUCTS}
        return {
            xmlid: product.product_variant_id
            for xmlid, product in found.items()
            if product
        }

    def _invoice(self, orders):
        """Post invoices for most orders, some days after the order."""
        today = self.history.today
        dates = {}
        for order in orders.sorted("date_order"):
            day = order.date_order.date() + timedelta(days=self.rng.randint(1, 6))
            if day < today and self.rng.random() < 0.85:
                dates[order] = day
        chosen = orders.browse(order.id for order in dates)
        chosen = chosen.filtered(lambda order: order.invoice_status == "to invoice")
        invoices = chosen._create_invoices(grouped=True)
        for invoice in invoices:
            order = invoice.line_ids.sale_line_ids.order_id
            invoice.invoice_date = dates[order]
        invoices.sorted("invoice_date").action_post()
        return invoices

    def _collect(self, invoices):
        """Bank statement lines for most invoices, reconciled with them."""
        journal, today = self._journal("bank"), self.history.today
        paid = {}
        for invoice in invoices.sorted("invoice_date"):
            day = invoice.invoice_date + timedelta(days=self.rng.randint(3, 20))
            if day < today and self.rng.random() < 0.8:
                paid[invoice] = day
        lines = self.env["account.bank.statement.line"].create(
            [
                {
                    "journal_id": journal.id,
                    "date": day,
                    "payment_ref": invoice.name,
                    "partner_id": invoice.commercial_partner_id.id,
                    "amount": self._amount(invoice),
                    "counterpart_account_id": self._receivable(invoice).account_id.id,
                }
                for invoice, day in paid.items()
            ]
        )
        for invoice, line in zip(paid, lines, strict=True):
            owed = self._receivable(invoice)
            came_in = line.move_id.line_ids.filtered(
                lambda item, account=owed.account_id: item.account_id == account
            )
            (owed + came_in).reconcile()

    def _amount(self, invoice):
        """Now and then a customer pays the first half only."""
        share = 0.5 if self.rng.random() < 0.1 else 1
        return invoice.currency_id.round(invoice.amount_total * share)

    def _receivable(self, invoice):
        return invoice.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )[:1]
