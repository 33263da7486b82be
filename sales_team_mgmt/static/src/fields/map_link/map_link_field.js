import {isAndroid, isIOS} from "@web/core/browser/feature_detection";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {Component} from "@odoo/owl";

/**
 * Link to a map of an address.
 *
 * @param {String} address
 * @returns {String} opens the map application of a phone, or a map page elsewhere
 */
export function mapUrl(address) {
    const query = encodeURIComponent(address);
    if (isIOS()) {
        return `https://maps.apple.com/?q=${query}`;
    }
    if (isAndroid()) {
        return `geo:0,0?q=${query}`;
    }
    return `https://www.openstreetmap.org/search?query=${query}`;
}

/** An address that opens on a map. */
export class MapLinkField extends Component {
    static template = "sales_team_mgmt.MapLinkField";
    static props = {...standardFieldProps};

    get address() {
        return this.props.record.data[this.props.name] || "";
    }

    get url() {
        return mapUrl(this.address);
    }
}

export const mapLinkField = {
    component: MapLinkField,
    displayName: _t("Map Link"),
    supportedTypes: ["char"],
};

registry.category("fields").add("stm_map_link", mapLinkField);
