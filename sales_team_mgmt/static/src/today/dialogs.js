import {Component, onWillUnmount, useRef, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {formatDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {formatFloat} from "@web/views/fields/formatters";
import {isAnswered} from "./day";
import {compressPhoto, PhotoError} from "./photo";
import {foresee, positionSentence, readPosition} from "./position";
import {utc} from "./queue";
import {StorageFullError} from "./storage";

const {DateTime} = luxon;

/**
 * A dialog that saves what is entered. It closes when that is on the disk, and stays
 * open with a sentence when it is not: nothing entered is lost.
 */
class EntryDialog extends Component {
    static components = {Dialog};

    setup() {
        this.entry = useState({isSaving: false, problem: ""});
    }

    async keep(work) {
        if (this.entry.isSaving) {
            return false;
        }
        this.entry.isSaving = true;
        this.entry.problem = "";
        try {
            await work();
            return true;
        } catch (error) {
            this.entry.problem = this.explain(error);
            return false;
        } finally {
            this.entry.isSaving = false;
        }
    }

    explain(error) {
        if (error instanceof StorageFullError) {
            return _t(
                "The storage of this device is full. Send what is waiting or make room, then save again."
            );
        }
        if (error instanceof PhotoError) {
            return error.message;
        }
        return _t(
            "This could not be kept on the device (%s). Save again.",
            error?.message || error
        );
    }
}

/**
 * Some fields to fill in: {name, label, type, required, value, placeholder}; a type is
 * text, textarea, number, date or datetime.
 */
export class FieldsDialog extends EntryDialog {
    static template = "sales_team_mgmt.TodayFieldsDialog";
    static props = {
        close: Function,
        title: String,
        intro: {type: String, optional: true},
        fields: Array,
        saveLabel: {type: String, optional: true},
        save: Function,
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

    async onSave() {
        if (this.missing.length) {
            this.entry.problem = _t(
                "Fill in: %s",
                this.missing.map((field) => field.label)
            );
            return;
        }
        if (await this.keep(() => this.props.save(this.read()))) {
            this.props.close();
        }
    }
}

/** The questions of a visit, each with the one input that fits its type. */
export class QuestionsDialog extends EntryDialog {
    static template = "sales_team_mgmt.TodayQuestionsDialog";
    static props = {
        close: Function,
        questions: Array,
        photoPx: Number,
        save: Function,
    };

    setup() {
        super.setup();
        this.values = useState(
            Object.fromEntries(
                this.props.questions.map((question) => [
                    question.id,
                    isAnswered(question) ? question.value : "",
                ])
            )
        );
        this.changed = new Set();
        this.photos = {};
        this.labels = {yes: _t("Yes"), no: _t("No")};
    }

    startsSection(index) {
        const {questions} = this.props;
        const {section} = questions[index];
        return section && (!index || questions[index - 1].section !== section);
    }

    isNumber(question) {
        return ["number", "score"].includes(question.type);
    }

    hasBounds(question) {
        return typeof question.maximum === "number";
    }

    isGiven(question) {
        return this.values[question.id] !== "";
    }

    answer(question, value) {
        this.values[question.id] = value;
        this.changed.add(question.id);
    }

    onYesNo(question, value) {
        this.answer(question, this.values[question.id] === value ? "" : value);
    }

    async onPhoto(question, ev) {
        const file = ev.target.files[0];
        if (!file) {
            return;
        }
        await this.keep(async () => {
            const {image} = await compressPhoto(file, this.props.photoPx);
            this.photos[question.id] = image;
            this.answer(question, true);
        });
    }

    photoUrl(question) {
        const image = this.photos[question.id];
        return image ? `data:image/jpeg;base64,${image}` : "";
    }

    outOfBounds(question) {
        const text = this.values[question.id];
        if (!this.isNumber(question) || text === "" || !this.hasBounds(question)) {
            return false;
        }
        return Number(text) < question.minimum || Number(text) > question.maximum;
    }

    valueOf(question) {
        const value = this.values[question.id];
        if (value === "") {
            return null;
        }
        return this.isNumber(question) ? Number(value) : value;
    }

    async onSave() {
        const {questions} = this.props;
        const wrong = questions.find((question) => this.outOfBounds(question));
        if (wrong) {
            this.entry.problem = _t(
                "“%(question)s” takes a number from %(minimum)s to %(maximum)s.",
                wrong
            );
            return;
        }
        const given = questions
            .filter((question) => this.changed.has(question.id))
            .map((question) => ({
                question,
                value: this.valueOf(question),
                file: this.photos[question.id],
            }));
        if (await this.keep(() => this.props.save(given))) {
            this.props.close();
        }
    }
}

/** One photo after the other, each with a label; the camera opens on a phone. */
export class PhotoDialog extends EntryDialog {
    static template = "sales_team_mgmt.TodayPhotoDialog";
    static props = {
        close: Function,
        customer: String,
        hint: {type: String, optional: true},
        label: {type: String, optional: true},
        image: {type: String, optional: true},
        photoPx: Number,
        save: Function,
    };

    setup() {
        super.setup();
        this.input = useRef("input");
        this.photo = useState({
            label: this.props.label || "",
            isStamped: false,
            image: this.props.image || "",
            width: 0,
            height: 0,
            taken_at: "",
            kept: 0,
        });
        this.file = null;
    }

    get url() {
        return this.photo.image ? `data:image/jpeg;base64,${this.photo.image}` : "";
    }

    onLabel(ev) {
        this.photo.label = ev.target.value;
    }

    async onFile(ev) {
        this.file = ev.target.files[0] || this.file;
        await this.prepare();
    }

    async onStamp(ev) {
        this.photo.isStamped = ev.target.checked;
        await this.prepare();
    }

    stampText() {
        const moment = DateTime.fromMillis(this.file.lastModified || Date.now());
        const parts = [this.props.customer, this.photo.label, formatDateTime(moment)];
        return parts.filter(Boolean).join(" · ");
    }

    async prepare() {
        if (!this.file) {
            return;
        }
        await this.keep(async () => {
            this.photo.image = "";
            const text = this.photo.isStamped ? this.stampText() : "";
            Object.assign(
                this.photo,
                await compressPhoto(this.file, this.props.photoPx, text)
            );
        });
    }

    async save() {
        if (!this.photo.image) {
            this.entry.problem = _t("Take a photo first.");
            return false;
        }
        if (this.photo.isStamped && this.file) {
            // The label may have been written after the picture was taken.
            await this.prepare();
        }
        const {label, image, width, height, taken_at} = this.photo;
        return this.keep(() =>
            this.props.save({label: label.trim(), taken_at, width, height}, image)
        );
    }

    async onSave() {
        if (await this.save()) {
            this.props.close();
        }
    }

    async onNext() {
        if (await this.save()) {
            Object.assign(this.photo, {
                image: "",
                label: "",
                kept: this.photo.kept + 1,
            });
            this.file = null;
            this.input.el.value = "";
        }
    }
}

/** Products with a number each: a stock count, or an order. */
export class LinesDialog extends EntryDialog {
    static template = "sales_team_mgmt.TodayLinesDialog";
    static props = {
        close: Function,
        title: String,
        isOrder: Boolean,
        products: Array,
        lines: {type: Array, optional: true},
        note: {type: String, optional: true},
        save: Function,
    };

    setup() {
        super.setup();
        this.state = useState({search: "", note: this.props.note || "", lines: {}});
        for (const {product_id, quantity, facings} of this.props.lines || []) {
            this.state.lines[product_id] = {quantity, facings: facings ?? ""};
        }
    }

    get shown() {
        const words = this.state.search.trim().toLowerCase().split(/\s+/);
        return this.props.products.filter((product) => {
            const name = product.name.toLowerCase();
            return words.every((word) => name.includes(word));
        });
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
        const text = ev.target.value;
        this.set(product, {quantity: text === "" ? "" : Math.max(0, Number(text))});
    }

    onFacings(product, ev) {
        const text = ev.target.value;
        this.set(product, {facings: text === "" ? "" : Math.max(0, Number(text))});
    }

    onSearch(ev) {
        this.state.search = ev.target.value;
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

    async onSave() {
        const data = this.read();
        if (!data.lines.length) {
            this.entry.problem = this.props.isOrder
                ? _t("Enter how many of at least one product.")
                : _t("Count at least one product; 0 is a count too.");
            return;
        }
        if (await this.keep(() => this.props.save(data))) {
            this.props.close();
        }
    }
}

/** Whom to visit off plan: the person's own customers, known without a network. */
export class CustomerDialog extends EntryDialog {
    static template = "sales_team_mgmt.TodayCustomerDialog";
    static props = {
        close: Function,
        customers: Array,
        types: Array,
        save: Function,
    };

    setup() {
        super.setup();
        const {types} = this.props;
        const type = types.find((one) => one.default) || types[0];
        this.state = useState({
            search: "",
            customerId: null,
            typeId: type?.id || null,
            purpose: "",
        });
        this.most = 30;
    }

    get found() {
        const words = this.state.search.trim().toLowerCase().split(/\s+/);
        return this.props.customers.filter(({name, address, phone}) => {
            const text = `${name} ${address || ""} ${phone || ""}`.toLowerCase();
            return words.every((word) => text.includes(word));
        });
    }

    onSearch(ev) {
        this.state.search = ev.target.value;
    }

    async onSave() {
        const {customerId, typeId, purpose} = this.state;
        const customer = this.props.customers.find((one) => one.id === customerId);
        if (!customer) {
            this.entry.problem = _t("Choose the customer first.");
            return;
        }
        const data = {partner_id: customer.id, purpose: purpose.trim()};
        if (typeId) {
            data.type_id = typeId;
        }
        if (await this.keep(() => this.props.save(data, customer))) {
            this.props.close();
        }
    }
}

/**
 * Where one is, at check-in and check-out. It never fails in silence and never locks
 * out: each failure says what to do, and one may go on without, with a reason.
 */
export class PositionDialog extends EntryDialog {
    static template = "sales_team_mgmt.TodayPositionDialog";
    static props = {
        close: Function,
        title: String,
        saveLabel: String,
        visit: Object,
        settings: Object,
        needsReason: Boolean,
        consent: Function,
        save: Function,
    };

    setup() {
        super.setup();
        const {consent} = this.props.settings;
        this.state = useState({
            step: consent && !consent.given ? "consent" : "reading",
            accuracy: null,
            reading: null,
            outlook: null,
            reason: "",
            at: null,
        });
        this.reader = null;
        if (this.state.step === "reading") {
            this.read();
        }
        onWillUnmount(() => this.reader?.cancel());
    }

    get sentence() {
        const {outlook, reading} = this.state;
        return outlook ? positionSentence(outlook, reading) : "";
    }

    /** Whoever has not agreed to positions owes nobody a reason. */
    get needsReason() {
        const {outlook} = this.state;
        return (
            this.props.needsReason &&
            outlook.verdict !== "verified" &&
            outlook.problem !== "no_consent"
        );
    }

    /** Trying again cannot help where nothing was read, and where all is well read. */
    get canRetry() {
        return !["no_coordinates", "unsupported", "no_consent"].includes(
            this.state.outlook?.problem
        );
    }

    async onAgree() {
        if (await this.keep(() => this.props.consent())) {
            await this.read();
        }
    }

    onDecline() {
        return this.judge({position: null, error: "no_consent"});
    }

    async read() {
        Object.assign(this.state, {step: "reading", accuracy: null, outlook: null});
        this.entry.problem = "";
        this.reader?.cancel();
        const reader = readPosition({
            accuracy: this.props.settings.accuracy,
            onProgress: ({accuracy}) => {
                this.state.accuracy = accuracy;
            },
        });
        this.reader = reader;
        const reading = await reader.promise;
        // Unless one has gone on without it, or has tried again.
        if (this.reader === reader) {
            await this.judge(reading);
        }
    }

    onSkip() {
        const reader = this.reader;
        this.reader = null;
        reader?.cancel();
        return this.judge({position: null, error: "timeout"});
    }

    async judge(reading) {
        const {visit, settings} = this.props;
        const outlook = foresee(reading, visit, settings);
        // The moment of the check-in: writing down the reason does not make it later.
        Object.assign(this.state, {step: "judged", reading, outlook, at: utc()});
        if (outlook.verdict === "verified") {
            await this.onSave();
        }
    }

    async onSave() {
        const {outlook, reading, reason} = this.state;
        if (this.needsReason && !reason.trim()) {
            this.entry.problem = _t("Write a few words on the reason, then go on.");
            return;
        }
        const data = {...reading, reason: reason.trim() || null};
        if (await this.keep(() => this.props.save(data, outlook, this.state.at))) {
            this.props.close();
        }
    }
}
