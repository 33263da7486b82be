import {_t} from "@web/core/l10n/translation";

/** Milliseconds to wait for a position. */
const PATIENCE = 15000;

/** What the browser may answer to a question that was never put: nothing. */
const LAST_RESORT = 5000;

const CODES = {1: "denied", 2: "unavailable", 3: "timeout"};

/** Meters of a degree of latitude: a sphere with the mean radius of the earth. */
const EARTH = 6371008.8;

function radians(degrees) {
    return (degrees * Math.PI) / 180;
}

/**
 * Great-circle distance, as the server computes it.
 *
 * @returns {Number} meters
 */
export function distance(lat1, lon1, lat2, lon2) {
    const a =
        Math.sin(radians(lat2 - lat1) / 2) ** 2 +
        Math.cos(radians(lat1)) *
            Math.cos(radians(lat2)) *
            Math.sin(radians(lon2 - lon1) / 2) ** 2;
    return 2 * EARTH * Math.asin(Math.sqrt(Math.min(1, a)));
}

function toPosition({coords, timestamp}) {
    return {
        latitude: coords.latitude,
        longitude: coords.longitude,
        accuracy: Math.round(coords.accuracy),
        at: `${new Date(timestamp).toISOString().slice(0, 19)}Z`,
    };
}

/**
 * A fresh position, never one from a cache. When the first fix is coarser than the
 * company asks for, better ones are awaited as long as the patience lasts.
 *
 * @param {Object} options
 * @param {Number} options.accuracy meters that are good enough
 * @param {Function} options.onProgress gets each position as it comes in
 * @returns {Object} {promise of {position, error}, cancel()}
 */
export function readPosition({accuracy, onProgress}) {
    const geolocation = navigator.geolocation;
    if (!geolocation || window.isSecureContext === false) {
        const unsupported = {position: null, error: "unsupported"};
        return {promise: Promise.resolve(unsupported), cancel() {}};
    }
    const options = {enableHighAccuracy: true, maximumAge: 0, timeout: PATIENCE};
    const started = Date.now();
    const timers = [];
    let best = null;
    let watch = null;
    let finish = null;
    const promise = new Promise((resolve) => {
        finish = (error) => {
            timers.forEach((timer) => clearTimeout(timer));
            if (watch !== null) {
                geolocation.clearWatch(watch);
                watch = null;
            }
            resolve({position: best, error: best ? null : error});
        };
        const onError = (error) => finish(CODES[error.code] || "unavailable");
        const onFix = (fix) => {
            const position = toPosition(fix);
            if (!best || position.accuracy < best.accuracy) {
                best = position;
            }
            onProgress?.(best);
            const left = PATIENCE - (Date.now() - started);
            if (best.accuracy <= accuracy || left <= 0 || !geolocation.watchPosition) {
                finish();
            } else if (watch === null) {
                watch = geolocation.watchPosition(onFix, onError, options);
                timers.push(setTimeout(finish, left));
            }
        };
        // While the browser asks for permission its own timeout does not run.
        timers.push(setTimeout(() => finish("timeout"), PATIENCE + LAST_RESORT));
        geolocation.getCurrentPosition(onFix, onError, options);
    });
    return {promise, cancel: () => finish("timeout")};
}

/**
 * What the server will probably say, so that the reason is asked for on the spot. The
 * verdict itself is the server's.
 *
 * @param {Object} reading {position, error}
 * @param {Object} visit
 * @param {Object} settings of the company
 * @returns {Object} {verdict, problem, meters}
 */
export function foresee(reading, visit, settings) {
    const {position, error} = reading;
    if (!position) {
        return {verdict: "unverified", problem: error};
    }
    if (Date.now() - new Date(position.at).getTime() > settings.age * 1000) {
        return {verdict: "unverified", problem: "stale"};
    }
    if (position.accuracy > settings.accuracy) {
        return {verdict: "unverified", problem: "inexact"};
    }
    if (visit.latitude === null || visit.longitude === null) {
        return {verdict: "unverified", problem: "no_coordinates"};
    }
    const meters = Math.round(
        distance(position.latitude, position.longitude, visit.latitude, visit.longitude)
    );
    const isInside = meters - position.accuracy <= settings.radius;
    return isInside
        ? {verdict: "verified", problem: null, meters}
        : {verdict: "outside", problem: "outside", meters};
}

/**
 * What is the matter with a position, and what to do about it.
 *
 * @param {Object} outlook of `foresee`
 * @param {Object} reading {position, error}
 * @returns {String}
 */
export function positionSentence(outlook, reading) {
    const accuracy = reading.position?.accuracy;
    const sentences = {
        denied: _t(
            "This page may not read your position. Allow it in the settings of the browser (the lock next to the address), then try again."
        ),
        unavailable: _t(
            "The device found no position. Switch on location in its settings, go to a window or outside, then try again."
        ),
        timeout: _t(
            "No position came within 15 seconds. Go to a window or outside, then try again."
        ),
        unsupported: _t(
            "This browser gives no position. It takes a secure address (https) and a browser that knows where it is."
        ),
        no_consent: _t("You have not agreed to your position being recorded."),
        stale: _t(
            "The device gave an old position. Open its map for a moment so that it looks again, then try again."
        ),
        inexact: _t(
            "The position is only exact to %s m. Go to a window or outside, switch on exact location, then try again.",
            accuracy
        ),
        no_coordinates: _t(
            "The position of this customer is not known yet, so yours cannot be compared with it."
        ),
        outside: _t(
            "You are %s m from the address of the customer.",
            (outlook.meters || 0).toLocaleString()
        ),
    };
    return sentences[outlook.problem] || "";
}
