import {useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatFloat} from "@web/views/fields/formatters";
import {SearchDialog} from "./search_dialog";

/** Nothing counted is not a count of nothing. */
function countOf(text) {
    return text === "" ? "" : Math.max(0, Number(text));
}

/** Products with a number each: a stock count, or an order. */
export class LinesDialog extends SearchDialog {
    static template = "sales_team_mgmt.TodayLinesDialog";
    static props = {
        ...SearchDialog.props,
        title: String,
        isOrder: Boolean,
        products: Array,
        lines: {type: Array, optional: true},
        note: {type: String, optional: true},
    };

    setup() {
        super.setup();
        this.state = useState({note: this.props.note || "", lines: {}});
        for (const {product_id, quantity, facings} of this.props.lines || []) {
            this.state.lines[product_id] = {quantity, facings: facings ?? ""};
        }
    }

    get shown() {
        return this.find(this.props.products, ({name}) => name);
    }

    get total() {
        return this.props.products.reduce(
            (sum, product) =>
                sum + (Number(this.quantity(product)) || 0) * (product.price || 0),
            0
        );
    }

    amount(value) {
        return formatFloat(value, {digits: [16, 2]});
    }

    quantity(product) {
        return this.state.lines[product.id]?.quantity ?? "";
    }

    facings(product) {
        return this.state.lines[product.id]?.facings ?? "";
    }

    set(product, values) {
        this.state.lines[product.id] = {
            quantity: "",
            facings: "",
            ...this.state.lines[product.id],
            ...values,
        };
    }

    step(product, by) {
        const quantity = Math.max(0, (Number(this.quantity(product)) || 0) + by);
        this.set(product, {quantity});
    }

    onQuantity(product, ev) {
        this.set(product, {quantity: countOf(ev.target.value)});
    }

    onFacings(product, ev) {
        this.set(product, {facings: countOf(ev.target.value)});
    }

    onNote(ev) {
        this.state.note = ev.target.value;
    }

    /** In a count a zero says that nothing is left; in an order it says nothing. */
    read() {
        const lines = [];
        for (const {id} of this.props.products) {
            const {quantity, facings} = this.state.lines[id] || {quantity: ""};
            if (quantity === "" || (this.props.isOrder && !quantity)) {
                continue;
            }
            const line = {product_id: id, quantity};
            if (!this.props.isOrder && facings !== "") {
                line.facings = facings;
            }
            lines.push(line);
        }
        return this.props.isOrder ? {lines, note: this.state.note.trim()} : {lines};
    }

    check() {
        if (this.read().lines.length) {
            return "";
        }
        return this.props.isOrder
            ? _t("Enter how many of at least one product.")
            : _t("Count at least one product; 0 is a count too.");
    }

    store() {
        return this.props.save(this.read());
    }
}
