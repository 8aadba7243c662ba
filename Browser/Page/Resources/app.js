// SPDX-License-Identifier: MIT
// @ts-check
// What happens on the page: songs come in, one is opened, mixed, learned from and exported.

import { measureInBackground } from "./audio/background-meter.js";
import { WindowLoader } from "./audio/loader.js";
import { PlainPlayer } from "./audio/plain-player.js";
import { planTrouble } from "./audio/plan-check.js";
import { Player } from "./audio/player.js";
import { announce, announceTrouble } from "./interface/announcer.js";
import { isSame, neutralPlan, withoutReasons } from "./state/plan.js";
import { Session } from "./state/session.js";
import { Learner } from "./taste/learner.js";

/** @typedef {import("./service/api.js").Job} Job */
/** @typedef {import("./service/api.js").Service} Service */
/** @typedef {import("./service/job-watch.js").JobWatch} JobWatch */
/** @typedef {import("./state/memory.js").Memory} Memory */

/** How long another tab has to leave a plan alone until it is taken over. */
const FOLLOWING_MILLISECONDS = 150;

/** Events: `session`. */
export class App extends EventTarget {
  /** @type {Session | null} */
  session = null;
  #service;
  #memory;
  #watch;
  /** @type {WindowLoader | null} */
  #loader = null;
  /** @type {Promise<Learner> | null} */
  #learner = null;
  /** @type {Map<string, Promise<number[] | null>>} */
  #features = new Map();
  #opening = 0;
  #closing = new AbortController();

  /**
   * @param {Service} service
   * @param {Memory} memory
   * @param {JobWatch} watch
   */
  constructor(service, memory, watch) {
    super();
    this.#service = service;
    this.#memory = memory;
    this.#watch = watch;
  }

  /**
   * Opens a song that has been taken apart.
   * @param {Job} job
   */
  async open(job) {
    const opening = ++this.#opening;
    const urls = [...(job.stems ?? []).map((stem) => stem.url), job.original?.url ?? ""].filter(Boolean);
    try {
      const [loader, meters] = await Promise.all([
        WindowLoader.open(urls, (url, init) => this.#service.fetch(url, init)),
        this.#service.meters(job.id).catch(() => ({ stems: {} })),
      ]);
      const { plan, proposal } = await this.#kept(job) ?? { plan: neutralPlan(namesOf(job)), proposal: null };
      const player = await this.#player(loader, plan);
      if (opening !== this.#opening) return void player.close();
      this.close();
      this.#loader = loader;
      const session = this.session = new Session(
        job, player, { ...meters, stems: meters.stems ?? {} }, plan, proposal);
      const { signal } = this.#closing;
      this.#memory.open = job.id;
      this.#keepPlan(session, signal);
      measureInBackground(session, this.#service.headers, signal);
      player.addEventListener(
        "failure", (event) => announce(/** @type {CustomEvent} */ (event).detail, "trouble"), { signal });
      this.dispatchEvent(new Event("session"));
    } catch (error) {
      announceTrouble(error);
    }
  }

  /**
   * Keeps the plan of a song, and follows another tab that has the same song open.
   * @param {Session} session
   * @param {AbortSignal} signal
   */
  #keepPlan(session, signal) {
    const { id } = session.job;
    let isOfOther = false;
    let timer = 0;
    session.addEventListener("plan", () => { if (!isOfOther) this.#memory.keepPlan(id, session.plan); }, { signal });
    session.addEventListener("proposal", () => {
      if (!isOfOther && session.proposal) this.#memory.keepProposal(id, session.proposal);
    }, { signal });
    this.#memory.onPlan(id, () => {
      // Only the last of many is looked at, and what has come from there is not kept again from here.
      clearTimeout(timer);
      timer = window.setTimeout(async () => {
        const kept = await this.#kept(session.job);
        if (!kept || signal.aborted) return;
        isOfOther = true;
        session.follow(kept.plan, kept.proposal);
        isOfOther = false;
      }, FOLLOWING_MILLISECONDS);
    }, signal);
  }

  /** Lets go of the song. */
  close() {
    this.#closing.abort();
    this.#closing = new AbortController();
    this.session?.player.close();
    this.session = null;
    this.#loader = null;
    this.#memory.open = null;
    this.dispatchEvent(new Event("session"));
  }

  /**
   * The plan of a song as it was left, and what was proposed of it; null where it is no plan, or does not fit any more.
   * @param {Job} job
   */
  async #kept(job) {
    const names = namesOf(job);
    const [plan, proposal] = [this.#memory.plan(job.id), this.#memory.proposal(job.id)];
    if (!await this.#fits(plan, names)) return null;
    const parts = [proposal?.plan, proposal?.untasted, proposal?.before];
    const fits = await Promise.all(parts.map((part) => this.#fits(part, names)));
    return { plan, proposal: fits.every(Boolean) ? proposal : null };
  }

  /**
   * Whether something is a plan for tracks.
   * @param {any} plan
   * @param {string[]} names
   */
  async #fits(plan, names) {
    const isPlan = Array.isArray(plan?.tracks) && plan.master;
    if (!isPlan || !isSame(plan.tracks.map((/** @type {any} */ track) => track?.name), names)) return false;
    // Where the desk itself is missing, nobody can tell.
    return await planTrouble(plan).catch(() => null) === null;
  }

  /**
   * @param {WindowLoader} loader
   * @param {any} plan
   */
  async #player(loader, plan) {
    if (!("AudioWorkletNode" in window)) return new PlainPlayer(loader, plan);
    try {
      return await Player.open(loader, plan);
    } catch (error) {
      announceTrouble(error);
      return new PlainPlayer(loader, plan);
    }
  }

  /** The learner, loaded when it is first needed. */
  learner() {
    this.#learner ??= Learner.open();
    this.#learner.catch(() => { this.#learner = null; });
    return this.#learner;
  }

  /**
   * What the learners know of a song; null where there is nothing to know. What failed is asked for again.
   * @param {Session} session
   */
  features(session) {
    const { id } = session.job;
    const known = this.#features.get(id);
    if (known) return known;
    const features = this.#service.features(id).then(
      ({ preference }) => (Array.isArray(preference) ? preference : null));
    this.#features.set(id, features);
    features.catch(() => this.#features.delete(id));
    return features;
  }

  /**
   * @param {Session} session
   * @param {string[]} troubles where it is said what went wrong
   */
  #featuresOrNull(session, troubles) {
    return this.features(session).catch((error) => {
      troubles.push(`What the song is like is not known: ${messageOf(error)}`);
      return null;
    });
  }

  /**
   * The automatic mix, as the listener likes it; as anybody would, where that cannot be told. What comes when the
   * song is not open any more is nobody's.
   * @param {Session} session
   */
  async propose(session) {
    try {
      const untasted = await this.#service.propose(session.job.id);
      if (this.session !== session) return;
      let plan = untasted;
      /** @type {string[]} */
      const troubles = [];
      try {
        const features = await this.#featuresOrNull(session, troubles);
        plan = await (await this.learner()).advise(untasted, features);
      } catch (error) {
        troubles.push(`It is not to your taste: ${messageOf(error)}`);
      }
      if (this.session !== session) return;
      session.propose(plan, untasted);
      report("The mix is proposed. Every decision can be changed.", troubles);
    } catch (error) {
      announceTrouble(error);
    }
  }

  /**
   * Learns from what the listener does otherwise than the automatic mix, which is shown beside it where it was not asked
   * for.
   * @param {Session} session
   */
  async saveTaste(session) {
    if (!session.proposal && isSame(session.plan, neutralPlan(session.names))) {
      announce("There is nothing to learn from yet: mix the song first.", "trouble");
      return;
    }
    try {
      const isByHand = !session.proposal;
      const proposed = session.proposal?.untasted ?? await this.#service.propose(session.job.id);
      if (this.session !== session) return;
      if (isByHand) session.compare(proposed);
      /** @type {string[]} */
      const troubles = [];
      const features = await this.#featuresOrNull(session, troubles);
      if (this.session !== session) return;
      const learner = await this.learner();
      if (this.session !== session) return;
      await learner.learn({ proposed, kept: session.plan, title: session.title, features });
      const listed = " Listed is what the automatic mix would do: what you do otherwise was learned.";
      report(`Saved as your taste, on this device.${isByHand ? listed : ""}`, troubles);
    } catch (error) {
      announceTrouble(error);
    }
  }

  /**
   * Has the server mix.
   * @param {Session} session
   * @param {any} options
   * @param {(job: Job) => void} onProgress
   * @param {AbortSignal} signal
   */
  async mix(session, options, onProgress, signal) {
    // Reasons may tell of the listener, and the server needs none.
    const job = await this.#service.mix(session.job.id, withoutReasons(session.plan), options);
    signal.addEventListener("abort", () => this.#service.remove(job.id).catch(() => {}), { once: true });
    return this.#watch.follow(job.id, onProgress, { signal });
  }

  /**
   * The loop as it sounds.
   * @param {Session} session
   */
  async renderLoop(session) {
    const { loop } = session.player;
    if (!loop || !this.#loader) throw new Error("Select a loop first: drag over the waveforms.");
    const { renderPart } = await import("./audio/offline.js");
    return renderPart(this.#loader, session.plan, { ...loop, loudnessGain: session.loudnessGainDB });
  }
}

const namesOf = (/** @type {Job} */ job) => (job.stems ?? []).map((stem) => stem.name);

const messageOf = (/** @type {unknown} */ error) => (error instanceof Error ? error.message : String(error));

/**
 * @param {string} news
 * @param {string[]} troubles that did not hinder it
 */
function report(news, troubles) {
  announce([news, ...troubles].join(" "), troubles.length > 0 ? "trouble" : "news");
}
