import {useState} from "@odoo/owl";
import {EntryDialog} from "./entry_dialog";

/** A dialog with more rows than fit: one writes words, and those that have them stay. */
export class SearchDialog extends EntryDialog {
    setup() {
        super.setup();
        this.query = useState({search: ""});
    }

    onSearch(ev) {
        this.query.search = ev.target.value;
    }

    find(rows, textOf) {
        const words = this.query.search.trim().toLowerCase().split(/\s+/);
        return rows.filter((row) => {
            const text = textOf(row).toLowerCase();
            return words.every((word) => text.includes(word));
        });
    }
}
