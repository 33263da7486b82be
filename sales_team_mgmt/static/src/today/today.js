import {Component, onWillStart, useEffect, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {formatDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useBus, useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {mapUrl} from "../fields/map_link/map_link_field";
import {
    applyActions,
    countsOf,
    isSame,
    keyOf,
    localToday,
    mergeVisit,
    missingOf,
    nextStop,
    OPEN_STATES,
    tasksOf,
} from "./day";
import {CustomerDialog} from "./dialogs/customer_dialog";
import {FieldsDialog} from "./dialogs/fields_dialog";
import {LinesDialog} from "./dialogs/lines_dialog";
import {PhotoDialog} from "./dialogs/photo_dialog";
import {PositionDialog} from "./dialogs/position_dialog";
import {QuestionsDialog} from "./dialogs/questions_dialog";
import {kindLabel, TASK_ICONS, taskLabel} from "./labels";
import {newUuid} from "./queue";
import {QueueDialog} from "./queue_dialog";
import {RefusedAction, SyncState} from "./sync";

const {DateTime} = luxon;

const AWAKE_EVERY = 20000;

/**
 * Odoo's service worker answers for the page when there is no network, as long as it
 * remembers who is signed in; it keeps that in memory only, and a browser stops an idle
 * worker after half a minute. While this screen is open it is not idle.
 *
 * Hence the limits: loaded again without a network, the screen comes up (page, scripts,
 * menus and texts are cached, the day is ours) while a tab of Odoo was open a moment
 * ago. After the browser itself was closed, Odoo shows its page “offline” until there
 * is a network; what was entered is on the disk all the same and is sent then.
 */
function keepWorkerAwake() {
    browser.navigator.serviceWorker?.controller?.postMessage("stm_awake");
}

/**
 * The day of a salesperson: stops in order, the next one on top, and all that is done
 * there. Everything goes through the outbox, so that it works without a network.
 */
export class Today extends Component {
    static template = "sales_team_mgmt.Today";
    static components = {Layout, RefusedAction, SyncState};
    static props = {...standardActionServiceProps};

    setup() {
        this.outbox = useService("stm_outbox");
        this.queue = useState(this.outbox.state);
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.action = useService("action");
        this.state = useState({
            offset: 0,
            answer: null,
            at: null,
            isFresh: false,
            isLoading: false,
            error: "",
            selected: null,
            showsMore: false,
        });
        useBus(this.outbox.bus, "visit", ({detail}) => this.onVisit(detail));
        useBus(this.outbox.bus, "drained", () => this.load());
        useBus(this.outbox.bus, "refused", ({detail}) => this.onRefused(detail.action));
        onWillStart(() => this.show(0));
        useEffect(
            () => {
                const timer = browser.setInterval(keepWorkerAwake, AWAKE_EVERY);
                return () => browser.clearInterval(timer);
            },
            () => []
        );
    }

    // ------------------------------------------------------------
    // The day
    // ------------------------------------------------------------

    get days() {
        return [
            {offset: -1, label: _t("Yesterday")},
            {offset: 0, label: _t("Today")},
            {offset: 1, label: _t("Tomorrow")},
        ];
    }

    /** What is known at once, then what the server says. */
    async show(offset) {
        const day = localToday(offset);
        const kept = await this.outbox.keptDay(day);
        Object.assign(this.state, {
            offset,
            answer: kept?.answer || null,
            at: kept?.at || null,
            isFresh: false,
            error: "",
            selected: null,
        });
        const loading = this.load();
        if (!kept) {
            await loading;
        }
    }

    async load() {
        const {offset} = this.state;
        this.state.isLoading = true;
        const loaded = await this.outbox.loadDay(localToday(offset));
        if (offset !== this.state.offset) {
            return;
        }
        Object.assign(this.state, {
            answer: loaded.answer || this.state.answer,
            at: loaded.at || this.state.at,
            isFresh: Boolean(loaded.isFresh),
            error: loaded.error || "",
            isLoading: false,
        });
    }

    onVisit(visit) {
        const merged = this.state.answer && mergeVisit(this.state.answer, visit);
        if (merged) {
            this.state.answer = merged;
        }
    }

    get day() {
        return this.state.answer && applyActions(this.state.answer, this.queue.actions);
    }

    /** The stop that is shown large: the one tapped, else the next one. */
    current(day) {
        const {selected} = this.state;
        return (
            (selected && day.visits.find((visit) => isSame(visit, selected))) ||
            nextStop(day.visits) ||
            day.visits.at(-1)
        );
    }

    /** What the large card does not show. */
    others(day) {
        const current = this.current(day);
        return day.visits.filter((visit) => visit !== current);
    }

    /** Refused actions that belong to no visit of the day on the screen. */
    stray(day) {
        const shown = (day?.visits || []).flatMap((visit) => visit.refused);
        const uuids = shown.map((action) => action.uuid);
        return this.queue.actions.filter(
            (action) => action.state === "refused" && !uuids.includes(action.uuid)
        );
    }

    get counts() {
        return this.day && countsOf(this.day);
    }

    get age() {
        return this.state.at && formatDateTime(DateTime.fromISO(this.state.at));
    }

    select(visit) {
        this.state.selected = keyOf(visit);
        document.querySelector(".o_stm_today .o_stm_scroll")?.scrollTo({top: 0});
    }

    // ------------------------------------------------------------
    // Words and numbers of a visit
    // ------------------------------------------------------------

    time(moment) {
        return moment ? DateTime.fromISO(moment).toFormat("HH:mm") : "";
    }

    phoneUrl(visit) {
        return `tel:${visit.phone.replace(/[^\d+*#]/g, "")}`;
    }

    mapUrl(visit) {
        const place =
            visit.address ||
            (visit.latitude !== null && `${visit.latitude},${visit.longitude}`);
        return place ? mapUrl(place) : "";
    }

    status(visit) {
        const texts = {
            planned: _t("Planned"),
            started: _t("On Site"),
            done: _t("Done"),
            cancelled: visit.carriedTo ? _t("Carried Over") : _t("Cancelled"),
        };
        return texts[visit.state];
    }

    statusClass(visit) {
        const classes = {
            started: "text-bg-primary",
            done: "text-bg-success",
            cancelled: "text-bg-secondary",
        };
        return classes[visit.state] || "text-bg-light border";
    }

    verdict(visit) {
        const texts = {
            verified: _t("Verified"),
            outside: _t("Outside"),
            unverified: _t("Unverified"),
        };
        return texts[visit.verdict];
    }

    describe(task) {
        return {
            ...task,
            label: taskLabel(task.kind),
            icon: TASK_ICONS[task.kind] || "fa-check-square-o",
        };
    }

    tasks(visit) {
        return tasksOf(visit).map((task) => this.describe(task));
    }

    /** What the type of the visit does not ask for can be done all the same. */
    moreTasks(visit) {
        const asked = tasksOf(visit).map((task) => task.kind);
        return Object.keys(TASK_ICONS)
            .filter((kind) => !asked.includes(kind) && kind !== "questions")
            .map((kind) =>
                this.describe({kind, required: false, done: false, hint: ""})
            );
    }

    isOpen(visit) {
        return OPEN_STATES.includes(visit.state);
    }

    /** What helps at the customer; a visit made on the phone knows nothing of it yet. */
    briefing(visit) {
        return [
            [_t("Preparation"), visit.preparation],
            [_t("Promised and Still Open"), (visit.promises || []).join("\n")],
            ...(visit.profile || []).map(({label, text}) => [label, text]),
        ].filter(([, text]) => text);
    }

    written(visit) {
        return [
            [_t("Content"), visit.content],
            [_t("Result"), visit.result],
            [_t("Problems"), visit.problem],
            [_t("Next Step"), visit.next_step],
            [_t("Support Wanted"), visit.support_wanted],
        ].filter(([, text]) => text);
    }

    // ------------------------------------------------------------
    // Entering
    // ------------------------------------------------------------

    /** Everything entered goes this way: to the disk, then to the server. */
    add(visit, kind, data, more = {}) {
        return this.outbox.add({
            kind,
            visit: visit && (visit.uuid || visit.id),
            data,
            title: visit?.customer || "",
            ...more,
        });
    }

    /** On a phone a dialog hides the card: it says whom it is about. */
    openFields(visit, {intro = visit.customer, ...props}) {
        this.dialog.add(FieldsDialog, {intro, ...props});
    }

    // ---- check-in and check-out

    onMain(visit) {
        return visit.state === "started"
            ? this.onCheckOut(visit)
            : this.onCheckIn(visit);
    }

    canStart(visit) {
        return visit.state === "planned" && this.state.offset === 0;
    }

    onCheckIn(visit) {
        const here = this.day.visits.find((one) => one.state === "started");
        if (here) {
            this.notification.add(
                _t("You are checked in at %s. Check out there first.", here.customer),
                {type: "warning"}
            );
            this.select(here);
            return;
        }
        this.askPosition(visit, "check_in");
    }

    onCheckOut(visit) {
        const missing = missingOf(visit);
        if (missing.length) {
            const names = missing.map((task) => taskLabel(task.kind));
            this.notification.add(_t("Still open: %s", names), {type: "warning"});
            this.openTask(visit, missing[0].kind);
            return;
        }
        this.askPosition(visit, "check_out");
    }

    askPosition(visit, kind) {
        const {settings} = this.day;
        const isIn = kind === "check_in";
        const save = async (data, outlook, at) => {
            await this.add(visit, kind, data, {at});
            this.state.selected = isIn ? keyOf(visit) : null;
            if (isIn && outlook?.verdict === "verified") {
                this.notification.add(
                    _t(
                        "Checked in %(meters)s m from the address of the customer (±%(accuracy)s m).",
                        {meters: outlook.meters, accuracy: data.position.accuracy}
                    ),
                    {type: "success"}
                );
            }
        };
        const {consent} = settings;
        if (
            !settings.record_positions ||
            (consent && !consent.given && !consent.text)
        ) {
            // Nothing is recorded, or nobody has written down yet what to agree to.
            const error = settings.record_positions ? "no_consent" : "off";
            save({position: null, error, reason: null});
            return;
        }
        this.dialog.add(PositionDialog, {
            title: isIn ? _t("Check-in") : _t("Check-out"),
            saveLabel: isIn ? _t("Check In") : _t("Check Out"),
            visit,
            settings,
            needsReason: isIn,
            consent: () => this.add(null, "consent", {given: true}),
            save,
        });
    }

    // ---- what is done on site

    openTask(visit, kind, action = null) {
        const openers = {
            note: this.openNote,
            questions: this.openQuestions,
            photo: this.openPhoto,
            stock: this.openStock,
            competitor: this.openCompetitor,
            order: this.openOrder,
            collection: this.openCollection,
            promise: this.openPromise,
            next_step: this.openNextStep,
            next_visit: this.openNextVisit,
            cancel: this.openCancel,
            carry_over: this.openCarryOver,
            call: this.openCall,
        };
        const opener = openers[kind];
        if (opener) {
            opener.call(this, visit, action);
        } else {
            this.notification.add(
                _t("This step cannot be done here. Open the visit to do it."),
                {type: "warning"}
            );
        }
    }

    /** A new action, or the refused one with what was mended. */
    saver(visit, kind, action) {
        return (data, file) =>
            action
                ? this.outbox.mend(action, data, file)
                : this.add(
                      visit,
                      kind,
                      data,
                      file ? {file, fileField: "image"} : undefined
                  );
    }

    openNote(visit, action) {
        const known = {...visit, ...(action?.data || {})};
        const area = (name, label, required, placeholder) => ({
            name,
            label,
            required,
            placeholder,
            type: "textarea",
            value: known[name] || "",
        });
        this.openFields(visit, {
            title: _t("What Came of It"),
            fields: [
                area("content", _t("Content"), true, _t("What was talked about")),
                area("result", _t("Result"), true),
                area("problem", _t("Problems"), true, _t("“none” is an answer too")),
                area("next_step", _t("Next Step")),
                area("support_wanted", _t("Support Wanted")),
            ],
            save: this.saver(visit, "note", action),
        });
    }

    openQuestions(visit) {
        this.dialog.add(QuestionsDialog, {
            questions: visit.questions,
            photoPx: this.day.settings.photo_px,
            save: async (given) => {
                for (const {question, value, file} of given) {
                    const data = {answer_id: question.id, value: file ? null : value};
                    const more = file ? {file, fileField: "value"} : {};
                    await this.add(visit, "answer", data, more);
                }
            },
        });
    }

    async openPhoto(visit, action) {
        const image = action && (await this.outbox.file(action));
        const hint = visit.actions.find((one) => one.kind === "photo")?.hint;
        this.dialog.add(PhotoDialog, {
            customer: visit.customer,
            hint: hint || "",
            label: action?.data.label || "",
            image: image || "",
            photoPx: this.day.settings.photo_px,
            save: this.saver(visit, "photo", action),
        });
    }

    /** The count that is still waiting, so that it can be gone on with. */
    lastCount(visit) {
        return this.queue.actions.findLast(
            (action) => action.kind === "stock" && isSame(visit, action.visit)
        )?.data.lines;
    }

    openStock(visit, action) {
        this.dialog.add(LinesDialog, {
            title: _t("Stock Count"),
            isOrder: false,
            products: this.day.products,
            lines: action?.data.lines || this.lastCount(visit) || [],
            save: this.saver(visit, "stock", action),
        });
    }

    openOrder(visit, action) {
        this.dialog.add(LinesDialog, {
            title: _t("Order"),
            isOrder: true,
            products: this.day.products,
            lines: action?.data.lines || [],
            note: action?.data.note || "",
            save: this.saver(visit, "order", action),
        });
    }

    openCompetitor(visit, action) {
        const known = action?.data || {};
        this.openFields(visit, {
            title: _t("Competitor"),
            fields: [
                {name: "name", label: _t("Competitor"), type: "text", required: true},
                {name: "product", label: _t("Product"), type: "text"},
                {name: "price", label: _t("Price"), type: "number", minimum: 0},
                {name: "promotion", label: _t("Promotion"), type: "text"},
                {name: "note", label: _t("Note"), type: "textarea"},
            ].map((field) => ({...field, value: known[field.name] ?? ""})),
            save: this.saver(visit, "competitor", action),
        });
    }

    openCollection(visit, action) {
        const known = action?.data || {date: localToday()};
        this.openFields(visit, {
            title: _t("Payment Agreed"),
            fields: [
                {
                    name: "amount",
                    label: _t("Amount"),
                    type: "number",
                    required: true,
                    minimum: 0,
                },
                {name: "date", label: _t("Due On"), type: "date", required: true},
                {name: "note", label: _t("Note"), type: "textarea"},
            ].map((field) => ({...field, value: known[field.name] ?? ""})),
            save: this.saver(visit, "collection", action),
        });
    }

    openPromise(visit, action) {
        const known = action?.data || {date: localToday(1)};
        this.openFields(visit, {
            title: _t("Promise to the Customer"),
            fields: [
                {
                    name: "name",
                    label: _t("What Was Promised"),
                    type: "text",
                    required: true,
                },
                {name: "date", label: _t("Due On"), type: "date", required: true},
            ].map((field) => ({...field, value: known[field.name] ?? ""})),
            save: this.saver(visit, "promise", action),
        });
    }

    openNextStep(visit) {
        this.openFields(visit, {
            title: _t("Next Step"),
            fields: [
                {
                    name: "next_step",
                    label: _t("Next Step"),
                    type: "textarea",
                    required: true,
                    value: visit.next_step || "",
                },
                {
                    name: "start",
                    label: _t("Next Visit (if agreed)"),
                    type: "datetime",
                },
            ],
            save: async ({next_step, start}) => {
                await this.add(visit, "note", {next_step});
                if (start) {
                    await this.add(visit, "next_visit", {start, purpose: next_step});
                }
            },
        });
    }

    openNextVisit(visit, action) {
        const start = action?.data.start
            ? DateTime.fromISO(action.data.start)
            : DateTime.now().plus({weeks: 1}).startOf("hour");
        this.openFields(visit, {
            title: _t("Next Visit"),
            fields: [
                {
                    name: "start",
                    label: _t("Start"),
                    type: "datetime",
                    required: true,
                    value: start.toFormat("yyyy-MM-dd'T'HH:mm"),
                },
                {
                    name: "purpose",
                    label: _t("Purpose"),
                    type: "text",
                    value: action?.data.purpose || "",
                },
            ],
            save: this.saver(visit, "next_visit", action),
        });
    }

    openCancel(visit, action) {
        this.openFields(visit, {
            title: _t("Call Off Visit"),
            saveLabel: _t("Call Off"),
            fields: [
                {
                    name: "reason",
                    label: _t("Reason"),
                    type: "textarea",
                    required: true,
                    value: action?.data.reason || "",
                },
            ],
            save: this.saver(visit, "cancel", action),
        });
    }

    openCarryOver(visit, action) {
        this.openFields(visit, {
            title: _t("Carry Over"),
            saveLabel: _t("Carry Over"),
            fields: [
                {
                    name: "date",
                    label: _t("To Which Day"),
                    type: "date",
                    required: true,
                    minimum: localToday(),
                    value: action?.data.date || localToday(1),
                },
            ],
            save: this.saver(visit, "carry_over", action),
        });
    }

    openCall(visit, action) {
        this.openFields(visit, {
            title: _t("Phone Call"),
            fields: [
                {
                    name: "note",
                    label: _t("What Was Said on the Phone"),
                    type: "textarea",
                    required: true,
                    value: action?.data.note || "",
                },
            ],
            save: ({note}) => {
                const partner_id = action?.data.partner_id || visit.partner_id;
                return this.saver(visit, "call", action)({partner_id, note});
            },
        });
    }

    openOffPlan() {
        this.dialog.add(CustomerDialog, {
            customers: this.day.customers,
            types: this.day.types,
            save: async (data, customer) => {
                const visit = newUuid();
                await this.outbox.add({
                    kind: "create",
                    visit,
                    data,
                    title: customer.name,
                });
                this.state.selected = visit;
            },
        });
    }

    openOrderRecord(order) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "sale.order",
            res_id: order.id,
            views: [[false, "form"]],
        });
    }

    openVisitRecord(visit) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "stm.visit",
            res_id: visit.id,
            views: [[false, "form"]],
        });
    }

    // ------------------------------------------------------------
    // What the server refused
    // ------------------------------------------------------------

    onRefused(action) {
        if (action.needs === "reason") {
            this.mend(action);
            return;
        }
        const current = this.day && this.current(this.day);
        if (current && isSame(current, action.visit)) {
            // It stands on the card in front of the person.
            return;
        }
        this.notification.add(action.message, {
            type: "danger",
            title: kindLabel(action.kind),
        });
    }

    /** The visit of a refused action, or what is known of it when the day is not shown. */
    visitOf(action) {
        const known = this.day?.visits.find((visit) => isSame(visit, action.visit));
        return (
            known || {
                id: action.visit,
                uuid: null,
                customer: action.title,
                partner_id: action.data.partner_id,
                actions: [],
                questions: [],
            }
        );
    }

    mend(action) {
        if (action.needs === "reason") {
            this.openFields(this.visitOf(action), {
                title: action.title || _t("Check-in"),
                intro: action.verdict_note || action.message,
                saveLabel: _t("Check In"),
                fields: [
                    {
                        name: "reason",
                        label: _t("Reason"),
                        type: "textarea",
                        required: true,
                        value: action.data.reason || "",
                    },
                ],
                save: ({reason}) => this.outbox.mend(action, {...action.data, reason}),
            });
        } else if (this.canMend(action)) {
            this.openTask(this.visitOf(action), action.kind, action);
        } else {
            this.outbox.mend(action);
        }
    }

    /** The others hold nothing that could be written differently: they are tried again. */
    canMend(action) {
        return !["create", "check_in", "check_out", "answer", "consent"].includes(
            action.kind
        );
    }

    discard(action) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Discard What Was Entered?"),
            body: _t(
                "%(kind)s, %(customer)s: the server has not taken this, and it is kept on this device only. Discarded, it is gone.",
                {kind: kindLabel(action.kind), customer: action.title || user.name}
            ),
            confirmLabel: _t("Discard"),
            confirmClass: "btn-danger",
            confirm: () => this.outbox.discard(action),
            cancelLabel: _t("Keep"),
            cancel: () => true,
        });
    }

    openQueue() {
        this.dialog.add(QueueDialog, {
            mend: (action) => this.mend(action),
            discard: (action) => this.discard(action),
        });
    }
}

registry.category("actions").add("stm_today", Today);
