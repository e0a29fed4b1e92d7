// `npm run bench:room`: our room beside the other Yjs servers, all in this run, on this machine, with the same clients.
// CONCH_BENCH_DATA names the folder for their data (a disk that syncs slowly shows in whoever writes before it speaks).

import { spawn } from "node:child_process";
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { useOfTree } from "#test/harness/process-tree.ts";
import { hosts, type Host, type RunningHost } from "./hosts.ts";
import type { Figures, Job } from "./jobs.ts";
import { median, printRows } from "../table.ts";

const rounds = Number(process.env["CONCH_BENCH_ROUNDS"] ?? 3);
const only = process.env["CONCH_BENCH_ONLY"];
const documentBytes = 5_000_000;
/** Longer than the peers wait before they store a document. */
const storedMilliseconds = 4000;

/** Runs a job against a host; with the seconds of processor that the host used for its main part. */
async function run(job: Job, { target, pid }: RunningHost): Promise<Figures & { readonly cpu: number }> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", join(import.meta.dirname, "jobs.ts"), JSON.stringify(job), JSON.stringify(target)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let before = 0;
  let cpu = 0;
  let rest = "";
  let figures: Figures | undefined;
  child.stdout.on("data", (chunk: Buffer) => {
    rest += chunk.toString();
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines)
      if (line === "started") before = useOfTree(pid).cpu;
      else if (line === "ended") cpu = useOfTree(pid).cpu - before;
      else figures = JSON.parse(line) as Figures;
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  if (figures === undefined) throw new Error(`a job ended with ${String(code)}: ${JSON.stringify(job)}`);
  process.stderr.write(`  ${job.do}: ${JSON.stringify(figures)}, ${cpu.toFixed(2)} s of processor\n`);
  return { ...figures, cpu };
}

/** Figures of several rounds by name. */
class Samples {
  readonly #values = new Map<string, number[]>();

  add(name: string, value: number): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }

  median(name: string): number | undefined {
    const values = this.#values.get(name);
    return values === undefined ? undefined : median(values);
  }
}

async function withHost<T>(host: Host, data: string, work: (running: RunningHost) => Promise<T>): Promise<T> {
  const running = await host.start(data);
  try {
    return await work(running);
  } finally {
    await running.stop();
  }
}

async function measure(host: Host, folder: () => Promise<string>, samples: Samples): Promise<void> {
  await withHost(host, await folder(), async (running) => {
    const two = await run({ do: "latency", edits: 200 }, running);
    samples.add("p50", two["p50"] ?? Number.NaN);
    samples.add("p99", two["p99"] ?? Number.NaN);
  });
  await withHost(host, await folder(), async (running) => {
    const flood = { clients: 50, edits: 60 };
    const { perSecond = 0, cpu } = await run({ do: "crowd", ...flood }, running);
    samples.add("flood", perSecond);
    samples.add("flood cpu", (cpu / (flood.clients * flood.edits)) * 1e6);
  });
  await withHost(host, await folder(), async (running) => {
    const typing = { clients: 50, edits: 30, perSecond: 300 };
    const { messages = 0, cpu } = await run({ do: "crowd", ...typing }, running);
    samples.add("typing cpu", (cpu / (typing.clients * typing.edits)) * 1e6);
    samples.add("messages", messages);
  });
  const data = await folder();
  await withHost(host, data, async (running) => {
    await run({ do: "fill", bytes: documentBytes }, running);
    const { p50 = Number.NaN } = await run({ do: "sync", times: 7, bytes: documentBytes }, running);
    samples.add("sync", p50);
    if (host.keeps) await sleep(storedMilliseconds);
  });
  if (host.keeps)
    await withHost(host, data, async (running) => {
      const { p50 = Number.NaN } = await run({ do: "sync", times: 1, bytes: documentBytes }, running);
      samples.add("cold", p50);
    });
}

/** What writing a page and waiting for the disk takes: the least that writing first can cost. */
function diskMilliseconds(folder: string): number {
  const file = openSync(join(folder, "disk"), "w");
  const page = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 50 }, () => {
    const started = performance.now();
    writeSync(file, page, 0, page.length, 0);
    fdatasyncSync(file);
    return performance.now() - started;
  });
  closeSync(file);
  return median(times);
}

const root = process.env["CONCH_BENCH_DATA"] ?? tmpdir();
await mkdir(root, { recursive: true });
const data = await mkdtemp(join(root, "conch-bench-"));
let folders = 0;
const folder = async (): Promise<string> => {
  const path = join(data, String(folders++));
  await mkdir(path);
  return path;
};

try {
  const disks: number[] = [];
  const chosen = hosts.filter(({ name }) => only === undefined || name.includes(only));
  const results = new Map(chosen.map((host) => [host, new Samples()]));
  for (let round = 1; round <= rounds; round++)
    for (const [host, samples] of results) {
      process.stderr.write(`round ${round} of ${rounds}: ${host.name} …\n`);
      disks.push(diskMilliseconds(data));
      // One that fails has no figures; the others still do.
      await measure(host, folder, samples).catch((thrown: unknown) => {
        process.exitCode = 1;
        console.error(thrown);
      });
    }
  const figure = (value: number | undefined, digits: number): string =>
    value === undefined ? "-" : value.toFixed(digits);
  const rows = [...results].map(([{ name, writes }, samples]) => [
    name,
    writes,
    `${figure(samples.median("p50"), 2)} / ${figure(samples.median("p99"), 1)}`,
    figure(samples.median("flood"), 0),
    figure(samples.median("flood cpu"), 0),
    figure(samples.median("typing cpu"), 0),
    figure(samples.median("messages"), 0),
    figure(samples.median("sync"), 0),
    figure(samples.median("cold"), 0),
  ]);
  const heads = [
    "host",
    "writes",
    "ms p50 / p99, 2 clients",
    "updates/s, 50 clients",
    "µs CPU/update",
    "µs CPU/update, typing",
    "messages/client, typing",
    "ms first sync of 5 MB",
    "ms after a restart",
  ];
  process.stdout.write(`${printRows([heads, ...rows])}\n`);
  process.stdout.write(
    `disk: ${median(disks).toFixed(2)} ms to write and sync a page; median of ${rounds} rounds\n`,
  );
} finally {
  await rm(data, { recursive: true, force: true });
}
