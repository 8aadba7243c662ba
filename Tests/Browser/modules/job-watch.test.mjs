// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";
import { ServiceError } from "../../../Browser/Page/Resources/service/api.js";
import { JobWatch } from "../../../Browser/Page/Resources/service/job-watch.js";

/** A service with jobs that the test moves on; counts what is asked of it. */
class FakeService {
  jobStates = new Map();
  streams = new Map();
  mostStreams = 0;
  polls = 0;
  isGone = false;

  set(id, state, version) {
    const job = { id, kind: "separation", state, version };
    this.jobStates.set(id, job);
    this.streams.get(id)?.enqueue(new TextEncoder().encode(`event: job\ndata: ${JSON.stringify(job)}\n\n`));
  }

  async jobs() {
    this.polls++;
    if (this.isGone) throw new ServiceError("The server does not answer.", 0);
    return { jobs: [...this.jobStates.values()].filter((job) => job.id !== "old") };
  }

  async job(id) {
    const job = this.jobStates.get(id);
    if (!job) throw new ServiceError("There is no such job.", 404);
    return job;
  }

  async fetch(path, { signal }) {
    const id = path.split("/")[3];
    const body = new ReadableStream({
      start: (controller) => {
        this.streams.set(id, controller);
        this.mostStreams = Math.max(this.mostStreams, this.streams.size);
        const close = () => { if (this.streams.delete(id)) controller.error(new Error("closed")); };
        signal.addEventListener("abort", close);
        const job = this.jobStates.get(id);
        controller.enqueue(new TextEncoder().encode(`event: job\ndata: ${JSON.stringify(job)}\n\n`));
      },
      cancel: () => { this.streams.delete(id); },
    });
    return new Response(body);
  }
}

/** Locks as of several tabs in one. */
function fakeLocks() {
  let last = Promise.resolve();
  return { request: (_, body) => (last = last.then(body)) };
}

const soon = (milliseconds = 30) => new Promise((done) => setTimeout(done, milliseconds));
const ids = ["a", "b", "c", "d", "e", "f", "g", "h"];

test("eight jobs in two tabs need one stream, and all are followed to their ends", async () => {
  const service = new FakeService();
  const locks = fakeLocks();
  const tabs = [0, 1].map(() => new JobWatch(service, { locks, pollDelay: 5 }));
  for (const id of ids) service.set(id, "queued", 1);
  const ends = ids.map((id, index) => tabs[index % 2].follow(id, () => {}));
  await soon();
  for (const id of ids) {
    service.set(id, "running", 2);
    await soon(10);
    service.set(id, "succeeded", 3);
  }
  const jobs = await Promise.all(ends);
  assert.deepEqual(jobs.map((job) => [job.id, job.state]), ids.map((id) => [id, "succeeded"]));
  assert.equal(service.mostStreams, 1);
  await soon();
  const { polls } = service;
  await soon();
  assert.deepEqual([service.polls, service.streams.size], [polls, 0]);
});

test("the job that runs is streamed, though another came first", async () => {
  const service = new FakeService();
  const watch = new JobWatch(service, { locks: fakeLocks(), pollDelay: 5 });
  const leaving = new AbortController();
  service.set("a", "queued", 1);
  service.set("b", "queued", 1);
  const follows = ["a", "b"].map((id) => watch.follow(id, () => {}, { signal: leaving.signal }).catch(() => {}));
  await soon();
  assert.deepEqual([...service.streams.keys()], ["a"]);
  service.set("b", "running", 2);
  await soon(60);
  assert.deepEqual([...service.streams.keys()], ["b"]);
  leaving.abort();
  await Promise.all(follows);
});

test("without locks jobs are asked for, and a server that is gone is waited for", async () => {
  const service = new FakeService();
  const watch = new JobWatch(service, { locks: null, pollDelay: 5 });
  service.isGone = true;
  service.set("a", "running", 1);
  const connections = [];
  const end = watch.follow("a", () => {}, { onConnection: (isConnected) => connections.push(isConnected) });
  await soon();
  service.isGone = false;
  service.set("a", "succeeded", 2);
  assert.equal((await end).state, "succeeded");
  assert.deepEqual([connections[0], connections.at(-1), service.mostStreams], [false, true, 0]);
});

test("a job that is too old for the list is found, and one that is gone is refused", async () => {
  const service = new FakeService();
  const watch = new JobWatch(service, { locks: null, pollDelay: 5 });
  service.set("old", "succeeded", 1);
  assert.equal((await watch.follow("old", () => {})).id, "old");
  await assert.rejects(watch.follow("gone", () => {}), { status: 404 });
});
