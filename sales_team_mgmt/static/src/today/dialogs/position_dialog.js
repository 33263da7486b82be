import {onWillUnmount, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {foresee, positionSentence, readPosition} from "../position";
import {utc} from "../queue";
import {EntryDialog} from "./entry_dialog";

/**
 * Where one is, at check-in and check-out. It never fails in silence and never locks
 * out: each failure says what to do, and one may go on without, with a reason.
 */
export class PositionDialog extends EntryDialog {
    static template = "sales_team_mgmt.TodayPositionDialog";
    static props = {
        ...EntryDialog.props,
        title: String,
        saveLabel: String,
        visit: Object,
        settings: Object,
        needsReason: Boolean,
        consent: Function,
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

    check() {
        return this.needsReason && !this.state.reason.trim()
            ? _t("Write a few words on the reason, then go on.")
            : "";
    }

    store() {
        const {outlook, reading, reason, at} = this.state;
        const data = {...reading, reason: reason.trim() || null};
        return this.props.save(data, outlook, at);
    }
}
