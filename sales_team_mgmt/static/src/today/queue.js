/*
 * The order of sending, without a browser: what may go next, and what waits for what.
 */

/**
 * A client-made UUID4; `crypto.randomUUID` exists on https only.
 *
 * @returns {String}
 */
export function newUuid() {
    if (crypto.randomUUID) {
        return crypto.randomUUID();
    }
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] % 16) + 64;
    bytes[8] = (bytes[8] % 64) + 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [
        hex.slice(0, 8),
        hex.slice(8, 12),
        hex.slice(12, 16),
        hex.slice(16, 20),
        hex.slice(20),
    ].join("-");
}

/**
 * Moments as the server reads them: UTC, whole seconds.
 *
 * @param {Date} [date]
 * @returns {String}
 */
export function utc(date = new Date()) {
    return `${date.toISOString().slice(0, 19)}Z`;
}

/**
 * The oldest action that may go. What was refused, or is not due again yet, holds back
 * the later actions of its own visit and nothing else.
 *
 * @param {Object[]} actions in the order they were entered
 * @param {Set} tried uuids that have had their turn in this round
 * @param {Number} now milliseconds
 * @returns {Object|null}
 */
export function nextToSend(actions, tried, now) {
    const held = new Set();
    for (const action of actions) {
        const visit = action.visit && String(action.visit);
        if (visit && held.has(visit)) {
            continue;
        }
        const waits =
            action.state === "refused" ||
            tried.has(action.uuid) ||
            (action.nextTry || 0) > now;
        if (!waits) {
            return action;
        }
        if (visit) {
            held.add(visit);
        }
    }
    return null;
}

/**
 * Seconds until the next attempt: 30 s at first, then less and less often.
 *
 * @param {Number} failures in a row
 * @returns {Number}
 */
export function pause(failures) {
    return Math.min(300, 30 * 2 ** Math.max(0, failures - 1));
}

/**
 * What goes to the server of an action.
 *
 * @param {Object} action
 * @param {String} [file] base64
 * @returns {Object}
 */
export function payload(action, file) {
    const {uuid, kind, visit, at, data, fileField} = action;
    return {
        uuid,
        kind,
        visit: visit || false,
        at,
        data: fileField ? {...data, [fileField]: file || ""} : data,
    };
}
