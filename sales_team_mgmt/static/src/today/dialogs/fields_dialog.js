import {_t} from "@web/core/l10n/translation";
import {EntryDialog} from "./entry_dialog";

const {DateTime} = luxon;

/**
 * Some fields to fill in: {name, label, type, required, value, placeholder}; a type is
 * text, textarea, number, date or datetime.
 */
export class FieldsDialog extends EntryDialog {
    static template = "sales_team_mgmt.TodayFieldsDialog";
    static props = {
        ...EntryDialog.props,
        title: String,
        intro: {type: String, optional: true},
        fields: Array,
        saveLabel: {type: String, optional: true},
    };

    setup() {
        super.setup();
        // Not watched: to render while “9.” is being typed would empty a number.
        this.values = Object.fromEntries(
            this.props.fields.map((field) => [field.name, field.value ?? ""])
        );
    }

    onInput(field, ev) {
        this.values[field.name] = ev.target.value;
    }

    get missing() {
        return this.props.fields.filter(
            (field) => field.required && !String(this.values[field.name]).trim()
        );
    }

    read() {
        const data = {};
        for (const {name, type} of this.props.fields) {
            const text = String(this.values[name]).trim();
            if (type === "number") {
                data[name] = text === "" ? null : Number(text);
            } else if (type === "datetime") {
                data[name] =
                    text && `${DateTime.fromISO(text).toUTC().toISO().slice(0, 19)}Z`;
            } else {
                data[name] = text;
            }
        }
        return data;
    }

    check() {
        const {missing} = this;
        return missing.length
            ? _t(
                  "Fill in: %s",
                  missing.map((field) => field.label)
              )
            : "";
    }

    store() {
        return this.props.save(this.read());
    }
}
