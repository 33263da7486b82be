import {Component, onMounted, onWillUnmount, useRef, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";

/* A transparent picture instead of the browser's sign for a broken one. */
const NOTHING =
    "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";
const FEWEST_LINES = 4;
const MAX_ZOOM = 19;
/* So many tiles in a row fail, or so long none comes, before one is told. */
const FAILURES = 4;
const PATIENCE = 4000;
const STEPS = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];

/**
 * The map itself: tiles if there are any, else a grid of degrees, and a scale.
 *
 * Whoever uses it draws on it when it is ready.
 */
export class MapCanvas extends Component {
    static template = "sales_team_mgmt.MapCanvas";
    static props = {
        leaflet: Object,
        tiles: String,
        attribution: String,
        onReady: Function,
    };

    setup() {
        this.canvas = useRef("canvas");
        this.state = useState({hasNotice: !this.props.tiles});
        this.failures = 0;
        onMounted(() => this.open());
        onWillUnmount(() => this.close());
    }

    get notice() {
        return this.props.tiles
            ? _t("Streets cannot be loaded. Points and distances are right.")
            : _t("Map without streets. Points and distances are right.");
    }

    open() {
        const L = this.props.leaflet;
        this.map = L.map(this.canvas.el, {maxZoom: MAX_ZOOM, minZoom: 2});
        this.map.attributionControl.setPrefix(false);
        L.control.scale({imperial: false, position: "topright"}).addTo(this.map);
        this.grid = L.layerGroup();
        this.map.on("moveend", () => this.drawGrid());
        // The first view is drawn at once; tiles come when they come.
        this.grid.addTo(this.map);
        if (this.props.tiles) {
            this.addTiles(L);
        }
        // Also when the panel beside it is shown or hidden, or the phone is turned.
        this.resized = new ResizeObserver(() => this.map.invalidateSize());
        this.resized.observe(this.canvas.el);
        this.props.onReady(this.map);
    }

    addTiles(L) {
        const escaped = document.createElement("span");
        escaped.textContent = this.props.attribution;
        L.tileLayer(this.props.tiles, {
            attribution: escaped.innerHTML,
            errorTileUrl: NOTHING,
            maxZoom: MAX_ZOOM,
        })
            .on("tileload", ({tile}) => this.onTile(tile.src !== NOTHING))
            .on("tileerror", () => this.onTile(false))
            .addTo(this.map);
        this.patience = setTimeout(() => {
            this.state.hasNotice = true;
        }, PATIENCE);
    }

    /** The grid stands in for tiles as long as they do not come. */
    onTile(hasCome) {
        this.failures = hasCome ? 0 : this.failures + 1;
        if (hasCome || this.failures >= FAILURES) {
            clearTimeout(this.patience);
            this.state.hasNotice = !hasCome;
            if (hasCome) {
                this.grid.remove();
            } else {
                this.grid.addTo(this.map);
            }
        }
    }

    /** Meridians and parallels at round degrees, with their numbers at the edge. */
    drawGrid() {
        const L = this.props.leaflet;
        const view = this.map.getBounds();
        const span = Math.min(
            view.getEast() - view.getWest(),
            2 * (view.getNorth() - view.getSouth())
        );
        const step = STEPS.find((each) => span / each >= FEWEST_LINES) || STEPS.at(-1);
        const digits = Math.max(0, Math.ceil(-Math.log10(step)));
        this.grid.clearLayers();
        const line = (from, to, label) => {
            L.polyline([from, to], {
                className: "o_stm_map_line",
                interactive: false,
                weight: 1,
            }).addTo(this.grid);
            L.marker(from, {
                interactive: false,
                keyboard: false,
                icon: L.divIcon({className: "o_stm_map_degree", html: label}),
            }).addTo(this.grid);
        };
        const first = (edge) => Math.ceil(edge / step);
        for (let n = first(view.getWest()); n * step <= view.getEast(); n++) {
            const x = n * step;
            line([view.getSouth(), x], [view.getNorth(), x], `${x.toFixed(digits)}°`);
        }
        for (let n = first(view.getSouth()); n * step <= view.getNorth(); n++) {
            const y = n * step;
            line([y, view.getWest()], [y, view.getEast()], `${y.toFixed(digits)}°`);
        }
    }

    close() {
        clearTimeout(this.patience);
        this.resized?.disconnect();
        this.map?.remove();
    }
}
