// SPDX-License-Identifier: MIT
// @ts-check
// Where a listener's data lie on the device. Networks, songs and theme have the keys and forms of pages that
// learn with TensorFlow.js; what these do not know has a key of our own.

const MODEL = "userModel_";
const SONGS = "audioMixSongs";
const THEME = "museTheme";
const LISTENER = "tonmeisterListener_";
const USER = "tonmeisterUser";
const STANDARD_USER = "me";

/** @param {string | null} text */
function parsed(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

export class TasteStorage {
  #storage;

  /** @param {Storage} storage */
  constructor(storage = localStorage) { this.#storage = storage; }

  /** Whose taste it is: the one chosen, else the first that some page has saved data of. */
  get user() {
    const chosen = this.#storage.getItem(USER);
    if (chosen) return chosen;
    const keys = Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index) ?? "");
    for (const prefix of [LISTENER, MODEL]) {
      const key = keys.find((one) => one.startsWith(prefix) && one.length > prefix.length);
      if (key) return key.slice(prefix.length);
    }
    const songs = parsed(this.#storage.getItem(SONGS));
    const users = songs && !Array.isArray(songs) ? Object.keys(songs) : [];
    return users[0] ?? STANDARD_USER;
  }

  /** @param {string} name */
  set user(name) { this.#storage.setItem(USER, name); }

  /**
   * The document of the user, as `listener_open` reads it; null where nothing is saved.
   * @returns {object | null}
   */
  load() {
    const { user } = this;
    const own = parsed(this.#storage.getItem(LISTENER + user));
    const model = this.#storage.getItem(MODEL + user);
    const songs = this.#storage.getItem(SONGS);
    const list = parsed(songs);
    if (!own && !model && !(list && (Array.isArray(list) || list[user]))) return null;
    /** @type {Record<string, any>} */
    const document = own ?? {};
    if (model) document[MODEL + user] = model;
    // A page of one user keeps a mere list.
    if (list) document[SONGS] = Array.isArray(list) ? { [user]: list } : { [user]: list[user] ?? [] };
    return document;
  }

  /**
   * Keeps a document that `listener_text` has written; data of other users stay as they are.
   * @param {Record<string, any>} document
   */
  save(document) {
    const { user } = this;
    const { [MODEL + user]: model, [SONGS]: songs, [THEME]: theme, ...own } = document;
    this.#storage.setItem(LISTENER + user, JSON.stringify(own));
    if (model) this.#storage.setItem(MODEL + user, JSON.stringify(model));
    else this.#storage.removeItem(MODEL + user);
    const kept = parsed(this.#storage.getItem(SONGS));
    const list = songs?.[user] ?? [];
    const all = Array.isArray(kept) ? list : { ...kept, [user]: list };
    this.#storage.setItem(SONGS, JSON.stringify(all));
  }

  /** Forgets everything of the user. */
  clear() {
    const { user } = this;
    this.#storage.removeItem(LISTENER + user);
    this.#storage.removeItem(MODEL + user);
    const kept = parsed(this.#storage.getItem(SONGS));
    if (Array.isArray(kept)) this.#storage.removeItem(SONGS);
    else if (kept) {
      delete kept[user];
      if (Object.keys(kept).length > 0) this.#storage.setItem(SONGS, JSON.stringify(kept));
      else this.#storage.removeItem(SONGS);
    }
  }

  /** @returns {"dark" | "light" | null} */
  get theme() {
    const text = this.#storage.getItem(THEME);
    const theme = parsed(text) ?? text;
    return theme === "dark" || theme === "light" ? theme : null;
  }

  set theme(theme) {
    if (theme) this.#storage.setItem(THEME, theme);
  }
}
