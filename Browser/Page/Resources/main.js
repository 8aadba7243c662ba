// SPDX-License-Identifier: MIT
// @ts-check
// Puts the page together.

import { App } from "./app.js";
import { announce, announceTrouble } from "./interface/announcer.js";
import { download } from "./interface/dom.js";
import { listenToKeys } from "./interface/keys.js";
import { setUpTheme } from "./interface/theme.js";
import { Service, ServiceError } from "./service/api.js";
import { JobWatch } from "./service/job-watch.js";
import { JobQueue } from "./service/queue.js";
import { Memory } from "./state/memory.js";
import "./interface/drop-zone.js";
import "./interface/help-dialog.js";
import "./interface/job-list.js";
import "./interface/mixer.js";
import "./interface/take-form.js";
import "./interface/token-dialog.js";

/** @type {(id: string) => any} */
const part = (id) => document.getElementById(id);

const service = new Service();
const memory = new Memory();
const watch = new JobWatch(service);
const queue = new JobQueue(service, memory, watch);
const app = new App(service, memory, watch);
const mixer = part("mixer");
/** Whether somebody waits for the one song that was dropped. */
let isOneExpected = true;

setUpTheme(part("theme"), () => mixer.refresh());
part("help-button").addEventListener("click", () => part("help").show());
part("close").addEventListener("click", () => app.close());
listenToKeys({
  session: () => app.session,
  help: () => part("help").show(),
  zoom: (factor) => mixer.timeline.zoom(factor),
  toggleLoop: () => mixer.timeline.toggleLoop(),
});

mixer.timeline.loadPeaks = service.peaks.bind(service);
mixer.decisions.propose = app.propose.bind(app);
mixer.decisions.saveTaste = app.saveTaste.bind(app);
mixer.taste.learner = app.learner.bind(app);
mixer.taste.features = app.features.bind(app);
mixer.exporting.mix = app.mix.bind(app);
mixer.exporting.renderLoop = app.renderLoop.bind(app);
mixer.exporting.save = async (/** @type {string} */ path, /** @type {string} */ name) => {
  // A link cannot carry the token; without one, the browser does it better.
  download(service.hasToken ? await (await service.fetch(path)).blob() : path, name);
};

part("drop").onFiles = (/** @type {File[]} */ files) => {
  isOneExpected = files.length === 1 && !app.session;
  for (const file of files) queue.addSong(file, { model: part("model").value });
  if (app.session) announce(`${files.map((file) => file.name).join(", ")}: on the way, see \u201cAll songs\u201d.`);
};
part("take").onTake = (/** @type {any} */ files, /** @type {any} */ fields) => {
  isOneExpected = !app.session;
  queue.addTake(files, fields);
};
part("jobs").queue = queue;
part("jobs").onOpen = (/** @type {any} */ entry) => app.open(entry.job);

queue.addEventListener("done", (event) => {
  const { detail: entry } = /** @type {CustomEvent} */ (event);
  if (app.session && entry.isNew) announce(`${entry.name} is ready.`);
  // One song that was just dropped opens by itself, and so does what was open before a reload.
  const isExpected = (entry.isNew && isOneExpected) || memory.open === entry.job.id;
  if (!app.session && isExpected) app.open(entry.job);
});
queue.addEventListener("failed", (event) => {
  const { detail: entry } = /** @type {CustomEvent} */ (event);
  if (app.session) announce(`${entry.name}: ${entry.trouble}`, "trouble");
});

app.addEventListener("session", () => {
  const { session } = app;
  if (session) mixer.session = session;
  else mixer.close();
  mixer.hidden = !session;
  part("close").hidden = !session;
  part("title").textContent = session?.title ?? "";
  document.title = session ? `${session.title} \u2013 Tonmeister` : "Tonmeister";
  document.body.classList.toggle("has-song", Boolean(session));
});

/** Draws what moves, as often as the screen does. */
function frame() {
  if (app.session) mixer.frame();
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);

/** Shows the models that can be used; with one there is nothing to choose. */
async function showModels() {
  const { models } = await service.models();
  const installed = models.filter((model) => model.isInstalled);
  const options = installed.map(({ name, stems }) => new Option(`${name}: ${stems.join(", ")}`, name));
  part("model").replaceChildren(...options);
  part("model-row").hidden = installed.length < 2;
}

async function start() {
  service.token = part("token").kept;
  const limits = await service.limits().catch(async (error) => {
    if (!(error instanceof ServiceError) || error.status !== 401) throw error;
    return { authentication: true };
  });
  while (limits.authentication) {
    try {
      await service.models();
      break;
    } catch (error) {
      if (!(error instanceof ServiceError) || ![401, 403].includes(error.status)) throw error;
      service.token = await part("token").ask();
    }
  }
  await showModels();
}

start().catch(announceTrouble).finally(() => queue.restore());
