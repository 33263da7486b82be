import {isAndroid, isIOS} from "@web/core/browser/feature_detection";
import {formatFloat} from "@web/core/utils/numbers";
import {_t} from "@web/core/l10n/translation";

/* The same sphere as tools/geo.py, so that screen and server agree. */
const EARTH_RADIUS = 6371008.8;
const RADIAN = Math.PI / 180;

/**
 * @typedef {{latitude: Number, longitude: Number}} Position
 */

/**
 * @param {Object} [place]
 * @returns {Boolean} whether it says where it is
 */
export function hasPosition(place) {
    return typeof place?.latitude === "number" && typeof place.longitude === "number";
}

/**
 * Like `is_position` of tools/geo.py.
 *
 * @param {Number} latitude
 * @param {Number} longitude
 * @returns {Boolean}
 */
export function isPosition(latitude, longitude) {
    return (
        Number.isFinite(latitude) &&
        Number.isFinite(longitude) &&
        Math.abs(latitude) <= 90 &&
        Math.abs(longitude) <= 180 &&
        (latitude !== 0 || longitude !== 0)
    );
}

/**
 * Along the surface of the earth (haversine), like `distance` of tools/geo.py.
 *
 * @param {Position} from
 * @param {Position} to
 * @returns {Number} meters
 */
export function distance(from, to) {
    const halfLatitude = Math.sin(((to.latitude - from.latitude) * RADIAN) / 2);
    const halfLongitude = Math.sin(((to.longitude - from.longitude) * RADIAN) / 2);
    const chord =
        halfLatitude ** 2 +
        Math.cos(from.latitude * RADIAN) *
            Math.cos(to.latitude * RADIAN) *
            halfLongitude ** 2;
    return 2 * EARTH_RADIUS * Math.asin(Math.sqrt(Math.min(1, chord)));
}

/**
 * @param {Number} meters
 * @returns {String} “850 m”, “1.3 km”, “12 km”
 */
export function formatDistance(meters) {
    if (meters < 1000) {
        return _t("%s m", Math.round(meters / 10) * 10);
    }
    const kilometers = meters / 1000;
    return _t("%s km", formatFloat(kilometers, {digits: [0, kilometers < 10 ? 1 : 0]}));
}

/**
 * @param {Number} longitude
 * @returns {Number} the same meridian between -180 and 180
 */
export function wrapLongitude(longitude) {
    return ((((longitude + 180) % 360) + 360) % 360) - 180;
}

/** The corners of a box in the words of the server, as Leaflet wants them. */
export function corners({south, west, north, east}) {
    return [
        [south, west],
        [north, east],
    ];
}

/**
 * What a map shows, in the words of the server: a view that spans the date line has its
 * west edge east of its east edge.
 *
 * @param {Object} view Leaflet's bounds, which go on beyond 180 degrees
 * @returns {Object} south, west, north, east
 */
export function serverBounds(view) {
    const clip = (value) => Math.max(-90, Math.min(90, value));
    const south = clip(view.getSouth());
    const north = clip(view.getNorth());
    if (view.getEast() - view.getWest() >= 360) {
        return {south, west: -180, north, east: 180};
    }
    return {
        south,
        west: wrapLongitude(view.getWest()),
        north,
        east: wrapLongitude(view.getEast()),
    };
}

/**
 * A place on the copy of the world that the map shows.
 *
 * @param {Position} place
 * @param {Number} center longitude in the middle of the map
 * @returns {Array<Number>}
 */
export function near(place, center) {
    const turns = Math.round((center - place.longitude) / 360);
    return [place.latitude, place.longitude + 360 * turns];
}

/**
 * @param {Position} place
 * @param {String} label
 * @returns {String} opens the map application of a phone, or a map page elsewhere
 */
export function navigateUrl(place, label) {
    const point = `${place.latitude},${place.longitude}`;
    if (isIOS()) {
        return `https://maps.apple.com/?daddr=${point}&q=${encodeURIComponent(label)}`;
    }
    if (isAndroid()) {
        return `geo:${point}?q=${point}(${encodeURIComponent(label)})`;
    }
    return `https://www.openstreetmap.org/?mlat=${place.latitude}&mlon=${place.longitude}#map=17/${place.latitude}/${place.longitude}`;
}

/**
 * Ask the device where it is, once and afresh.
 *
 * @returns {Promise<Position>} fails with a sentence for the person
 */
export function currentPosition() {
    const {geolocation} = navigator;
    if (!geolocation) {
        return Promise.reject(
            new Error(_t("This browser cannot tell where you are. Tap on the map."))
        );
    }
    const sentences = {
        1: _t(
            "The browser may not know where you are. Allow it in the settings of this page, or tap on the map."
        ),
        2: _t("The device does not know where it is. Step outside, or tap on the map."),
        3: _t("Finding out where you are took too long. Try again, or tap on the map."),
    };
    return new Promise((resolve, reject) => {
        geolocation.getCurrentPosition(
            ({coords}) =>
                resolve({
                    latitude: coords.latitude,
                    longitude: coords.longitude,
                    accuracy: coords.accuracy,
                }),
            (error) => reject(new Error(sentences[error.code] || sentences[2])),
            {enableHighAccuracy: true, maximumAge: 0, timeout: 20000}
        );
    });
}
