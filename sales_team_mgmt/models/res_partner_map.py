from contextlib import contextmanager

from dateutil.relativedelta import relativedelta
from psycopg2 import DataError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import clusters
from ..tools.geo import is_position

POSITION_FIELDS = ("partner_latitude", "partner_longitude")

# Rows of the list beside the map that come at once.
PAGE = 40
# Of a name so much is shown beside a point; all of it when the point is opened.
NAME_LENGTH = 32


class ResPartner(models.Model):
    """Customers on the map, and who may say where they are (VIS-25)."""

    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    stm_is_unseen = fields.Boolean(
        string="Not Visited for Long",
        compute="_compute_stm_is_unseen",
        search="_search_stm_is_unseen",
        help="No finished visit within the months that the settings say (VIS-26).",
    )
    stm_is_overdue = fields.Boolean(
        string="Overdue by the Visit Policy",
        compute="_compute_stm_is_overdue",
        search="_search_stm_is_overdue",
        help="Without a visit for more days than the visit policy of today allows"
        " (VIS-16).",
    )
    stm_has_position = fields.Boolean(
        string="Position Known", compute="_compute_stm_has_position"
    )
    stm_can_set_position = fields.Boolean(compute="_compute_stm_can_set_position")

    # Customers of a view are read from it; 0, 0 is how Odoo says “unknown”.
    _stm_position_idx = models.Index(
        "(partner_latitude, partner_longitude)"
        " WHERE partner_latitude <> 0 OR partner_longitude <> 0"
    )

    # ------------------------------------------------------------
    # Compute and search methods
    # ------------------------------------------------------------

    @api.depends(*POSITION_FIELDS)
    def _compute_stm_has_position(self):
        for partner in self:
            partner.stm_has_position = is_position(
                partner.partner_latitude, partner.partner_longitude
            )

    def _compute_stm_is_unseen(self):
        domain = Domain("id", "in", self.ids) & Domain("stm_is_unseen", "=", True)
        unseen = self.with_context(active_test=False).search(domain)
        for partner in self:
            partner.stm_is_unseen = partner._origin in unseen

    @api.model
    def _search_stm_is_unseen(self, operator, value):
        """Like the date of the last visit: as far as the reader sees the visits."""
        if operator != "in":
            return NotImplemented
        months = self.env.company.stm_unseen_months
        since = fields.Date.context_today(self) - relativedelta(months=months)
        model = self.env["stm.visit"]
        visits = model._search(
            [("state", "=", "done"), ("is_counted", "=", True), ("date", ">=", since)]
        )
        # As a field, not as a column: what is not written yet is written first.
        seen = model._field_to_sql(visits.table, "commercial_partner_id", visits)
        return Domain("commercial_partner_id", "not in", visits.select(seen))

    def _compute_stm_is_overdue(self):
        domain = Domain("id", "in", self.ids) & Domain("stm_is_overdue", "=", True)
        overdue = self.with_context(active_test=False).search(domain)
        for partner in self:
            partner.stm_is_overdue = partner._origin in overdue

    @api.model
    def _search_stm_is_overdue(self, operator, value):
        """As the list of coverage says, as far as the reader sees it; an address is
        overdue with its customer."""
        if operator != "in":
            return NotImplemented
        coverage = self.env["stm.coverage"]
        if not coverage.has_access("read"):
            return Domain.FALSE
        # A row has the id of its customer.
        overdue = coverage._search([("days_overdue", ">", 0)])
        return Domain("id", "in", overdue) | (
            Domain("stm_class_id", "=", False)
            & Domain("commercial_partner_id", "in", overdue)
        )

    @api.depends("user_id", "commercial_partner_id.user_id")
    @api.depends_context("uid")
    def _compute_stm_can_set_position(self):
        refused = self._stm_position_of_others()
        for partner in self:
            partner.stm_can_set_position = partner not in refused

    # ------------------------------------------------------------
    # Constraint and CRUD methods
    # ------------------------------------------------------------

    @api.constrains(*POSITION_FIELDS)
    def _check_stm_position(self):
        for partner in self:
            place = (partner.partner_latitude, partner.partner_longitude)
            if any(place) and not is_position(*place):
                raise ValidationError(
                    self.env._(
                        "%(latitude)s, %(longitude)s is no place on earth. A latitude"
                        " lies between -90 and 90 degrees, a longitude between -180"
                        " and 180.",
                        latitude=place[0],
                        longitude=place[1],
                    )
                )

    def write(self, vals):
        """A verdict on a check-in is worth as much as the place it is measured from:
        not everybody may move it, and who did is in the chatter."""
        if not vals.keys() & set(POSITION_FIELDS):
            return super().write(vals)
        before = {partner: partner._stm_position_text() for partner in self.sudo()}
        # Forgetting a place proves nothing, and follows from a change of address; half
        # of a place is another one.
        if any(vals.get(name, True) for name in POSITION_FIELDS):
            self._stm_check_position_rights()
        result = super().write(vals)
        moved = {
            partner.id: self.env._("Position: %(old)s → %(new)s", old=old, new=new)
            for partner, old in before.items()
            if (new := partner._stm_position_text()) != old
        }
        self.sudo().browse(moved)._message_log_batch(moved)
        return result

    # ------------------------------------------------------------
    # Action methods
    # ------------------------------------------------------------

    def action_stm_pick_position(self):
        """Open the map to say where the customer is."""
        self.ensure_one()
        self._stm_check_position_rights()
        action = self.env["ir.actions.client"]._for_xml_id(
            "sales_team_mgmt.stm_map_action_pick"
        )
        return {**action, "context": {"active_id": self.id}}

    def stm_set_position(self, latitude, longitude):
        """Store where the customer is; salespeople may for their own customers.

        They need no right to change anything else of a customer.
        """
        self.ensure_one()
        self.check_access("read")
        self._stm_check_position_rights()
        if not is_position(latitude, longitude):
            raise UserError(
                self.env._(
                    "This is no place on earth. Choose one on the map, or type a"
                    " latitude between -90 and 90 and a longitude between -180 and"
                    " 180, not both zero."
                )
            )
        self.sudo().write(
            {"partner_latitude": latitude, "partner_longitude": longitude}
        )
        return self.stm_map_details()

    # ------------------------------------------------------------
    # The map asks
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def stm_map_start(self, filters):
        """What a map needs before its first view: where the customers are, how many
        cannot be shown, what the classes look like, and where tiles come from."""
        with self._stm_map_understands():
            return self._stm_map_start(filters)

    @api.model
    def _stm_map_start(self, filters):
        query = self._stm_map_query(filters)
        latitude, longitude = self._stm_map_columns(query)
        query.add_where(self._stm_map_known())
        box = SQL(
            "MIN(%(latitude)s), MIN(%(longitude)s), MAX(%(latitude)s),"
            " MAX(%(longitude)s)",
            latitude=latitude,
            longitude=longitude,
        )
        [(*edges, count)] = self.env.execute_query(
            query.select(box, SQL("COUNT(*)"))
        ) or [(None, None, None, None, 0)]
        missing = self._stm_map_domain(filters) & self._stm_map_missing_domain()
        classes = self.env["stm.customer.class"].search_fetch([], ["name", "color"])
        tiles, attribution = self.env["res.config.settings"]._stm_map_tiles()
        return {
            "count": count,
            "bounds": dict(zip(("south", "west", "north", "east"), edges, strict=True))
            if count
            else None,
            "missing": {
                "count": self.search_count(missing),
                "domain": list(missing),
            },
            "classes": [
                {"id": each.id, "name": each.name, "color": each.color}
                for each in classes
            ],
            "tiles": tiles,
            "attribution": attribution,
        }

    @api.model
    @api.readonly
    def stm_map_customers(self, bounds, zoom, filters):
        """The customers of one view, those close to each other as one point.

        PostgreSQL counts them in the cells of a grid, so the answer holds as many
        points as fit on a screen, of however many customers.
        """
        bounds, zoom = self._stm_map_view(bounds, zoom)
        with self._stm_map_understands():
            return self._stm_map_customers(bounds, zoom, filters)

    @api.model
    def _stm_map_customers(self, bounds, zoom, filters):
        query = self._stm_map_query(filters)
        query.add_where(self._stm_map_known())
        query.add_where(self._stm_map_within(query, bounds))
        latitude, longitude = self._stm_map_columns(query)
        places = query.select(
            SQL("%s AS latitude", latitude),
            SQL("%s AS longitude", longitude),
            SQL("%s AS class_id", SQL.identifier(query.table, "stm_class_id")),
            SQL.identifier(query.table, "id"),
        )
        # The offset keeps PostgreSQL from merging the two: it would make a float of the
        # same numeric once for each aggregate, which takes most of the time.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT FLOOR((longitude + 180) / 360 * %(cells)s)::int,
                       FLOOR((0.5 - ASINH(TAND(
                           LEAST(%(edge)s, GREATEST(-%(edge)s, latitude))
                       )) / (2 * PI())) * %(cells)s)::int,
                       class_id, COUNT(*), AVG(latitude), AVG(longitude),
                       MIN(latitude), MIN(longitude),
                       MAX(latitude), MAX(longitude), MIN(id)
                  FROM (%(places)s OFFSET 0) AS place
                 GROUP BY 1, 2, 3
                """,
                cells=clusters.cells_around_the_world(bounds, zoom),
                edge=SQL("%s::float8", clusters.MAX_LATITUDE),
                places=places,
            )
        )
        found = clusters.merge(rows)
        singles = [cluster.first_id for cluster in found if cluster.count == 1]
        # The query above has asked the rules already.
        names = {
            partner.id: partner.complete_name or ""
            for partner in self.sudo().browse(singles)
        }
        return {
            "count": sum(cluster.count for cluster in found),
            "points": [self._stm_map_point(cluster, names) for cluster in found],
        }

    @api.model
    @api.readonly
    def stm_map_list(self, bounds, filters, offset=0):
        """A page of the customers of a view, by name, as the list beside the map."""
        bounds, _zoom = self._stm_map_view(bounds, 0)
        if isinstance(offset, bool) or not isinstance(offset, int) or offset < 0:
            raise UserError(self.env._("The list starts at a row from 0 on."))
        domain = self._stm_map_domain(filters)
        domain &= Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "(%s) AND (%s)",
                model._stm_map_known(),
                model._stm_map_within(query, bounds),
            )
        )
        with self._stm_map_understands():
            partners = self.search(
                domain, order="complete_name, id", offset=offset, limit=PAGE + 1
            )
        return {
            "rows": partners[:PAGE].stm_map_details(),
            "more": len(partners) > PAGE,
        }

    @api.readonly
    def stm_map_details(self):
        """What the map shows of customers that were opened."""
        self.check_access("read")
        return [
            {
                "id": partner.id,
                "name": partner.complete_name or "",
                "address": partner._stm_address(),
                "phone": partner.phone or "",
                "class_id": partner.stm_class_id.id,
                "class": partner.stm_class_id.sudo().name or "",
                "salesperson": partner.user_id.sudo().name or "",
                "last_visit": fields.Date.to_string(partner.stm_last_visit_date)
                or False,
                "latitude": partner.partner_latitude
                if partner.stm_has_position
                else None,
                "longitude": partner.partner_longitude
                if partner.stm_has_position
                else None,
                "can_set_position": partner.stm_can_set_position,
            }
            for partner in self
        ]

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    def _stm_address(self):
        """Where to go, in one line, without what everybody in the country knows."""
        city = " ".join(filter(None, [self.zip, self.city]))
        parts = [self.street, self.street2, city, self.state_id.name]
        return ", ".join(filter(None, parts))

    def _stm_position_text(self):
        """“31.230400, 121.473700”, or that nobody knows."""
        self.ensure_one()
        if not self.stm_has_position:
            return self.env._("unknown")
        return f"{self.partner_latitude:.6f}, {self.partner_longitude:.6f}"

    def _stm_position_of_others(self):
        """Those whose place the current user may not change.

        It binds whoever sells: own customers, those of people one stands in for and
        of the teams one leads. An address of a customer counts as the customer's.
        Everybody else has what Odoo gives.
        """
        user = self.env.user
        if self.env.su or user.has_groups(
            "sales_team_mgmt.group_department_manager,base.group_system"
        ):
            return self.browse()
        if not user.has_group("sales_team_mgmt.group_salesperson"):
            return self if not self.has_access("write") else self.browse()
        access = self.env["stm.access"]
        mine = access._stm_sales_people(access._stm_scope())
        return self.filtered(
            lambda partner: (
                partner.user_id or partner.commercial_partner_id.sudo().user_id
            ).id
            not in mine
        )

    def _stm_check_position_rights(self):
        others = self._stm_position_of_others()
        if others:
            raise AccessError(
                self.env._(
                    "You cannot set where %(customer)s is: it is not a customer of"
                    " yours or of your teams. Ask its salesperson or a leader.",
                    customer=others[0].sudo().display_name,
                )
            )

    # ------------------------------------------------------------
    # Tools of the map
    # ------------------------------------------------------------

    @api.model
    def _stm_map_view(self, bounds, zoom):
        """Bounds and zoom as they came, checked."""
        if (
            isinstance(zoom, bool)
            or not isinstance(zoom, int)
            or not 0 <= zoom <= clusters.MAX_ZOOM
        ):
            raise UserError(
                self.env._(
                    "The zoom of a map is a whole number from 0 to %s.",
                    clusters.MAX_ZOOM,
                )
            )
        try:
            return clusters.parse_bounds(bounds), zoom
        except ValueError as error:
            sentences = {
                "north": self.env._(
                    "The north edge of a map is a latitude from -90 to 90, and not"
                    " south of the south edge."
                ),
                "south": self.env._(
                    "The south edge of a map is a latitude from -90 to 90."
                ),
                "west": self.env._(
                    "The west edge of a map is a longitude from -180 to 180."
                ),
                "east": self.env._(
                    "The east edge of a map is a longitude from -180 to 180."
                ),
                "bounds": self.env._(
                    "A view of the map is given by its south, west, north and east"
                    " edges."
                ),
            }
            raise UserError(sentences[str(error)]) from error

    @contextmanager
    def _stm_map_understands(self):
        """Say in a sentence that a filter cannot be searched for: some values of
        filters turn out to be nonsense only while SQL is made of them, or run."""
        try:
            yield
        except (ValueError, TypeError, DataError) as error:
            raise UserError(
                self.env._(
                    "The map does not understand this filter. Choose another one."
                )
            ) from error

    @api.model
    def _stm_map_domain(self, filters):
        """The customers that the filters leave: whoever has a class or a salesperson
        or was sold to, and addresses that goods go to. Nobody of the house."""
        filters = filters or {}
        if (
            not isinstance(filters, dict)
            or filters.keys() - {"domain"}
            or not isinstance(filters.get("domain", []), list)
        ):
            raise UserError(
                self.env._(
                    "The filters of the map are a “domain” of customers and nothing"
                    " else."
                )
            )
        customers = Domain("partner_share", "=", True) & Domain.OR(
            [
                Domain("stm_class_id", "!=", False),
                Domain("user_id", "!=", False),
                Domain("customer_rank", ">", 0),
                Domain("type", "=", "delivery"),
            ]
        )
        try:
            chosen = Domain(filters.get("domain", []))
            chosen.validate(self)
        except (ValueError, TypeError, AssertionError, AttributeError) as error:
            raise UserError(
                self.env._(
                    "The map does not understand this filter. Choose another one."
                )
            ) from error
        return customers & chosen

    @api.model
    def _stm_map_missing_domain(self):
        """Customers and addresses that should be on the map; no persons in them."""
        return (
            Domain("partner_latitude", "=", 0)
            & Domain("partner_longitude", "=", 0)
            & (Domain("parent_id", "=", False) | Domain("type", "=", "delivery"))
        )

    @api.model
    def _stm_map_query(self, filters):
        """The customers of the filters that the user may read, as a query."""
        self.check_access("read")
        self.flush_model()
        return self._search(self._stm_map_domain(filters))

    @api.model
    def _stm_map_columns(self, query):
        """Latitude and longitude; numerics, with which PostgreSQL counts slowly."""
        return [
            SQL("%s::float8", SQL.identifier(query.table, name))
            for name in POSITION_FIELDS
        ]

    @api.model
    def _stm_map_known(self):
        """In the words of the index."""
        return SQL(
            "(%(table)s.partner_latitude <> 0 OR %(table)s.partner_longitude <> 0)",
            table=SQL.identifier(self._table),
        )

    @api.model
    def _stm_map_within(self, query, bounds):
        latitude, longitude = (
            SQL.identifier(query.table, name) for name in POSITION_FIELDS
        )
        return SQL(
            "%s BETWEEN %s AND %s AND %s",
            latitude,
            bounds.south,
            bounds.north,
            SQL(
                "(%(it)s >= %(west)s OR %(it)s <= %(east)s)"
                if bounds.spans_date_line
                else "%(it)s BETWEEN %(west)s AND %(east)s",
                it=longitude,
                west=bounds.west,
                east=bounds.east,
            ),
        )

    @api.model
    def _stm_map_point(self, cluster, names):
        """A customer or a crowd; short, for there may be hundreds of them."""
        point = {
            "count": cluster.count,
            "latitude": round(cluster.latitude, 6),
            "longitude": round(cluster.longitude, 6),
            "class_id": cluster.class_id or False,
        }
        if cluster.count > 1:
            edges = (cluster.south, cluster.west, cluster.north, cluster.east)
            return {**point, "box": [round(edge, 6) for edge in edges]}
        name = names[cluster.first_id]
        if len(name) > NAME_LENGTH:
            name = name[: NAME_LENGTH - 1] + "…"
        return {**point, "id": cluster.first_id, "name": name}
