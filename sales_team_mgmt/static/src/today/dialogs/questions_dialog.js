import {useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {isAnswered} from "../day";
import {compressPhoto, pictureUrl} from "../photo";
import {EntryDialog} from "./entry_dialog";

/** The questions of a visit, each with the one input that fits its type. */
export class QuestionsDialog extends EntryDialog {
    static template = "sales_team_mgmt.TodayQuestionsDialog";
    static props = {
        ...EntryDialog.props,
        questions: Array,
        photoPx: Number,
    };

    setup() {
        super.setup();
        this.values = useState(
            Object.fromEntries(
                this.props.questions.map((question) => [
                    question.id,
                    isAnswered(question) ? question.value : "",
                ])
            )
        );
        this.changed = new Set();
        this.photos = {};
        this.labels = {yes: _t("Yes"), no: _t("No")};
    }

    startsSection(index) {
        const {questions} = this.props;
        const {section} = questions[index];
        return section && (!index || questions[index - 1].section !== section);
    }

    isNumber(question) {
        return ["number", "score"].includes(question.type);
    }

    hasBounds(question) {
        return typeof question.maximum === "number";
    }

    isGiven(question) {
        return this.values[question.id] !== "";
    }

    answer(question, value) {
        this.values[question.id] = value;
        this.changed.add(question.id);
    }

    onYesNo(question, value) {
        this.answer(question, this.values[question.id] === value ? "" : value);
    }

    async onPhoto(question, ev) {
        const file = ev.target.files[0];
        if (!file) {
            return;
        }
        await this.keep(async () => {
            const {image} = await compressPhoto(file, this.props.photoPx);
            this.photos[question.id] = image;
            this.answer(question, true);
        });
    }

    photoUrl(question) {
        return pictureUrl(this.photos[question.id]);
    }

    outOfBounds(question) {
        const text = this.values[question.id];
        if (!this.isNumber(question) || text === "" || !this.hasBounds(question)) {
            return false;
        }
        return Number(text) < question.minimum || Number(text) > question.maximum;
    }

    valueOf(question) {
        const value = this.values[question.id];
        if (value === "") {
            return null;
        }
        return this.isNumber(question) ? Number(value) : value;
    }

    check() {
        const wrong = this.props.questions.find((question) =>
            this.outOfBounds(question)
        );
        return wrong
            ? _t(
                  "“%(question)s” takes a number from %(minimum)s to %(maximum)s.",
                  wrong
              )
            : "";
    }

    store() {
        const given = this.props.questions
            .filter((question) => this.changed.has(question.id))
            .map((question) => ({
                question,
                value: this.valueOf(question),
                file: this.photos[question.id],
            }));
        return this.props.save(given);
    }
}
