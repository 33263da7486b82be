import {Component, onWillStart, onWillUnmount, useEffect, useState} from "@odoo/owl";
import {
    corners,
    currentPosition,
    distance,
    formatDistance,
    hasPosition,
    navigateUrl,
    near,
    serverBounds,
} from "@sales_team_mgmt/map/geo";
import {MapCanvas} from "@sales_team_mgmt/map/map_canvas";
import {_t} from "@web/core/l10n/translation";
import {deserializeDateTime, formatDate} from "@web/core/l10n/dates";
import {KeepLast} from "@web/core/utils/concurrency";
import {useBus, useService} from "@web/core/utils/hooks";
import {renderToElement} from "@web/core/utils/render";
import {debounce} from "@web/core/utils/timing";
import {user} from "@web/core/user";
import {Layout} from "@web/search/layout";
import {SearchBar} from "@web/search/search_bar/search_bar";
import {useSearchBarToggler} from "@web/search/search_bar/search_bar_toggler";

const {DateTime} = luxon;
const CLOSE = 16;
const VERDICT_ICONS = {
    verified: "fa-check-circle text-success",
    outside: "fa-times-circle text-danger",
    unverified: "fa-question-circle text-warning",
};
/* One after the other for the ways of several people. */
const WAYS = ["#2f6fb0", "#b0562f", "#4a8f3c", "#8a4fa3", "#a33a5d", "#3a8f8f"];

/** The map with its list; what is on it follows the search and the day. */
export class CustomerMap extends Component {
    static template = "sales_team_mgmt.CustomerMap";
    static components = {Layout, MapCanvas, SearchBar};
    static props = {isTeam: Boolean, leaflet: Object, memory: Object};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.searchBarToggler = useSearchBarToggler();
        this.keepLast = new KeepLast();
        this.keepLastDay = new KeepLast();
        const {memory} = this.props;
        this.state = useState({
            tab: "visits",
            day: false,
            person: false,
            visits: [],
            people: [],
            moreVisits: false,
            total: 0,
            missing: {count: 0, domain: []},
            classes: [],
            count: 0,
            rows: [],
            more: false,
            box: null,
            here: null,
            isLocating: false,
            chosen: false,
            ...memory.view,
        });
        this.loadViewSoon = debounce(() => this.loadView(), 150);
        useBus(this.env.searchModel, "update", () => this.onSearch());
        onWillStart(async () => {
            await Promise.all([this.loadStart(), this.loadVisits()]);
        });
        onWillUnmount(() => {
            this.loadViewSoon.cancel();
            memory.search = JSON.stringify(this.env.searchModel.exportState());
            const {tab, day, person, here} = this.state;
            memory.view = {tab, day, person, here};
        });
        useEffect(
            () => this.drawVisits(),
            () => [this.state.visits, this.state.person]
        );
    }

    // ------------------------------------------------------------
    // What the server knows
    // ------------------------------------------------------------

    get filters() {
        return {domain: this.env.searchModel.domain};
    }

    async loadStart() {
        const start = await this.orm.call("res.partner", "stm_map_start", [
            this.filters,
        ]);
        this.bounds = start.bounds;
        this.tiles = start.tiles;
        this.attribution = start.attribution;
        this.state.total = start.count;
        this.state.missing = start.missing;
        this.state.classes = start.classes;
        this.classes = Object.fromEntries(start.classes.map((each) => [each.id, each]));
    }

    async loadVisits() {
        const people = this.props.isTeam ? false : [user.userId];
        const answer = await this.keepLastDay.add(
            this.orm.call("stm.visit", "stm_map_visits", [this.state.day, people])
        );
        this.state.day = answer.day;
        this.state.people = answer.people;
        this.state.moreVisits = answer.more;
        if (!answer.people.some((person) => person.id === this.state.person)) {
            this.state.person = false;
        }
        this.state.visits = answer.visits;
    }

    async loadView() {
        if (!this.map) {
            return;
        }
        const bounds = serverBounds(this.map.getBounds());
        const calls = [
            this.orm.call("res.partner", "stm_map_customers", [
                bounds,
                this.map.getZoom(),
                this.filters,
            ]),
        ];
        if (this.state.tab === "customers") {
            calls.push(this.callList(0));
        }
        const [view, list] = await this.keepLast.add(Promise.all(calls));
        this.drawCustomers(view.points);
        this.state.count = view.count;
        if (list) {
            this.state.rows = list.rows;
            this.state.more = list.more;
        }
    }

    callList(offset) {
        const bounds = this.state.box || serverBounds(this.map.getBounds());
        return this.orm.call("res.partner", "stm_map_list", [
            bounds,
            this.filters,
            offset,
        ]);
    }

    async loadMore() {
        const list = await this.keepLast.add(this.callList(this.state.rows.length));
        this.state.rows.push(...list.rows);
        this.state.more = list.more;
    }

    async onSearch() {
        this.state.box = null;
        await this.loadStart();
        if (this.map && this.bounds) {
            this.showBounds(this.bounds);
        }
        await this.loadView();
    }

    // ------------------------------------------------------------
    // The map
    // ------------------------------------------------------------

    onReady(map) {
        const L = this.props.leaflet;
        this.map = map;
        this.customers = L.layerGroup().addTo(map);
        this.ways = L.layerGroup().addTo(map);
        const {memory} = this.props;
        if (memory.center) {
            map.setView(memory.center, memory.zoom);
        } else {
            map.setView([20, 0], 2);
            this.showAll();
        }
        map.on("moveend", () => {
            memory.center = map.getCenter();
            memory.zoom = map.getZoom();
            this.loadViewSoon();
        });
        this.drawVisits();
        this.showHere();
        this.loadView();
    }

    /** The stops of the day if there are any on the map, else the customers. */
    showAll() {
        const stops = this.stops.filter(hasPosition);
        if (stops.length) {
            this.map.fitBounds(
                stops.map(({latitude, longitude}) => [latitude, longitude]),
                {padding: [40, 40], maxZoom: CLOSE}
            );
        } else if (this.bounds) {
            this.showBounds(this.bounds);
        }
    }

    showBounds(box) {
        this.map.fitBounds(corners(box), {padding: [40, 40], maxZoom: CLOSE});
    }

    marker(place, {size, html = "", className = "", title = "", onClick, ...options}) {
        const L = this.props.leaflet;
        const icon = L.divIcon({
            className: `o_stm_map_point ${className}`,
            html,
            iconSize: [size, size],
        });
        const marker = L.marker(near(place, this.map.getCenter().lng), {
            icon,
            title,
            alt: title,
            interactive: Boolean(onClick),
            ...options,
        });
        return onClick ? marker.on("click", onClick) : marker;
    }

    drawCustomers(points) {
        this.customers.clearLayers();
        for (const point of points) {
            const color = this.classes[point.class_id]?.color || 0;
            const isCrowd = point.count > 1;
            // A crowd of a thousand is twice as wide as one of ten.
            const size = isCrowd ? 24 + 6 * Math.log10(point.count) : 18;
            this.marker(point, {
                size,
                html: isCrowd ? String(point.count) : "",
                className: `o_stm_map_color_${color} ${
                    isCrowd ? "o_stm_map_crowd" : "o_stm_map_customer"
                }`,
                title: isCrowd ? _t("%s customers", point.count) : point.name,
                onClick: () =>
                    isCrowd ? this.openCrowd(point) : this.openCustomer(point.id),
            }).addTo(this.customers);
        }
    }

    drawVisits() {
        if (!this.map) {
            return;
        }
        this.ways.clearLayers();
        const center = this.map.getCenter().lng;
        const colors = new Map(
            this.state.people.map((person, index) => [
                person.id,
                WAYS[index % WAYS.length],
            ])
        );
        const ways = {};
        for (const visit of this.stops.filter(hasPosition)) {
            const way = (ways[visit.user_id] = ways[visit.user_id] || []);
            way.push(near(visit, center));
            const icon = VERDICT_ICONS[visit.verdict];
            this.marker(visit, {
                size: 26,
                html: `${visit.stop}${
                    icon ? `<i class="o_stm_map_verdict fa ${icon}"></i>` : ""
                }`,
                className: `o_stm_map_stop o_stm_map_${visit.state}`,
                title: `${visit.stop}. ${visit.customer}`,
                zIndexOffset: 1000,
                onClick: () => this.openVisit(visit),
            }).addTo(this.ways);
        }
        for (const [userId, way] of Object.entries(ways)) {
            this.props.leaflet
                .polyline(way, {
                    color: colors.get(Number(userId)),
                    className: "o_stm_map_way",
                    interactive: false,
                    weight: 3,
                    opacity: 0.8,
                })
                .addTo(this.ways);
        }
    }

    openCrowd(point) {
        const [south, west, north, east] = point.box;
        const box = {south, west, north, east};
        const isOnePlace = south === north && west === east;
        if (isOnePlace || this.map.getZoom() === this.map.getMaxZoom()) {
            this.state.tab = "customers";
            this.state.box = box;
            this.loadView();
        } else {
            this.map.fitBounds(corners(box), {padding: [40, 40]});
        }
    }

    async openCustomer(id) {
        this.state.chosen = `customer_${id}`;
        const [customer] = await this.orm.call("res.partner", "stm_map_details", [
            [id],
        ]);
        this.openPopup(customer, {customer});
    }

    async openVisit(visit) {
        this.state.chosen = `visit_${visit.id}`;
        const [customer] = await this.orm.call("res.partner", "stm_map_details", [
            [visit.partner_id],
        ]);
        this.openPopup(visit, {customer, visit});
    }

    openPopup(place, {customer, visit}) {
        if (!this.map || !hasPosition(place)) {
            return;
        }
        const content = renderToElement("sales_team_mgmt.MapPopup", {
            customer,
            visit,
            start: visit && this.time(visit),
            verdictIcon: visit && VERDICT_ICONS[visit.verdict],
            lastVisit:
                customer.last_visit &&
                formatDate(DateTime.fromISO(customer.last_visit)),
            away: this.away(place),
            url: navigateUrl(place, customer.name),
        });
        const acts = {
            open: () => this.openRecord("res.partner", customer.id),
            visit: () => visit && this.openRecord("stm.visit", visit.id),
            create: () => this.newVisit(customer.id),
        };
        content.addEventListener("click", (ev) => {
            const act = ev.target.closest("[data-act]")?.dataset.act;
            if (act) {
                acts[act]();
            }
        });
        this.props.leaflet
            .popup({maxWidth: 280, autoPanPadding: [20, 20]})
            .setLatLng(near(place, this.map.getCenter().lng))
            .setContent(content)
            .openOn(this.map);
    }

    // ------------------------------------------------------------
    // The list
    // ------------------------------------------------------------

    get stops() {
        const {visits, person} = this.state;
        return person ? visits.filter((visit) => visit.user_id === person) : visits;
    }

    get unknownStops() {
        return this.stops.filter((visit) => !hasPosition(visit)).length;
    }

    get dayLabel() {
        const day = DateTime.fromISO(this.state.day);
        const label = day.toLocaleString({
            weekday: "short",
            day: "numeric",
            month: "short",
        });
        return this.isToday ? _t("Today, %s", label) : label;
    }

    get isToday() {
        return this.state.day === DateTime.now().toISODate();
    }

    get crowdLabel() {
        return _t("Customers at one place");
    }

    verdictIcon(visit) {
        return VERDICT_ICONS[visit.verdict];
    }

    time(visit) {
        return deserializeDateTime(visit.start).toLocaleString(DateTime.TIME_SIMPLE);
    }

    personName(id) {
        return this.state.people.find((person) => person.id === id)?.name;
    }

    startsPerson(index) {
        const {stops} = this;
        return (
            this.props.isTeam &&
            (!index || stops[index - 1].user_id !== stops[index].user_id)
        );
    }

    /** From the stop before, or for the first one from where the phone is. */
    leg(index) {
        const {stops} = this;
        const visit = stops[index];
        if (!hasPosition(visit)) {
            return "";
        }
        const before = stops
            .slice(0, index)
            .filter((each) => each.user_id === visit.user_id && hasPosition(each))
            .at(-1);
        const from = before || this.state.here;
        return from ? formatDistance(distance(from, visit)) : "";
    }

    /** How far something is from the phone, or from the first stop of the day. */
    away(place) {
        if (!hasPosition(place)) {
            return "";
        }
        if (this.state.here) {
            const meters = formatDistance(distance(this.state.here, place));
            return _t("%s from you", meters);
        }
        const first = this.stops.find(hasPosition);
        const isFirst = first && first.partner_id === (place.partner_id || place.id);
        if (!first || isFirst) {
            return "";
        }
        return _t("%s from the first stop", formatDistance(distance(first, place)));
    }

    /** Short, for the list: only from where the phone is. */
    fromHere(row) {
        const {here} = this.state;
        return here ? formatDistance(distance(here, row)) : "";
    }

    classOf(row) {
        return this.classes[row.class_id];
    }

    setTab(tab) {
        this.state.tab = tab;
        this.state.box = null;
        if (tab === "customers") {
            this.loadView();
        }
    }

    async setDay(day) {
        this.state.day = day;
        await this.loadVisits();
        if (this.stops.some(hasPosition)) {
            this.showAll();
        }
    }

    moveDay(days) {
        return this.setDay(DateTime.fromISO(this.state.day).plus({days}).toISODate());
    }

    onDay(ev) {
        return ev.target.value && this.setDay(ev.target.value);
    }

    setPerson(ev) {
        this.state.person = Number(ev.target.value) || false;
        this.showAll();
    }

    chooseVisit(visit) {
        if (!hasPosition(visit)) {
            return this.openRecord("stm.visit", visit.id);
        }
        this.map.setView(near(visit, this.map.getCenter().lng), this.closeZoom);
        return this.openVisit(visit);
    }

    chooseCustomer(row) {
        this.map.setView(near(row, this.map.getCenter().lng), this.closeZoom);
        this.state.chosen = `customer_${row.id}`;
        return this.openPopup(row, {customer: row});
    }

    get closeZoom() {
        return Math.max(this.map.getZoom(), 14);
    }

    // ------------------------------------------------------------
    // The phone
    // ------------------------------------------------------------

    async locate() {
        this.state.isLocating = true;
        try {
            this.state.here = await currentPosition();
            this.showHere();
            const {here} = this.state;
            this.map.setView([here.latitude, here.longitude], this.closeZoom);
        } catch (error) {
            this.notification.add(error.message, {type: "warning"});
        } finally {
            this.state.isLocating = false;
        }
    }

    showHere() {
        this.hereMarker?.remove();
        if (this.state.here) {
            this.hereMarker = this.marker(this.state.here, {
                size: 16,
                className: "o_stm_map_here",
                title: _t("You are here"),
            }).addTo(this.map);
        }
    }

    // ------------------------------------------------------------
    // To other screens
    // ------------------------------------------------------------

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    newVisit(partnerId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("New Visit"),
            res_model: "stm.visit",
            views: [[false, "form"]],
            context: {default_partner_id: partnerId},
        });
    }

    openMissing() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Customers without Position"),
            res_model: "res.partner",
            domain: this.state.missing.domain,
            views: [
                [false, "list"],
                [false, "kanban"],
                [false, "form"],
            ],
        });
    }
}
