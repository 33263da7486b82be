import {Component, onWillStart, useState} from "@odoo/owl";
import {
    corners,
    currentPosition,
    formatDistance,
    hasPosition,
    isPosition,
    near,
    wrapLongitude,
} from "@sales_team_mgmt/map/geo";
import {loadLeaflet} from "@sales_team_mgmt/map/leaflet";
import {MapCanvas} from "@sales_team_mgmt/map/map_canvas";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

const CLOSE = 17;
const DIGITS = 6;

/** Say where a customer is: on the map, in numbers, or “here, where I stand”. */
export class PickAction extends Component {
    static template = "sales_team_mgmt.PickAction";
    static components = {Layout, MapCanvas};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.partnerId = this.props.action.context.active_id;
        this.state = useState({
            latitude: null,
            longitude: null,
            accuracy: null,
            isBusy: false,
        });
        onWillStart(async () => {
            const [start, [customer], leaflet] = await Promise.all([
                this.orm.call("res.partner", "stm_map_start", [{}]),
                this.orm.call("res.partner", "stm_map_details", [
                    this.partnerId ? [this.partnerId] : [],
                ]),
                loadLeaflet(),
            ]);
            this.start = start;
            this.customer = customer;
            this.leaflet = leaflet;
            if (hasPosition(customer)) {
                this.state.latitude = customer.latitude;
                this.state.longitude = customer.longitude;
            }
        });
    }

    get isReady() {
        return isPosition(this.state.latitude, this.state.longitude);
    }

    get accuracy() {
        return _t("Accurate to %s", formatDistance(this.state.accuracy));
    }

    get isCoarse() {
        return this.state.accuracy > 100;
    }

    onReady(map) {
        this.map = map;
        if (this.isReady) {
            map.setView([this.state.latitude, this.state.longitude], CLOSE);
        } else if (this.start.bounds) {
            map.fitBounds(corners(this.start.bounds), {
                padding: [40, 40],
                maxZoom: CLOSE,
            });
        } else {
            map.setView([20, 0], 2);
        }
        map.on("click", ({latlng}) => this.pick(latlng.lat, latlng.lng));
        this.draw();
    }

    pick(latitude, longitude, accuracy = null) {
        this.state.latitude = Number(latitude.toFixed(DIGITS));
        this.state.longitude = Number(wrapLongitude(longitude).toFixed(DIGITS));
        this.state.accuracy = accuracy;
        this.draw();
    }

    draw() {
        this.marker?.remove();
        if (!this.isReady) {
            return;
        }
        const L = this.leaflet;
        const place = near(this.state, this.map.getCenter().lng);
        this.marker = L.marker(place, {draggable: true, alt: this.customer.name})
            .on("dragend", () => {
                const {lat, lng} = this.marker.getLatLng();
                this.pick(lat, lng);
            })
            .addTo(this.map);
    }

    onNumber(name, ev) {
        const number = ev.target.value === "" ? null : Number(ev.target.value);
        this.state[name] = number;
        this.state.accuracy = null;
        this.draw();
        if (this.isReady) {
            this.map.setView([this.state.latitude, this.state.longitude], CLOSE);
        }
    }

    async useCurrent() {
        this.state.isBusy = true;
        try {
            const {latitude, longitude, accuracy} = await currentPosition();
            this.pick(latitude, longitude, accuracy);
            this.map.setView([latitude, longitude], CLOSE);
        } catch (error) {
            this.notification.add(error.message, {type: "warning"});
        } finally {
            this.state.isBusy = false;
        }
    }

    async save() {
        this.state.isBusy = true;
        try {
            await this.orm.call("res.partner", "stm_set_position", [
                [this.partnerId],
                this.state.latitude,
                this.state.longitude,
            ]);
        } finally {
            this.state.isBusy = false;
        }
        this.notification.add(_t("The position of %s is set.", this.customer.name), {
            type: "success",
        });
        this.leave();
    }

    /** Back to where one came from; after a reload to the customer. */
    leave() {
        if (this.env.config.breadcrumbs.length > 1) {
            return this.action.restore();
        }
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                res_model: "res.partner",
                res_id: this.partnerId,
                views: [[false, "form"]],
            },
            {clearBreadcrumbs: true}
        );
    }
}

registry.category("actions").add("stm_map_pick", PickAction);
