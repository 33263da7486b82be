/*
 * A day on the screen: what the server said last, with what was entered since on top.
 * Nothing here touches the screen, the disk or the network.
 */

import {user} from "@web/core/user";

const {DateTime} = luxon;

/** Visits that can still be worked on. */
export const OPEN_STATES = ["planned", "started"];

/** What must be written down before a visit can be finished. */
export const REQUIRED_TEXTS = ["content", "result", "problem"];

/** What each kind of action ticks off in the list of a visit type. */
const TICKS = {
    photo: "photo",
    stock: "stock",
    competitor: "competitor",
    order: "order",
    collection: "collection",
    promise: "promise",
    next_visit: "next_step",
};

/**
 * @param {Number} [offset] in days
 * @returns {String} the day where the person lives, as the server reckons
 */
export function localToday(offset = 0) {
    return DateTime.now()
        .setZone(user.tz || "local")
        .plus({days: offset})
        .toISODate();
}

function localDay(moment) {
    return DateTime.fromISO(moment)
        .setZone(user.tz || "local")
        .toISODate();
}

/**
 * The name by which actions speak of a visit: its own uuid if it was made on a phone.
 *
 * @param {Object} visit
 * @returns {String}
 */
export function keyOf(visit) {
    return String(visit.uuid || visit.id);
}

export function isSame(visit, key) {
    return String(visit.id) === String(key) || visit.uuid === String(key);
}

/**
 * @param {Object} answer of the server for a day
 * @param {Object} visit the same visit at a later moment, or what changed of it
 * @returns {Object|null} the answer with it, null if it is no visit of that day
 */
export function mergeVisit(answer, visit) {
    const known = answer.visits.some((one) => one.id === visit.id);
    if (!known && (!visit.start || localDay(visit.start) !== answer.day)) {
        return null;
    }
    const visits = answer.visits.map((one) =>
        one.id === visit.id ? {...one, ...visit} : one
    );
    return {...answer, visits: known ? visits : [...visits, visit]};
}

export function isAnswered(question) {
    const {value} = question;
    return value !== null && value !== undefined && value !== false && value !== "";
}

function isTextWritten(visit) {
    return REQUIRED_TEXTS.every((name) => (visit[name] || "").trim());
}

function tick(visit, kind) {
    for (const action of visit.actions) {
        if (action.kind === kind) {
            action.done = true;
        }
    }
}

function whereabouts({phone, address, latitude, longitude}) {
    return {
        phone: phone || "",
        address: address || "",
        latitude: latitude ?? null,
        longitude: longitude ?? null,
    };
}

function newVisit(answer, action) {
    const {partner_id, type_id, purpose, start} = action.data;
    const customer = answer.customers.find((one) => one.id === partner_id) || {};
    const type =
        answer.types.find((one) => one.id === type_id) ||
        answer.types.find((one) => one.default);
    const sequences = answer.visits.map((visit) => visit.sequence);
    return {
        id: null,
        uuid: action.visit,
        partner_id,
        customer: customer.name || action.title,
        contact: "",
        ...whereabouts(customer),
        start: start || action.at,
        minutes_planned: 60,
        state: "planned",
        sequence: Math.max(0, ...sequences) + 1,
        type_id: type?.id || null,
        preparation: type?.preparation || null,
        purpose: purpose || "",
        planned: false,
        check_in: null,
        check_out: null,
        actions: (type?.actions || []).map((one) => ({...one, done: false})),
        questions: [],
        photos: [],
        order_ids: [],
        waiting: 0,
        refused: [],
    };
}

/** How each kind of action changes its visit before the server has said so. */
const EFFECTS = {
    check_in(visit, action) {
        visit.state = "started";
        visit.check_in = action.at;
    },
    check_out(visit, action) {
        visit.state = "done";
        visit.check_out = action.at;
    },
    note(visit, action) {
        Object.assign(visit, action.data);
        if (isTextWritten(visit)) {
            tick(visit, "note");
        }
        if ((visit.next_step || "").trim()) {
            tick(visit, "next_step");
        }
    },
    answer(visit, action) {
        const {answer_id, value} = action.data;
        const question = visit.questions.find((one) => one.id === answer_id);
        if (question) {
            question.value = action.fileField ? true : value;
        }
        if (visit.questions.every((one) => !one.required || isAnswered(one))) {
            tick(visit, "questions");
        }
    },
    photo(visit, action) {
        const {label, taken_at} = action.data;
        visit.photos.push({id: action.uuid, label, taken_at, isWaiting: true});
    },
    order(visit, action) {
        visit.order_ids.push({id: action.uuid, name: "", isWaiting: true});
    },
    cancel(visit) {
        visit.state = "cancelled";
    },
    carry_over(visit, action) {
        visit.state = "cancelled";
        visit.carriedTo = action.data.date;
    },
};

function applyOne(day, action) {
    if (action.kind === "consent") {
        if (day.settings.consent) {
            day.settings.consent.given = action.data.given;
        }
        return;
    }
    const isNew =
        action.kind === "create" &&
        !day.visits.some((visit) => isSame(visit, action.visit)) &&
        localDay(action.data.start || action.at) === day.day;
    if (isNew) {
        day.visits.push(newVisit(day, action));
    }
    const visit = day.visits.find((one) => isSame(one, action.visit));
    if (!visit) {
        return;
    }
    visit.waiting = (visit.waiting || 0) + 1;
    EFFECTS[action.kind]?.(visit, action);
    if (TICKS[action.kind]) {
        tick(visit, TICKS[action.kind]);
    }
}

/** @returns {Object} answer, copied as deep as it is changed */
function copyDay(answer) {
    return {
        ...answer,
        settings: {
            ...answer.settings,
            consent: answer.settings.consent && {...answer.settings.consent},
        },
        visits: answer.visits.map((visit) => ({
            ...visit,
            actions: (visit.actions || []).map((one) => ({...one})),
            questions: (visit.questions || []).map((one) => ({...one})),
            photos: [...(visit.photos || [])],
            order_ids: [...(visit.order_ids || [])],
            waiting: 0,
            refused: [],
        })),
    };
}

function compareStart(one, two) {
    return (one.start || "").localeCompare(two.start || "");
}

/**
 * The day with what is still to be sent. A refused action changes nothing: its visit
 * carries it along for the person to mend.
 *
 * @param {Object} answer of the server
 * @param {Object[]} actions in the order they were entered
 * @returns {Object}
 */
export function applyActions(answer, actions) {
    const day = copyDay(answer);
    for (const action of actions) {
        if (action.state !== "refused") {
            applyOne(day, action);
            continue;
        }
        let visit = day.visits.find((one) => isSame(one, action.visit));
        if (!visit && action.kind === "create") {
            // Without it, what was entered for the visit would be out of sight.
            visit = newVisit(day, action);
            day.visits.push(visit);
        }
        visit?.refused.push(action);
    }
    day.visits.sort(
        (one, two) => one.sequence - two.sequence || compareStart(one, two)
    );
    return day;
}

/**
 * The stop to go to: where one is, else the first that is still planned.
 *
 * @param {Object[]} visits in order
 * @returns {Object|undefined}
 */
export function nextStop(visits) {
    return (
        visits.find((visit) => visit.state === "started") ||
        visits.find((visit) => visit.state === "planned")
    );
}

/**
 * What a visit asks for, the written note and the questions always among it.
 *
 * @param {Object} visit
 * @returns {Object[]} {kind, required, done, hint}
 */
export function tasksOf(visit) {
    const tasks = visit.actions.map((action) => ({...action}));
    const note = tasks.find((task) => task.kind === "note");
    if (note) {
        note.required = true;
        note.done = Boolean(isTextWritten(visit));
    } else {
        tasks.unshift({
            kind: "note",
            required: true,
            done: Boolean(isTextWritten(visit)),
            hint: "",
        });
    }
    if (visit.questions.length) {
        const required = visit.questions.filter((one) => one.required);
        const asked = required.length ? required : visit.questions;
        const task = {
            kind: "questions",
            required: required.length > 0,
            done: asked.every(isAnswered),
            hint: "",
        };
        const index = tasks.findIndex((one) => one.kind === "questions");
        if (index < 0) {
            tasks.splice(1, 0, task);
        } else {
            tasks[index] = {...tasks[index], ...task};
        }
    }
    return tasks;
}

/** @returns {Object[]} the tasks without which the visit cannot be finished */
export function missingOf(visit) {
    return tasksOf(visit).filter((task) => task.required && !task.done);
}

export function countsOf(day) {
    const visits = day.visits.filter((visit) => visit.state !== "cancelled");
    return {
        ...day.counts,
        planned: visits.length,
        done: visits.filter((visit) => visit.state === "done").length,
    };
}
