import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/** How much has not been sent yet, on every screen; nothing when there is nothing. */
export class OutboxSystray extends Component {
    static template = "sales_team_mgmt.OutboxSystray";
    static props = {};

    setup() {
        this.outbox = useService("stm_outbox");
        this.queue = useState(this.outbox.state);
        this.action = useService("action");
    }

    get count() {
        return this.queue.actions.length;
    }

    get isRefused() {
        return this.queue.actions.some((action) => action.state === "refused");
    }

    get title() {
        return _t("%s not sent", this.count);
    }

    open() {
        this.action.doAction("sales_team_mgmt.stm_today_action", {
            clearBreadcrumbs: true,
        });
    }
}

registry
    .category("systray")
    .add("sales_team_mgmt.outbox", {Component: OutboxSystray}, {sequence: 30});
