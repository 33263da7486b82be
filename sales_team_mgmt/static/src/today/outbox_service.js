import {EventBus, reactive} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {ConnectionLostError, rpc, rpcBus} from "@web/core/network/rpc";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {session} from "@web/session";
import {localToday, mergeVisit} from "./day";
import {newUuid, nextToSend, pause, payload, utc} from "./queue";
import {StorageFullError, openStorage} from "./storage";

/** Days of which the last answer of the server is kept: a working week and some. */
const DAYS_KEPT = 10;

/**
 * What was entered and not yet sent, and the one sender of it.
 *
 * Everything goes to the disk first and to the server after that, one action at a time
 * and in order, so that a refusal can hold back what builds upon it. A replay is
 * harmless: the server knows the uuid of every action that it has carried out.
 *
 * Events of `bus`: "sent" {action, result}, "refused" {action, result}, "drained".
 */
export class Outbox {
    constructor({orm, userId, name}) {
        this.orm = orm;
        this.storage = null;
        this.userId = userId;
        this.name = name;
        this.bus = new EventBus();
        this.state = reactive({
            actions: [],
            isOnline: browser.navigator.onLine !== false,
            isSending: false,
            isSignedOut: false,
            isLasting: true,
        });
        this.failures = 0;
        this.timer = null;
        this.sending = null;
        this.again = false;
        this.channel = browser.BroadcastChannel && new browser.BroadcastChannel(name);
        // The web client must not wait for the disk of a phone.
        this.ready = this.open();
    }

    async open() {
        this.storage = await openStorage(this.name);
        this.state.isLasting = this.storage.isLasting;
        await this.refresh();
        if (this.channel) {
            this.channel.onmessage = () => this.refresh();
        }
    }

    // ------------------------------------------------------------
    // What was entered
    // ------------------------------------------------------------

    get waiting() {
        return this.state.actions.filter((action) => action.state !== "refused");
    }

    get refused() {
        return this.state.actions.filter((action) => action.state === "refused");
    }

    async refresh() {
        this.state.actions = await this.storage.list();
    }

    /** Tell the other tabs, and this one. */
    async changed() {
        await this.refresh();
        this.channel?.postMessage("changed");
    }

    /**
     * Keep an action; it is on the disk when this resolves.
     *
     * @param {Object} entry
     * @param {String} entry.kind
     * @param {Number|String} [entry.visit] id or uuid
     * @param {Object} entry.data
     * @param {String} [entry.file] base64
     * @param {String} [entry.fileField] name of the file in data
     * @param {String} [entry.title] what to call it on the screen
     * @param {String} [entry.at] when it happened, if that was not just now
     * @returns {Promise<Object>} the action
     */
    async add({kind, visit, data, file, fileField, title, at}) {
        const action = {
            uuid: newUuid(),
            kind,
            visit: visit || null,
            at: at || utc(),
            data,
            title: title || "",
            fileField: fileField || null,
            state: "waiting",
            tries: 0,
        };
        await this.ready;
        await this.storage.put(action, file);
        this.keepForGood();
        await this.changed();
        this.flush();
        return action;
    }

    /**
     * Try a refused action once more, mended or as it was. The moment of the deed stays.
     *
     * @param {Object} action
     * @param {Object} [data] the mended data
     * @param {String} [file] the new picture
     */
    async mend(action, data, file) {
        const kept =
            file || (action.fileField && (await this.storage.file(action.uuid)));
        const {seq, kind, visit, at, title, fileField} = action;
        const mended = {
            seq,
            kind,
            visit,
            at,
            title,
            fileField,
            uuid: newUuid(),
            data: data || action.data,
            state: "waiting",
            tries: 0,
        };
        await this.storage.replace(mended, action.uuid, kept);
        await this.changed();
        this.flush();
    }

    /** Ask the browser not to clear this storage when it runs short of space. */
    keepForGood() {
        if (!this.isKept && browser.navigator.storage?.persist) {
            this.isKept = true;
            browser.navigator.storage.persist().catch(() => {
                this.isKept = false;
            });
        }
    }

    async discard(action) {
        await this.storage.remove(action);
        await this.changed();
        this.flush();
    }

    /** Send what failed now, without waiting for its turn. */
    async retry() {
        for (const action of this.waiting.filter((entry) => entry.nextTry)) {
            await this.storage.put({...action, nextTry: 0});
        }
        this.failures = 0;
        await this.refresh();
        return this.flush();
    }

    file(action) {
        return this.storage.file(action.uuid);
    }

    // ------------------------------------------------------------
    // Sending
    // ------------------------------------------------------------

    start() {
        browser.addEventListener("online", () => this.setOnline(true));
        browser.addEventListener("offline", () => this.setOnline(false));
        document.addEventListener("visibilitychange", () => {
            if (document.visibilityState === "visible") {
                this.flush();
            }
        });
        // Whatever else the web client asks tells whether there is a network.
        rpcBus.addEventListener("RPC:RESPONSE", ({detail}) => {
            if (detail.error instanceof ConnectionLostError) {
                this.state.isOnline = false;
            } else if (
                !this.state.isOnline &&
                !this.sending &&
                browser.navigator.onLine !== false
            ) {
                this.setOnline(true);
            }
        });
        this.flush();
    }

    setOnline(isOnline) {
        this.state.isOnline = isOnline;
        if (isOnline) {
            this.failures = 0;
            this.flush();
        }
    }

    /**
     * Send what can be sent. Called again meanwhile, it looks once more at the end.
     *
     * @returns {Promise} resolves when nothing is left to send now
     */
    async flush() {
        if (this.sending) {
            this.again = true;
            return this.sending;
        }
        this.sending = this.ready.then(() => this.sendAll());
        try {
            await this.sending;
        } catch (error) {
            // The disk failed, not the network: nothing is lost, the next turn tries.
            console.error(error);
        } finally {
            this.sending = null;
            this.schedule();
        }
        if (this.again) {
            // Asked for at the very end, too late to be seen.
            this.again = false;
            await this.flush();
        }
    }

    async sendAll() {
        do {
            this.again = false;
            await this.alone(() => this.sendRound());
        } while (this.again && this.state.isOnline);
    }

    /**
     * One sender at a time over all tabs. Where the browser has no locks, two tabs may
     * send the same action; the server carries it out once.
     *
     * @param {Function} work
     */
    async alone(work) {
        const locks = browser.navigator.locks;
        if (!locks) {
            return work();
        }
        return locks.request(this.name, {ifAvailable: true}, (lock) => lock && work());
    }

    async sendRound() {
        const tried = new Set();
        await this.refresh();
        let action = nextToSend(this.state.actions, tried, Date.now());
        if (!action || browser.navigator.onLine === false) {
            return;
        }
        this.state.isSending = true;
        try {
            while (action) {
                tried.add(action.uuid);
                const goesOn = await this.send(action);
                await this.changed();
                action = goesOn && nextToSend(this.state.actions, tried, Date.now());
            }
        } finally {
            this.state.isSending = false;
        }
        this.bus.trigger("drained");
    }

    /**
     * @param {Object} action
     * @returns {Promise<Boolean>} whether to go on with the next one
     */
    async send(action) {
        const file = action.fileField ? await this.storage.file(action.uuid) : null;
        let result = null;
        try {
            const results = await this.orm.silent.call(
                "stm.visit",
                "stm_send",
                [[payload(action, file)]],
                {sent_at: utc(), context: {stm_user_id: this.userId}}
            );
            result = results[0];
        } catch (error) {
            return this.failed(action, error);
        }
        this.state.isOnline = true;
        this.state.isSignedOut = false;
        this.failures = 0;
        if (result.state === "done" || result.state === "known") {
            await this.keepVisit(result.visit);
            await this.storage.remove(action);
            this.bus.trigger("sent", {action, result});
        } else if (result.state === "refused") {
            const {message, needs, verdict, verdict_note} = result;
            const refused = {
                ...action,
                state: "refused",
                message,
                needs,
                verdict,
                verdict_note,
            };
            await this.storage.put(refused);
            this.bus.trigger("refused", {action: refused, result});
        } else {
            await this.postpone(action, result.message);
        }
        return true;
    }

    /**
     * The call itself failed: no network, nobody signed in, or an error of the server.
     *
     * @returns {Promise<Boolean>} whether to go on with the next action
     */
    async failed(action, error) {
        if (error instanceof ConnectionLostError) {
            // A picture that a proxy finds too big looks the same as no network.
            if (!action.fileField || !(await this.isReachable())) {
                this.state.isOnline = false;
                this.failures++;
                return false;
            }
            await this.postpone(action, _t("The server did not take this picture."));
            return true;
        }
        if (error.exceptionName === "odoo.http.SessionExpiredException") {
            this.state.isSignedOut = true;
            this.failures++;
            return false;
        }
        await this.postpone(action, error.data?.message || error.message);
        return true;
    }

    async isReachable() {
        try {
            await rpc("/web/webclient/version_info", {}, {silent: true});
            return true;
        } catch {
            return false;
        }
    }

    async postpone(action, message) {
        const tries = action.tries + 1;
        const nextTry = Date.now() + pause(tries) * 1000;
        await this.storage.put({...action, tries, nextTry, message: message || ""});
    }

    schedule() {
        browser.clearTimeout(this.timer);
        if (this.waiting.length) {
            const seconds = pause(this.failures);
            this.timer = browser.setTimeout(() => this.flush(), seconds * 1000);
        }
    }

    // ------------------------------------------------------------
    // What the server said last
    // ------------------------------------------------------------

    /** The visit as the server sees it after an action, put into the days kept here. */
    async keepVisit(visit) {
        if (!visit) {
            return;
        }
        for (let offset = -1; offset <= 1; offset++) {
            const day = localToday(offset);
            const kept = await this.storage.day(day);
            const merged = kept && mergeVisit(kept.answer, visit);
            if (merged) {
                await this.storage.putDay(day, {...kept, answer: merged});
            }
        }
        this.bus.trigger("visit", visit);
    }

    /**
     * The day as the server sees it; without a network as it saw it last.
     *
     * @param {String} day YYYY-MM-DD
     * @returns {Promise<Object>} {answer, at, isFresh, error}; answer is null if unknown
     */
    async loadDay(day) {
        await this.ready;
        try {
            const answer = await this.orm.silent.call("stm.visit", "stm_today", [], {
                day,
            });
            if (answer.user.id !== this.userId) {
                return {
                    answer: null,
                    error: _t(
                        "Somebody else has signed in on this device. Load the page again."
                    ),
                };
            }
            const kept = {answer, at: utc()};
            await this.keepDay(day, kept);
            return {...kept, isFresh: true};
        } catch (error) {
            const kept = await this.storage.day(day);
            if (!(error instanceof ConnectionLostError)) {
                return {
                    answer: null,
                    ...kept,
                    error: error.data?.message || error.message,
                };
            }
            this.state.isOnline = false;
            return kept ? {...kept, isFresh: false} : {answer: null};
        }
    }

    async keptDay(day) {
        await this.ready;
        return this.storage.day(day);
    }

    async keepDay(day, kept) {
        try {
            await this.storage.putDay(day, kept);
            const days = [];
            for (let offset = -DAYS_KEPT; offset <= DAYS_KEPT; offset++) {
                days.push(localToday(offset));
            }
            await this.storage.pruneDays(days);
        } catch (error) {
            // A full disk costs the copy of the day only, never what was entered.
            if (!(error instanceof StorageFullError)) {
                console.error(error);
            }
        }
    }
}

export const outboxService = {
    dependencies: ["orm"],
    start(env, {orm}) {
        const name = `stm_outbox_${session.db}_${user.userId}`;
        const outbox = new Outbox({orm, userId: user.userId, name});
        outbox.start();
        return outbox;
    },
};

registry.category("services").add("stm_outbox", outboxService);
