import {useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {SearchDialog} from "./search_dialog";

/** Whom to visit off plan: the person's own customers, known without a network. */
export class CustomerDialog extends SearchDialog {
    static template = "sales_team_mgmt.TodayCustomerDialog";
    static props = {
        ...SearchDialog.props,
        customers: Array,
        types: Array,
    };

    setup() {
        super.setup();
        const {types} = this.props;
        const type = types.find((one) => one.default) || types[0];
        this.state = useState({
            customerId: null,
            typeId: type?.id || null,
            purpose: "",
        });
        this.most = 30;
    }

    get found() {
        return this.find(
            this.props.customers,
            ({name, address, phone}) => `${name} ${address || ""} ${phone || ""}`
        );
    }

    get chosen() {
        return this.props.customers.find(({id}) => id === this.state.customerId);
    }

    check() {
        return this.chosen ? "" : _t("Choose the customer first.");
    }

    store() {
        const {chosen} = this;
        const {typeId, purpose} = this.state;
        const data = {partner_id: chosen.id, purpose: purpose.trim()};
        if (typeId) {
            data.type_id = typeId;
        }
        return this.props.save(data, chosen);
    }
}
