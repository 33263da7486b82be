import {Component, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {formatDateTime} from "@web/core/l10n/dates";
import {useService} from "@web/core/utils/hooks";
import {kindLabel} from "./labels";

const {DateTime} = luxon;

/** All that has not arrived: what waits, and what was refused. */
export class QueueDialog extends Component {
    static template = "sales_team_mgmt.TodayQueueDialog";
    static components = {Dialog};
    static props = {close: Function, mend: Function, discard: Function};

    setup() {
        this.outbox = useService("stm_outbox");
        this.queue = useState(this.outbox.state);
    }

    label(action) {
        return kindLabel(action.kind);
    }

    moment(action) {
        return formatDateTime(DateTime.fromISO(action.at));
    }

    onMend(action) {
        this.props.close();
        this.props.mend(action);
    }
}
