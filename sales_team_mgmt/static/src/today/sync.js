import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";
import {kindLabel} from "./labels";

/** Whether everything has arrived, always in sight. */
export class SyncState extends Component {
    static template = "sales_team_mgmt.TodaySyncState";
    static props = {open: Function};

    setup() {
        this.outbox = useService("stm_outbox");
        this.queue = useState(this.outbox.state);
    }

    get waiting() {
        return this.queue.actions.filter((action) => action.state !== "refused").length;
    }

    get refused() {
        return this.queue.actions.length - this.waiting;
    }

    get text() {
        const {isOnline, isSignedOut, isSending} = this.queue;
        const {waiting, refused} = this;
        const parts = [];
        if (refused) {
            parts.push(_t("%s refused", refused));
        }
        if (isSignedOut && waiting) {
            parts.push(_t("Sign in again to send %s", waiting));
        } else if (!isOnline) {
            parts.push(waiting ? _t("Offline, %s waiting", waiting) : _t("Offline"));
        } else if (waiting) {
            parts.push(
                isSending ? _t("Sending, %s left", waiting) : _t("%s waiting", waiting)
            );
        }
        return parts.join(" · ") || _t("All sent");
    }

    get look() {
        if (this.refused) {
            return {icon: "fa-exclamation-circle", color: "text-danger"};
        }
        if (!this.queue.isOnline || this.queue.isSignedOut) {
            return {icon: "fa-chain-broken", color: "text-warning-emphasis"};
        }
        if (this.waiting) {
            const spin = this.queue.isSending ? " fa-spin" : "";
            return {icon: `fa-refresh${spin}`, color: "text-info-emphasis"};
        }
        return {icon: "fa-check-circle", color: "text-success"};
    }
}

/** One refused action: what the server said, and the two ways out. */
export class RefusedAction extends Component {
    static template = "sales_team_mgmt.TodayRefusedAction";
    static props = {
        action: Object,
        mend: Function,
        discard: Function,
        canMend: Boolean,
    };

    get label() {
        return kindLabel(this.props.action.kind);
    }
}
