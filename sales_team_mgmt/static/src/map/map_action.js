import {Component, onWillStart} from "@odoo/owl";
import {loadLeaflet} from "@sales_team_mgmt/map/leaflet";
import {CustomerMap} from "@sales_team_mgmt/map/customer_map";
import {registry} from "@web/core/registry";
import {WithSearch} from "@web/search/with_search/with_search";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

/* What the map showed when it was left, for whoever comes back to it: a client action
 * has no memory of its own. One map only, that of the action opened last. */
const left = {action: null, state: {}};

/** The customers and the visits of a day, with Odoo's search above. */
export class MapAction extends Component {
    static template = "sales_team_mgmt.MapAction";
    static components = {WithSearch, CustomerMap};
    static props = {...standardActionServiceProps};

    setup() {
        const {action} = this.props;
        if (left.action !== action.jsId) {
            left.action = action.jsId;
            left.state = {};
        }
        this.memory = left.state;
        this.isTeam = Boolean(action.params?.team);
        this.search = {
            resModel: "res.partner",
            context: action.context,
            searchViewId: action.params?.search_view_id || false,
            searchMenuTypes: ["filter", "favorite"],
            loadIrFilters: true,
            globalState: this.memory.search && {searchModel: this.memory.search},
        };
        onWillStart(async () => {
            this.leaflet = await loadLeaflet();
        });
    }
}

registry.category("actions").add("stm_map", MapAction);
