import {Component, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";
import {PhotoError} from "../photo";
import {StorageFullError} from "../storage";

/**
 * A dialog that saves what is entered. It closes when that is on the disk, and stays
 * open with a sentence when it is not: nothing entered is lost.
 *
 * Those that extend it say in `check` what is still wrong, and hand what was entered
 * to `props.save` in `store`.
 */
export class EntryDialog extends Component {
    static components = {Dialog};
    static props = {close: Function, save: Function};

    setup() {
        this.entry = useState({isSaving: false, problem: ""});
    }

    /** @returns {String} why this cannot be saved yet, empty if it can */
    check() {
        return "";
    }

    /** Hand over what was entered; an error keeps the dialog open. */
    async store() {
        await this.props.save();
    }

    async save() {
        this.entry.problem = this.check();
        return !this.entry.problem && (await this.keep(() => this.store()));
    }

    async onSave() {
        if (await this.save()) {
            this.props.close();
        }
    }

    /** Whether the work was done; if not, the dialog says why. */
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
