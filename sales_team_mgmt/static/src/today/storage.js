/*
 * What a person has entered, kept in the browser until the server has it.
 *
 * Odoo's own `IndexedDB` is a cache: it relaxes durability, cannot list what it holds,
 * throws everything away with a new version and goes on in silence where the browser
 * refuses. Work that exists nowhere else needs the opposite.
 */

export class StorageFullError extends Error {}

const ACTIONS = "actions";
const FILES = "files";
const DAYS = "days";

function isFull(error) {
    return error?.name === "QuotaExceededError";
}

/** What the screen watches is wrapped, and the disk takes no wrapped things. */
function plain(value) {
    return JSON.parse(JSON.stringify(value));
}

/** The same in memory, for a browser that keeps nothing: private windows, blocked sites. */
export class MemoryStorage {
    isLasting = false;
    actions = new Map();
    files = new Map();
    days = new Map();
    last = 0;

    async open() {
        return this;
    }

    async list() {
        return [...this.actions.values()].sort((one, two) => one.seq - two.seq);
    }

    async put(action, file) {
        const seq = action.seq ?? ++this.last;
        this.actions.set(seq, {...action, seq});
        if (file) {
            this.files.set(action.uuid, file);
        }
        return seq;
    }

    async replace(action, oldUuid, file) {
        this.files.delete(oldUuid);
        return this.put(action, file);
    }

    async remove(action) {
        this.actions.delete(action.seq);
        this.files.delete(action.uuid);
    }

    async file(uuid) {
        return this.files.get(uuid);
    }

    async day(day) {
        return this.days.get(day);
    }

    async putDay(day, answer) {
        this.days.set(day, answer);
    }

    async pruneDays(kept) {
        for (const day of this.days.keys()) {
            if (!kept.includes(day)) {
                this.days.delete(day);
            }
        }
    }
}

/**
 * Three tables of one database: the actions in the order they were entered, the pictures
 * that belong to them (apart, so that reading the queue stays light) and the last answer
 * of the server for each day.
 */
export class DiskStorage {
    isLasting = true;

    /** @param {String} name one database for each Odoo database and user */
    constructor(name) {
        this.name = name;
        this.db = null;
    }

    async open() {
        this.db = await new Promise((resolve, reject) => {
            const request = indexedDB.open(this.name, 1);
            request.onupgradeneeded = () => {
                const db = request.result;
                db.createObjectStore(ACTIONS, {keyPath: "seq", autoIncrement: true});
                db.createObjectStore(FILES);
                db.createObjectStore(DAYS);
            };
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
            request.onblocked = () => reject(new Error("blocked"));
        });
        // A phone closes the connection of a page in the background; a newer version in
        // another tab must not wait for this one.
        const forget = () => {
            this.db = null;
        };
        this.db.onclose = forget;
        this.db.onversionchange = () => {
            this.db.close();
            forget();
        };
        return this;
    }

    /**
     * One transaction; resolves when it is on the disk.
     *
     * @param {String[]} tables
     * @param {String} mode readonly or readwrite
     * @param {Function} work gets the transaction, returns the request whose result counts
     * @returns {Promise}
     */
    async run(tables, mode, work) {
        if (!this.db) {
            await this.open();
        }
        return new Promise((resolve, reject) => {
            const transaction = this.db.transaction(tables, mode, {
                durability: "strict",
            });
            let request = null;
            try {
                request = work(transaction);
            } catch (error) {
                transaction.abort();
                reject(isFull(error) ? new StorageFullError() : error);
                return;
            }
            const fail = () => {
                const error = transaction.error || request?.error;
                reject(isFull(error) ? new StorageFullError() : error);
            };
            transaction.oncomplete = () => resolve(request?.result);
            transaction.onabort = fail;
            transaction.onerror = fail;
        });
    }

    list() {
        return this.run([ACTIONS], "readonly", (transaction) =>
            transaction.objectStore(ACTIONS).getAll()
        );
    }

    put(action, file) {
        return this.run([ACTIONS, FILES], "readwrite", (transaction) => {
            if (file) {
                transaction.objectStore(FILES).put(file, action.uuid);
            }
            return transaction.objectStore(ACTIONS).put(plain(action));
        });
    }

    /** A mended action takes the place of the refused one: the order stays. */
    replace(action, oldUuid, file) {
        return this.run([ACTIONS, FILES], "readwrite", (transaction) => {
            const files = transaction.objectStore(FILES);
            files.delete(oldUuid);
            if (file) {
                files.put(file, action.uuid);
            }
            return transaction.objectStore(ACTIONS).put(plain(action));
        });
    }

    remove(action) {
        return this.run([ACTIONS, FILES], "readwrite", (transaction) => {
            transaction.objectStore(FILES).delete(action.uuid);
            return transaction.objectStore(ACTIONS).delete(action.seq);
        });
    }

    file(uuid) {
        return this.run([FILES], "readonly", (transaction) =>
            transaction.objectStore(FILES).get(uuid)
        );
    }

    day(day) {
        return this.run([DAYS], "readonly", (transaction) =>
            transaction.objectStore(DAYS).get(day)
        );
    }

    putDay(day, answer) {
        return this.run([DAYS], "readwrite", (transaction) =>
            transaction.objectStore(DAYS).put(plain(answer), day)
        );
    }

    async pruneDays(kept) {
        const days = await this.run([DAYS], "readonly", (transaction) =>
            transaction.objectStore(DAYS).getAllKeys()
        );
        const old = days.filter((day) => !kept.includes(day));
        if (old.length) {
            await this.run([DAYS], "readwrite", (transaction) => {
                const table = transaction.objectStore(DAYS);
                old.forEach((day) => table.delete(day));
                return null;
            });
        }
    }
}

/**
 * @param {String} name
 * @returns {Promise} a storage that is open: on the disk, or in memory where there is none
 */
export async function openStorage(name) {
    try {
        return await new DiskStorage(name).open();
    } catch (error) {
        console.error("What is entered offline cannot be kept on this device:", error);
        return new MemoryStorage();
    }
}
