import {useRef, useState} from "@odoo/owl";
import {formatDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {compressPhoto, pictureUrl} from "../photo";
import {EntryDialog} from "./entry_dialog";

const {DateTime} = luxon;

/** One photo after the other, each with a label; the camera opens on a phone. */
export class PhotoDialog extends EntryDialog {
    static template = "sales_team_mgmt.TodayPhotoDialog";
    static props = {
        ...EntryDialog.props,
        customer: String,
        hint: {type: String, optional: true},
        label: {type: String, optional: true},
        image: {type: String, optional: true},
        photoPx: Number,
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
        return pictureUrl(this.photo.image);
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
        if (this.file) {
            await this.keep(() => this.compress());
        }
    }

    async compress() {
        this.photo.image = "";
        const text = this.photo.isStamped ? this.stampText() : "";
        const picture = await compressPhoto(this.file, this.props.photoPx, text);
        Object.assign(this.photo, picture);
    }

    check() {
        return this.photo.image ? "" : _t("Take a photo first.");
    }

    async store() {
        if (this.photo.isStamped && this.file) {
            // The label may have been written after the picture was taken.
            await this.compress();
        }
        const {label, image, width, height, taken_at} = this.photo;
        return this.props.save({label: label.trim(), taken_at, width, height}, image);
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
