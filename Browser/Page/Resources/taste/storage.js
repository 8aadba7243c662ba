// SPDX-License-Identifier: MIT
// @ts-check
// Where a listener's data lie on the device. Networks, songs and theme have the keys and forms of pages that
// learn with TensorFlow.js; what these do not know has a key of our own. What cannot be read is passed over and
// stays as it is; where something else has to take its place, it is put aside.

import { keep, sharedStorage } from "../state/browser-storage.js";

const MODEL = "userModel_";
const SONGS = "audioMixSongs";
const THEME = "museTheme";
const LISTENER = "tonmeisterListener_";
const USER = "tonmeisterUser";
const ASIDE = "tonmeisterUnreadable_";
const STANDARD_USER = "me";

/** @typedef {(document: Record<string, any>) => boolean} Judge whether a document can be read */

/** @param {string | null} text */
function parsed(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

const isObject = (/** @type {any} */ value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Whether the learner takes a name (`Listener.isName` in MixCore).
 * @param {string | null} name
 * @returns {name is string}
 */
const isName = (name) =>
  name !== null && /^[\w\u0080-\uffff](?:[\w .\u0080-\uffff-]*[\w.\u0080-\uffff-])?$/.test(name)
  && new TextEncoder().encode(name).length <= 64;

export class TasteStorage {
  #storage;
  /**
   * What the last `load` could not read.
   * @type {{own: boolean, model: boolean, edits: any[], songs: any[]}}
   */
  #unreadable = { own: false, model: false, edits: [], songs: [] };

  /** @param {Storage} storage */
  constructor(storage = sharedStorage) { this.#storage = storage; }

  /** Whose taste it is: the one chosen, else the first that some page has saved data of. */
  get user() {
    const chosen = this.#storage.getItem(USER);
    if (isName(chosen)) return chosen;
    const keys = Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index) ?? "");
    for (const prefix of [LISTENER, MODEL]) {
      const key = keys.find((one) => one.startsWith(prefix) && isName(one.slice(prefix.length)));
      if (key) return key.slice(prefix.length);
    }
    const songs = parsed(this.#storage.getItem(SONGS));
    return (isObject(songs) ? Object.keys(songs).find(isName) : null) ?? STANDARD_USER;
  }

  /** @param {string} name */
  set user(name) { this.#storage.setItem(USER, name); }

  /**
   * The document of the user, as `listener_open` reads it; null where nothing is saved that can be read.
   * @param {Judge} isReadable
   * @returns {object | null}
   */
  load(isReadable = () => true) {
    const { user } = this;
    this.#unreadable = { own: false, model: false, edits: [], songs: [] };
    const ownText = this.#storage.getItem(LISTENER + user);
    const own = parsed(ownText);
    const model = this.#storage.getItem(MODEL + user);
    const songs = this.#songs(user);
    if (!ownText && !model && !songs) return null;
    const document = {
      ...(isObject(own) ? own : {}), ...(model ? { [MODEL + user]: model } : {}),
      ...(songs ? { [SONGS]: { [user]: songs } } : {}),
    };
    if ((!ownText || isObject(own)) && isReadable(document)) return document;
    return this.#readablePart(own, ownText !== null, model, songs ?? [], isReadable);
  }

  /**
   * @param {any} own
   * @param {boolean} hasOwn
   * @param {string | null} model
   * @param {any[]} songs
   * @param {Judge} isReadable
   */
  #readablePart(own, hasOwn, model, songs, isReadable) {
    const { user } = this;
    /** @type {Record<string, any>} */
    const document = {};
    const unreadable = this.#unreadable;
    /** @type {(entries: any[], left: any[], judge: Judge) => any[]} */
    const sifted = (entries, left, judge) => entries.filter((entry) => judge(entry) || (left.push(entry), false));
    if (isObject(own) && own.name === user && isReadable({ ...own, edits: [] })) {
      const edits = Array.isArray(own.edits) ? own.edits : [];
      Object.assign(document, own);
      document.edits = sifted(edits, unreadable.edits, (edit) => isReadable({ ...own, edits: [edit] }));
    } else {
      unreadable.own = hasOwn;
    }
    if (model && isReadable({ [MODEL + user]: model })) document[MODEL + user] = model;
    else unreadable.model = model !== null;
    const list = sifted(songs, unreadable.songs, (song) => isReadable({ [SONGS]: { [user]: [song] } }));
    if (list.length > 0) document[SONGS] = { [user]: list };
    return Object.keys(document).length > 0 ? document : null;
  }

  /**
   * The songs of a user, where there is a list; a page of one user keeps nothing else.
   * @param {string} user
   * @returns {any[] | null}
   */
  #songs(user) {
    const all = parsed(this.#storage.getItem(SONGS));
    const list = isObject(all) ? all[user] : all;
    return Array.isArray(list) ? list : null;
  }

  /**
   * Keeps a document that `listener_text` has written after `load`; data of other users stay as they are.
   * @param {Record<string, any>} document
   */
  save(document) {
    const { user } = this;
    const unreadable = this.#unreadable;
    const { [MODEL + user]: model, [SONGS]: songs, [THEME]: theme, ...own } = document;
    if (unreadable.own) this.#putAside(LISTENER + user);
    own.edits = [...unreadable.edits, ...(own.edits ?? [])];
    this.#storage.setItem(LISTENER + user, JSON.stringify(own));
    if (model) {
      if (unreadable.model) this.#putAside(MODEL + user);
      this.#storage.setItem(MODEL + user, JSON.stringify(model));
    } else if (!unreadable.model) {
      this.#storage.removeItem(MODEL + user);
    }
    this.#saveSongs(user, [...unreadable.songs, ...(songs?.[user] ?? [])]);
    this.#unreadable = { ...unreadable, own: false, model: unreadable.model && !model };
  }

  /**
   * Keeps a document in the place of all that there was of its listener.
   * @param {Record<string, any>} document
   */
  replace(document) {
    this.user = document.name;
    this.#unreadable = { own: false, model: false, edits: [], songs: [] };
    this.save(document);
  }

  /**
   * @param {string} user
   * @param {any[]} list
   */
  #saveSongs(user, list) {
    const text = this.#storage.getItem(SONGS);
    const kept = parsed(text);
    const isForeign = text !== null && !Array.isArray(kept) && (!isObject(kept) || !Array.isArray(kept[user] ?? []));
    if (isForeign && list.length === 0) return;
    if (isForeign) this.#putAside(SONGS);
    const all = Array.isArray(kept) ? list : { ...(isObject(kept) ? kept : {}), [user]: list };
    this.#storage.setItem(SONGS, JSON.stringify(all));
  }

  /** @param {string} key */
  #putAside(key) { this.#storage.setItem(ASIDE + key, this.#storage.getItem(key) ?? ""); }

  /** Forgets everything of the user. */
  clear() {
    const { user } = this;
    for (const key of [LISTENER + user, MODEL + user]) {
      this.#storage.removeItem(key);
      this.#storage.removeItem(ASIDE + key);
    }
    this.#storage.removeItem(ASIDE + SONGS);
    const kept = parsed(this.#storage.getItem(SONGS));
    // Of what is no object, nobody knows whose it is.
    if (isObject(kept)) delete kept[user];
    if (isObject(kept) && Object.keys(kept).length > 0) this.#storage.setItem(SONGS, JSON.stringify(kept));
    else this.#storage.removeItem(SONGS);
  }

  /** @returns {"dark" | "light" | null} */
  get theme() {
    const text = this.#storage.getItem(THEME);
    const theme = parsed(text) ?? text;
    return theme === "dark" || theme === "light" ? theme : null;
  }

  set theme(theme) {
    if (theme) keep(this.#storage, THEME, theme);
  }
}
