import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {getDataURLFromFile, imageUrl} from "@web/core/utils/urls";
import {formatDate} from "@web/core/l10n/dates";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {Component, useState} from "@odoo/owl";

const {DateTime} = luxon;

/**
 * The questions of a checklist, each with the one input that fits its type.
 *
 * Native inputs: a phone shows its number pad, its calendar and its camera for them.
 */
export class ChecklistField extends Component {
    static template = "sales_team_mgmt.ChecklistField";
    static props = {...standardFieldProps};

    setup() {
        // Numbers entered a moment ago: the server has not marked them as answered.
        this.entered = useState({});
    }

    get rows() {
        return this.props.record.data[this.props.name].records;
    }

    get labels() {
        return {yes: _t("Yes"), no: _t("No")};
    }

    startsSection(index) {
        const section = this.rows[index].data.section;
        return section && (!index || this.rows[index - 1].data.section !== section);
    }

    options(row) {
        return (row.data.options || "")
            .split("\n")
            .map((option) => option.trim())
            .filter(Boolean);
    }

    isNumber(row) {
        return ["number", "score"].includes(row.data.answer_type);
    }

    hasBounds(row) {
        return Boolean(row.data.minimum || row.data.maximum);
    }

    number(row) {
        const entered = row.dirty ? this.entered[row.id] : undefined;
        const known = entered ?? row.data.is_answered;
        return known ? row.data.value_number : "";
    }

    isAnswered(row) {
        const data = row.data;
        if (this.isNumber(row)) {
            return this.number(row) !== "";
        }
        return Boolean(data[`value_${data.answer_type}`]);
    }

    isoDate(row) {
        return row.data.value_date ? row.data.value_date.toISODate() : "";
    }

    /**
     * @param {Object} row
     * @returns {String} the answer in words; a dash where there is none
     */
    shown(row) {
        const {answer_type: type, value_date: date} = row.data;
        if (!this.isAnswered(row)) {
            return "–";
        }
        if (this.isNumber(row)) {
            return String(this.number(row));
        }
        return type === "date" ? formatDate(date) : row.data[`value_${type}`];
    }

    photoUrl(row) {
        const photo = row.data.value_photo;
        if (!photo) {
            return "";
        }
        // The server sends the size only; what was just taken is the picture itself.
        return photo.length > 100
            ? `data:image/*;base64,${photo}`
            : imageUrl("stm.checklist.answer", row.resId, "value_photo");
    }

    answer(row, value) {
        const name = this.isNumber(row) ? "number" : row.data.answer_type;
        return row.update({[`value_${name}`]: value});
    }

    onYesNo(row, value) {
        return this.answer(row, row.data.value_yes_no === value ? false : value);
    }

    onNumber(row, ev) {
        const text = ev.target.value;
        this.entered[row.id] = text !== "";
        return this.answer(row, text === "" ? false : Number(text));
    }

    onDate(row, ev) {
        const text = ev.target.value;
        return this.answer(row, text ? DateTime.fromISO(text) : false);
    }

    async onPhoto(row, ev) {
        const file = ev.target.files[0];
        if (file) {
            const url = await getDataURLFromFile(file);
            await this.answer(row, url.split(",")[1]);
        }
    }
}

export const checklistField = {
    component: ChecklistField,
    displayName: _t("Checklist"),
    supportedTypes: ["one2many"],
    useSubView: true,
};

registry.category("fields").add("stm_checklist", checklistField);
