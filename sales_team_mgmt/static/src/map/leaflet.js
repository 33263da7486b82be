import {loadCSS, loadJS} from "@web/core/assets";

const FOLDER = "/sales_team_mgmt/static/lib/leaflet";

/**
 * The library of the maps, fetched when the first one is opened.
 *
 * @returns {Promise<Object>} Leaflet
 */
export async function loadLeaflet() {
    await Promise.all([
        loadCSS(`${FOLDER}/leaflet.css`),
        loadJS(`${FOLDER}/leaflet.js`),
    ]);
    return window.L;
}
