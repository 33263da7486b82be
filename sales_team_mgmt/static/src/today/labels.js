import {_t} from "@web/core/l10n/translation";

export const TASK_ICONS = {
    note: "fa-pencil",
    questions: "fa-list-ul",
    photo: "fa-camera",
    stock: "fa-cubes",
    competitor: "fa-binoculars",
    order: "fa-shopping-cart",
    collection: "fa-money",
    promise: "fa-handshake-o",
    next_step: "fa-step-forward",
};

/** The steps of a visit in two words: they stand on buttons. */
export function taskLabel(kind) {
    const labels = {
        note: _t("What Came of It"),
        questions: _t("Questions"),
        photo: _t("Photo"),
        stock: _t("Stock Count"),
        competitor: _t("Competitor"),
        order: _t("Order"),
        collection: _t("Payment Agreed"),
        promise: _t("Promise"),
        next_step: _t("Next Step"),
    };
    return labels[kind] || kind;
}

/** What an action that waits or was refused is called. */
export function kindLabel(kind) {
    const labels = {
        create: _t("New Visit"),
        check_in: _t("Check-in"),
        check_out: _t("Check-out"),
        answer: _t("Answer"),
        next_visit: _t("Next Visit"),
        cancel: _t("Calling Off"),
        carry_over: _t("Carrying Over"),
        call: _t("Phone Call"),
        consent: _t("Consent"),
    };
    return labels[kind] || taskLabel(kind);
}
