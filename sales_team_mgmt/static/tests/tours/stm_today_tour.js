/*
 * The day of a salesperson on the phone, with a position and a camera that are made up.
 *
 * What is patched lives in the page: a step that loads the page again is back in the
 * real world, with the network.
 */

import {registry} from "@web/core/registry";
import {rpc} from "@web/core/network/rpc";

const tours = registry.category("web_tour.tours");

/** Where the customer of the tours is, and a place a good kilometer away. */
const SHOP = {latitude: 30.27, longitude: 120.15, accuracy: 12};
const ELSEWHERE = {latitude: 30.28, longitude: 120.15, accuracy: 12};
const DENIED = 1;
const UNAVAILABLE = 2;
const TIMEOUT = 3;

function fail(message) {
    throw new Error(message);
}

/**
 * @param {Object|Number} answer coordinates, or the code of an error
 * @param {Number} [age] of the fix, in seconds
 */
function setPosition(answer, age = 0) {
    const getCurrentPosition = (onFix, onError, options) => {
        const {enableHighAccuracy, maximumAge, timeout} = options;
        if (!enableHighAccuracy || maximumAge !== 0 || timeout !== 15000) {
            fail("A position is read afresh, exactly, and for 15 seconds at most.");
        }
        if (typeof answer === "number") {
            onError({code: answer, message: ""});
        } else {
            onFix({coords: answer, timestamp: Date.now() - age * 1000});
        }
    };
    Object.defineProperty(navigator, "geolocation", {
        configurable: true,
        value: {getCurrentPosition},
    });
}

function positionIs(content, answer, age) {
    return {content, trigger: ".o_stm_visit", run: () => setPosition(answer, age)};
}

/** From now on nothing leaves the page and nothing comes in. */
function goOffline() {
    Object.defineProperty(navigator, "onLine", {configurable: true, get: () => false});
    XMLHttpRequest.prototype.send = function () {
        setTimeout(() => this.dispatchEvent(new ProgressEvent("error")));
    };
    window.dispatchEvent(new Event("offline"));
}

/**
 * The network breaks after the server has got what was sent: the worst moment.
 */
function loseAnswers() {
    const send = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function (body) {
        if (!String(body).includes("stm_send")) {
            send.call(this, body);
            return;
        }
        const sent = new XMLHttpRequest();
        sent.onloadend = () => this.dispatchEvent(new ProgressEvent("error"));
        sent.open("POST", "/web/dataset/call_kw/stm.visit/stm_send");
        sent.setRequestHeader("Content-Type", "application/json");
        send.call(sent, body);
    };
}

function setFile(input, file) {
    const transfer = new DataTransfer();
    transfer.items.add(file);
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", {bubbles: true}));
}

async function takePhoto(input, width, height) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, {width, height});
    const context = canvas.getContext("2d");
    context.fillStyle = "#3a7";
    context.fillRect(0, 0, width, height);
    context.fillStyle = "#fff";
    context.fillRect(width / 4, height / 4, width / 2, height / 2);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg"));
    setFile(input, new File([blob], "camera.jpg", {type: "image/jpeg"}));
}

const closed = "body:not(:has(.o_stm_today_dialog))";

function openCustomer(name) {
    return [
        {
            content: `The stop ${name}`,
            trigger: `.o_stm_stop:contains(${name})`,
            run: "click",
        },
        {
            content: `${name} is shown large`,
            trigger: `.o_stm_customer_name:contains(${name})`,
        },
    ];
}

function start() {
    return {content: "Start", trigger: `${closed} .o_stm_main`, run: "click"};
}

function stateIs(state) {
    return {
        content: `The visit is ${state}`,
        trigger: `${closed} .o_stm_visit[data-state=${state}]`,
    };
}

function allSent() {
    return {
        content: "Everything has arrived",
        trigger: ".o_stm_sync[data-waiting='0'][data-refused='0']",
    };
}

function openTask(kind) {
    return {
        content: `Open ${kind}`,
        trigger: `${closed} .o_stm_task[data-kind=${kind}]:enabled`,
        run: "click",
    };
}

function taskDone(kind) {
    return {
        content: `${kind} is ticked off`,
        trigger: `${closed} .o_stm_task[data-kind=${kind}][data-done='1']`,
    };
}

function save() {
    return {
        content: "Save",
        trigger: ".o_stm_today_dialog .o_stm_save:enabled",
        run: "click",
    };
}

function fill(name, text) {
    return {
        content: `Fill in ${name}`,
        trigger: `.o_stm_today_dialog [name=${name}]`,
        run: `edit ${text}`,
    };
}

function writeDown() {
    return [
        openTask("note"),
        fill("content", "Showed the samples"),
        fill("result", "Will order"),
        fill("problem", "none"),
        save(),
        taskDone("note"),
    ];
}

function photograph(label) {
    return [
        openTask("photo"),
        {
            content: "The camera",
            trigger: ".o_stm_today_dialog:has(#stm_photo) .modal-body",
            run: () => takePhoto(document.querySelector("#stm_photo"), 4000, 3000),
        },
        {content: "The picture", trigger: ".o_stm_preview"},
        fill("label", label),
        save(),
        taskDone("photo"),
    ];
}

function order() {
    return [
        openTask("order"),
        {
            content: "One",
            trigger: ".o_stm_line:contains(Tour Water) [aria-label='One more']",
            run: "click",
        },
        {
            content: "Two",
            trigger: ".o_stm_line:contains(Tour Water) [aria-label='One more']",
            run: "click",
        },
        save(),
        taskDone("order"),
    ];
}

/** A position that is not verified says what is the matter and asks for the reason. */
function explain(problem, reason) {
    return [
        {
            content: `It says what is the matter: ${problem}`,
            trigger: `.o_stm_position_problem[data-problem=${problem}]`,
        },
        save(),
        {
            content: "Not without a reason",
            trigger: ".o_stm_today_dialog .o_stm_problem",
        },
        fill("reason", reason),
        save(),
        stateIs("started"),
        allSent(),
        {
            content: "The verdict of the server",
            trigger:
                ".o_stm_verdict:not(:contains(Verified)), .o_stm_verdict:contains(Unverified)",
        },
    ];
}

tours.add("stm_today_inside", {
    url: "/odoo/stm-today",
    steps: () => [
        positionIs("In the shop", SHOP),
        {
            content: "The next stop is on top",
            trigger: ".o_stm_customer_name:contains(Tour Shop One)",
        },
        {
            content: "Nothing is wider than the screen",
            trigger: ".o_stm_today",
            run() {
                const page = document.querySelector(".o_stm_scroll");
                if (page.scrollWidth > page.clientWidth) {
                    fail("The screen scrolls sideways.");
                }
                for (const button of document.querySelectorAll(
                    ".o_stm_today button, .o_stm_today a.btn"
                )) {
                    const {width, height} = button.getBoundingClientRect();
                    if (width && (width < 44 || height < 44)) {
                        fail(`Too small for a thumb: ${button.className}`);
                    }
                }
            },
        },
        {
            content: "Its phone number",
            trigger: ".o_stm_call[href='tel:+8657188888888']",
        },
        {
            content: "Its place on a map",
            trigger: ".o_stm_navigate[href*='Lake']",
        },
        start(),
        stateIs("started"),
        {
            content: "Verified by the server",
            trigger: ".o_stm_verdict:contains(/^Verified$/)",
        },
        {
            content: "Check out too early",
            trigger: `${closed} .o_stm_main`,
            run: "click",
        },
        {
            content: "What is missing opens",
            trigger: ".o_stm_today_dialog textarea[name=content]",
        },
        fill("content", "Showed the samples"),
        fill("result", "Will order"),
        save(),
        {content: "Problems are missing", trigger: ".o_stm_problem:contains(Problems)"},
        fill("problem", "none"),
        save(),
        taskDone("note"),
        openTask("questions"),
        {
            content: "Tidy",
            trigger: "[data-question='Tidy?'] button[name=yes]",
            run: "click",
        },
        {
            content: "Too many facings",
            trigger: "[data-question='Facings?'] input",
            run: "edit 99",
        },
        save(),
        {content: "Too many", trigger: ".o_stm_problem:contains(Facings)"},
        {
            content: "Facings",
            trigger: "[data-question='Facings?'] input",
            run: "edit 12",
        },
        save(),
        taskDone("questions"),
        openTask("photo"),
        {
            content: "Something that is no picture",
            trigger: ".o_stm_today_dialog:has(#stm_photo) .modal-body",
            run: () =>
                setFile(
                    document.querySelector("#stm_photo"),
                    new File(["no picture"], "broken.jpg", {type: "image/jpeg"})
                ),
        },
        {
            content: "It says so",
            trigger: ".o_stm_problem:contains(cannot be read as a picture)",
        },
        {
            content: "Leave",
            trigger:
                ".o_stm_today_dialog .modal-footer .btn-secondary:contains(Discard)",
            run: "click",
        },
        ...photograph("Shelf"),
        openTask("stock"),
        {
            content: "Counted: nothing left",
            trigger: ".o_stm_line:contains(Tour Water) input[step=any]",
            run: "edit 0 && press Tab",
        },
        save(),
        taskDone("stock"),
        ...order(),
        openTask("competitor"),
        fill("name", "Rival"),
        fill("price", "9"),
        save(),
        taskDone("competitor"),
        allSent(),
        {content: "Check out", trigger: `${closed} .o_stm_main`, run: "click"},
        {
            content: "The next stop is on top",
            trigger: `${closed} .o_stm_customer_name:contains(Tour Shop Two)`,
        },
        allSent(),
        {content: "One is done", trigger: ".o_stm_done:contains(/^1$/)"},
    ],
});

tours.add("stm_today_positions", {
    url: "/odoo/stm-today",
    steps: () => [
        positionIs("A kilometer away", ELSEWHERE),
        ...openCustomer("Tour Shop One"),
        start(),
        ...explain("outside", "Met in the warehouse"),
    ],
});

for (const [name, problem, answer, age] of [
    ["denied", "denied", DENIED],
    ["unavailable", "unavailable", UNAVAILABLE],
    ["timeout", "timeout", TIMEOUT],
    ["stale", "stale", SHOP, 600],
    ["inexact", "inexact", {...SHOP, accuracy: 3000}],
]) {
    tours.add(`stm_today_${name}`, {
        url: "/odoo/stm-today",
        steps: () => [
            positionIs(name, answer, age),
            start(),
            ...explain(problem, `Reason for ${name}`),
        ],
    });
}

tours.add("stm_today_tries_again", {
    url: "/odoo/stm-today",
    steps: () => [
        positionIs("Not allowed", DENIED),
        start(),
        {
            content: "It says what to do",
            trigger: ".o_stm_position_problem[data-problem=denied]",
            run: () => setPosition(SHOP),
        },
        {content: "Try again", trigger: ".o_stm_again", run: "click"},
        stateIs("started"),
        allSent(),
        {content: "Verified", trigger: ".o_stm_verdict:contains(/^Verified$/)"},
    ],
});

tours.add("stm_today_agrees", {
    url: "/odoo/stm-today",
    steps: () => [
        positionIs("In the shop", SHOP),
        start(),
        {
            content: "The words of the company",
            trigger: ".o_stm_today_dialog:contains(We read where you are)",
        },
        {content: "I agree", trigger: ".o_stm_agree", run: "click"},
        stateIs("started"),
        allSent(),
        {content: "Verified", trigger: ".o_stm_verdict:contains(/^Verified$/)"},
    ],
});

tours.add("stm_today_does_not_agree", {
    url: "/odoo/stm-today",
    steps: () => [
        positionIs("Not to be read", DENIED),
        start(),
        {content: "Go on without", trigger: ".o_stm_decline", run: "click"},
        {
            content: "No reason is owed",
            trigger: ".o_stm_today_dialog:not(:has([name=reason])) .o_stm_save",
            run: "click",
        },
        stateIs("started"),
        allSent(),
    ],
});

tours.add("stm_today_refused", {
    url: "/odoo/stm-today",
    steps: () => [
        positionIs("In the shop", SHOP),
        {
            content: "Checked in somewhere else, on another device",
            trigger: ".o_stm_stop:contains(Tour Shop Two)",
            async run() {
                const {visits} = await rpc("/web/dataset/call_kw/stm.visit/stm_today", {
                    model: "stm.visit",
                    method: "stm_today",
                    args: [],
                    kwargs: {},
                });
                const two = visits.find((one) => one.customer === "Tour Shop Two");
                await rpc("/web/dataset/call_kw/stm.visit/action_check_in", {
                    model: "stm.visit",
                    method: "action_check_in",
                    args: [[two.id], "At the desk"],
                    kwargs: {},
                });
            },
        },
        ...openCustomer("Tour Shop One"),
        start(),
        {
            content: "The sentence of the server",
            trigger: ".o_stm_refused:contains(Tour Shop Two)",
        },
        {
            content: "The badge on every screen",
            trigger: ".o_stm_outbox_systray .text-bg-danger:contains(1)",
        },
        {content: "Discard", trigger: ".o_stm_refused .o_stm_discard", run: "click"},
        {
            content: "It is asked once more",
            trigger: ".modal .btn-danger:contains(Discard)",
            run: "click",
        },
        allSent(),
        {content: "No badge", trigger: "body:not(:has(.o_stm_outbox_systray))"},
        {
            content: "The visit is planned as before",
            trigger: ".o_stm_stop:contains(Tour Shop One)[data-state=planned]",
        },
    ],
});

tours.add("stm_today_offline", {
    url: "/odoo/stm-today",
    steps: () => [
        positionIs("In the shop", SHOP),
        start(),
        stateIs("started"),
        allSent(),
        {
            content: "The answers of the server get lost",
            trigger: ".o_stm_visit",
            run: loseAnswers,
        },
        ...order(),
        {
            content: "The order waits",
            trigger: ".o_stm_sync[data-waiting='1']:contains(Offline)",
        },
        {content: "Now all is lost", trigger: ".o_stm_visit", run: goOffline},
        ...writeDown(),
        ...photograph("Without network"),
        {content: "Check out", trigger: `${closed} .o_stm_main`, run: "click"},
        {
            content: "The next stop is on top",
            trigger: `${closed} .o_stm_customer_name:contains(Tour Shop Two)`,
        },
        {
            content: "An unplanned visit",
            trigger: ".o_stm_off_plan",
            run: "click",
        },
        fill("customer", "Three"),
        {
            content: "Its customer",
            trigger: ".o_stm_customer:contains(Tour Shop Three)",
            run: "click",
        },
        save(),
        {
            content: "It is shown",
            trigger: `${closed} .o_stm_customer_name:contains(Tour Shop Three)`,
        },
        start(),
        stateIs("started"),
        {
            content: "Six things wait",
            trigger: ".o_stm_sync[data-waiting='6']:contains(Offline)",
        },
        {
            content: "Close the page, and come back",
            trigger: ".o_stm_visit",
            expectUnloadPage: true,
            run: () => window.location.reload(),
        },
        {
            content: "Everything is sent",
            trigger: ".o_stm_stop:contains(Tour Shop One)[data-state=done]",
        },
        allSent(),
        {
            content: "The unplanned visit goes on",
            trigger:
                ".o_stm_visit[data-state=started]:contains(Tour Shop Three):not(:has(.o_stm_waiting))",
        },
        {content: "No badge", trigger: "body:not(:has(.o_stm_outbox_systray))"},
    ],
});

tours.add("stm_today_puts_off", {
    url: "/odoo/stm-today",
    steps: () => [
        ...openCustomer("Tour Shop One"),
        {content: "Call off", trigger: ".o_stm_cancel", run: "click"},
        save(),
        {content: "Not without a reason", trigger: ".o_stm_problem:contains(Reason)"},
        fill("reason", "Shop is closed"),
        save(),
        {
            content: "It is gone",
            trigger: `${closed} .o_stm_stops:not(:contains(Tour Shop One))`,
        },
        allSent(),
        {content: "Tomorrow", trigger: "[data-offset='1']", run: "click"},
        {content: "Nothing there yet", trigger: ".o_stm_today:contains(No visits)"},
    ],
});

/** The day of the current user, asked for in person. */
function readDay() {
    return rpc("/web/dataset/call_kw/stm.visit/stm_today", {
        model: "stm.visit",
        method: "stm_today",
        args: [],
        kwargs: {},
    });
}

tours.add("stm_today_holds_back", {
    url: "/odoo/stm-today",
    steps: () => [
        {
            content: "Something that the server refuses, and more after it",
            trigger: ".o_stm_visit",
            async run() {
                const outbox = odoo.__WOWL_DEBUG__.root.env.services.stm_outbox;
                const [one, two] = (await readDay()).visits;
                const add = (visit, kind, data) =>
                    outbox.add({kind, visit: visit.id, data, title: visit.customer});
                await add(one, "competitor", {name: ""});
                await add(one, "note", {content: "After it"});
                await add(two, "note", {content: "On its own"});
            },
        },
        {
            content: "The other visit has gone, this one waits",
            trigger: ".o_stm_sync[data-waiting='1'][data-refused='1']",
        },
        {
            content: "Send all the same: it still waits",
            trigger: ".o_stm_sync",
            run: "click",
        },
        {
            content: "Send now",
            trigger: ".o_stm_today_dialog .o_stm_send_now:enabled",
            run: "click",
        },
        {
            content: "Close",
            trigger: ".o_stm_today_dialog .modal-footer .btn-secondary",
            run: "click",
        },
        {
            content: "It still waits",
            trigger: `${closed} .o_stm_sync[data-waiting='1'][data-refused='1']`,
        },
        {content: "Correct it", trigger: ".o_stm_refused .o_stm_mend", run: "click"},
        fill("name", "Rival"),
        save(),
        allSent(),
    ],
});

tours.add("stm_today_full", {
    url: "/odoo/stm-today",
    steps: () => [
        positionIs("In the shop", SHOP),
        start(),
        stateIs("started"),
        allSent(),
        {
            content: "The device is full",
            trigger: ".o_stm_visit",
            run() {
                const put = IDBObjectStore.prototype.put;
                window.makeRoom = () => {
                    IDBObjectStore.prototype.put = put;
                };
                IDBObjectStore.prototype.put = () => {
                    throw new DOMException("", "QuotaExceededError");
                };
            },
        },
        openTask("note"),
        fill("content", "Much to say"),
        fill("result", "Will order"),
        fill("problem", "none"),
        save(),
        {
            content: "It says so, and what was written is still there",
            trigger: ".o_stm_problem:contains(is full)",
            run: () => window.makeRoom(),
        },
        save(),
        taskDone("note"),
        allSent(),
    ],
});
