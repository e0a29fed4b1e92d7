// What the bench asks of a host, run in a process of its own: `jobs.ts JOB TARGET`, both JSON. Prints one line of JSON.

import { setTimeout as sleep } from "node:timers/promises";
import * as Y from "yjs";
import { scanUpdate } from "#party/update-scan.ts";
import { BenchClient, type Target } from "./client.ts";

export type Job =
  | { readonly do: "latency"; readonly edits: number }
  /** `perSecond` of everybody together; undefined: as fast as it goes. */
  | { readonly do: "crowd"; readonly clients: number; readonly edits: number; readonly perSecond?: number }
  | { readonly do: "fill"; readonly bytes: number }
  | { readonly do: "sync"; readonly times: number; readonly bytes: number };

export type Figures = Readonly<Record<string, number>>;

/** Edits of one person who types on at the end of what he has typed. */
function typing(count: number): Uint8Array[] {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on("update", (update) => updates.push(update));
  const text = doc.getText("t");
  for (let index = 0; index < count; index++) text.insert(index, "x");
  return updates;
}

/** How many characters of whom an update brings. */
function characters(update: Uint8Array): number {
  let sum = 0;
  for (const ranges of scanUpdate(update, 1e9).structs.values())
    for (const { from, to } of ranges) sum += to - from;
  return sum;
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

async function enter(target: Target): Promise<BenchClient> {
  const client = await BenchClient.open(target);
  await client.sync();
  client.onUpdate = undefined;
  return client;
}

async function settle(clients: readonly BenchClient[]): Promise<void> {
  for (const client of clients) await client.close();
}

/** The time from the send on one line to the arrival on the other. */
async function latency(target: Target, edits: number): Promise<Figures> {
  const [a, b] = [await enter(target), await enter(target)];
  const times: number[] = [];
  for (const update of typing(edits)) {
    const arrived = new Promise<void>((resolve) => (b.onUpdate = () => resolve()));
    const started = performance.now();
    a.sendUpdate(update);
    await arrived;
    times.push(performance.now() - started);
    // As between keystrokes: every edit comes after a pause, at no fixed beat.
    await sleep(8 + Math.random() * 16);
  }
  await settle([a, b]);
  // The first few find the host cold.
  const warm = times.slice(Math.floor(edits / 10));
  return { p50: quantile(warm, 0.5), p99: quantile(warm, 0.99) };
}

async function crowd(target: Target, size: number, edits: number, perSecond?: number): Promise<Figures> {
  const clients: BenchClient[] = [];
  for (let index = 0; index < size; index++) clients.push(await enter(target));
  const updates = clients.map(() => typing(edits));
  // One only listens, and must hear everything: then all have.
  const witness = await enter(target);
  const total = size * edits;
  let heard = 0;
  const complete = new Promise<void>((resolve) => {
    witness.onUpdate = (update) => {
      heard += characters(update);
      if (heard >= total) resolve();
    };
  });
  const before = clients.reduce((sum, client) => sum + client.messages, 0);
  process.stdout.write("started\n");
  const started = performance.now();
  for (let round = 0; round < edits; round++) {
    for (const [index, client] of clients.entries()) {
      const update = updates[index]?.[round];
      if (update !== undefined) client.sendUpdate(update);
      if (perSecond === undefined) continue;
      const ahead = ((round * size + index) / perSecond) * 1000 - (performance.now() - started);
      if (ahead > 2) await sleep(ahead);
    }
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  const fell = (async () => {
    while (clients.every(({ closed }) => closed === undefined)) await sleep(100);
    throw new Error(`somebody was sent away: ${clients.find(({ closed }) => closed !== undefined)?.closed}`);
  })();
  await Promise.race([complete, fell]);
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write("ended\n");
  const after = clients.reduce((sum, client) => sum + client.messages, 0);
  fell.catch(() => {});
  const figures = { perSecond: total / seconds, messages: (after - before) / size };
  await settle([...clients, witness]);
  return figures;
}

/** A project of many files. */
async function fill(target: Target, bytes: number): Promise<Figures> {
  const client = await enter(target);
  const doc = new Y.Doc();
  const fileBytes = 10_000;
  doc.transact(() => {
    for (let index = 0; index * fileBytes < bytes; index++) {
      const text = new Y.Text();
      doc.getMap("files").set(`file${index}`, text);
      text.insert(0, "all work and no play\n".repeat(Math.ceil(fileBytes / 21)));
    }
  });
  client.sendUpdate(Y.encodeStateAsUpdate(doc));
  // Until it is certainly there: a second client has it.
  const other = await BenchClient.open(target);
  await other.sync(bytes);
  await other.close();
  await client.close();
  return {};
}

async function syncs(target: Target, times: number, bytes: number): Promise<Figures> {
  const durations: number[] = [];
  for (let time = 0; time < times; time++) {
    const started = performance.now();
    const client = await BenchClient.open(target);
    await client.sync(bytes);
    durations.push(performance.now() - started);
    await client.close();
  }
  return { p50: quantile(durations, 0.5) };
}

function run(job: Job, target: Target): Promise<Figures> {
  if (job.do === "latency") return latency(target, job.edits);
  if (job.do === "crowd") return crowd(target, job.clients, job.edits, job.perSecond);
  if (job.do === "fill") return fill(target, job.bytes);
  return syncs(target, job.times, job.bytes);
}

const [, , job, target] = process.argv;
if (job !== undefined && target !== undefined) {
  const figures = await run(JSON.parse(job) as Job, JSON.parse(target) as Target);
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  process.exit(0);
}
