import { mergeNotebook } from "#core/notebook/merge.ts";
import { spawn } from "node:child_process";
import { expect, it } from "vitest";
import * as Y from "yjs";
import { concatBytes, decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { systemClock } from "#core/base/system-clock.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { ManualClock } from "#test/harness/manual-clock.ts";
import { displaysIn, printDisplay } from "#core/notebook/output/display.ts";
import { initNotebook, Notebook } from "#core/notebook/notebook.ts";
import { OutputLog, trimToCharacters } from "#core/notebook/output/log.ts";
import { type RunRecord, runsKept, shownState } from "#core/notebook/output/run-record.ts";
import { Screen } from "#core/notebook/output/screen.ts";
import { runAll } from "./run-all.ts";
import type { ExitStatus, Machine } from "#core/machine/machine.ts";
import { type CellRun, runCell, type RunCellOptions } from "./run-cell.ts";

/** A real shell on the host: pipes instead of a terminal, a fresh process for each run. */
const hostMachine: Pick<Machine, "runCell"> = {
  runCell: async ({ kind, source }, { output }) => {
    const child = spawn(kind === "sh" ? "bash" : "python3", ["-c", source], {
      stdio: "pipe",
      detached: true,
    });
    const pump = async (stream: AsyncIterable<Buffer>): Promise<void> => {
      for await (const data of stream) await output(1, data);
    };
    const pumped = Promise.all([pump(child.stdout), pump(child.stderr)]);
    const exit = new Promise<ExitStatus>((resolve) => {
      child.on(
        "close",
        (code, signal) => void pumped.then(() => resolve({ code: code ?? (signal === "SIGINT" ? 130 : 1) })),
      );
    });
    return {
      id: child.pid ?? 0,
      exit,
      write: async (data) => void child.stdin.write(data),
      eof: async () => void child.stdin.end(),
      resize: async () => undefined,
      signal: async (name) => void process.kill(-(child.pid ?? 0), `SIG${name}`),
    };
  },
};

/** A relay of one room, with what each channel carried. */
class Relay {
  readonly frames = new Map<string, Uint8Array[]>();
  readonly snapshots = new Map<string, () => Uint8Array>();
  readonly closed: string[] = [];

  publish(
    channel: string,
    _info: object,
    snapshot: () => Uint8Array,
  ): { send(data: Uint8Array): void; close(): void } {
    const frames: Uint8Array[] = [];
    this.frames.set(channel, frames);
    this.snapshots.set(channel, snapshot);
    return { send: (data) => void frames.push(data), close: () => void this.closed.push(channel) };
  }

  text(channel: string): string {
    return decodeUtf8Lossy(concatBytes(this.frames.get(channel) ?? []));
  }
}

interface Bench extends Omit<RunCellOptions, "cell"> {
  readonly relay: Relay;
  readonly store: MemoryBlobStore;
}

function bench(markdown: string): Bench {
  const node = new Y.Doc().getMap("node");
  initNotebook(node);
  const notebook = new Notebook(node, { id: "n" });
  mergeNotebook(notebook, markdown);
  const relay = new Relay();
  const store = new MemoryBlobStore();
  let time = 1000;
  return {
    notebook,
    relay,
    store,
    channels: relay,
    blobs: store,
    machine: hostMachine,
    person: { id: "p1", name: "Ana", color: "coral" },
    client: 7,
    machineName: "Ana's machine",
    clock: { ...systemClock, now: () => (time += 5) },
  };
}

function start(options: Bench, index = 0): CellRun {
  const cell = options.notebook.cells[index];
  if (cell === undefined) throw new Error("no such cell");
  return runCell({ ...options, cell });
}

function sh(...sources: string[]): string {
  return sources.map((source) => `\`\`\`sh\n${source}\n\`\`\`\n`).join("\n");
}

it("[NB-50] records who ran what, and how it ended", async () => {
  const options = bench(sh("echo hello; echo oops >&2; exit 3"));
  const run = start(options);
  const [cell] = options.notebook.cells;
  expect(cell?.run).toMatchObject({
    id: run.id,
    state: "running",
    client: 7,
    machine: "Ana's machine",
    channel: run.channel,
  });
  expect(await run.done).toEqual({ code: 3 });
  expect(cell?.run).toMatchObject({
    state: "done",
    code: 3,
    by: { name: "Ana" },
    started: 1005,
    duration: 5,
  });
  expect(cell?.run?.output).toEqual({ head: "hello\noops\n", tail: "", omitted: 0 });
  expect(options.relay.closed).toEqual([run.channel]);
});

it("[NB-11] runs a WebAssembly cell on the machine, as any other", async () => {
  const asked: object[] = [];
  const machine: Pick<Machine, "runCell"> = {
    runCell: async (spec, events) => {
      asked.push(spec);
      return hostMachine.runCell({ ...spec, kind: "sh" }, events);
    },
  };
  const options = { ...bench("```wasm\necho from a module\n```\n"), machine };
  expect(await start(options).done).toEqual({ code: 0 });
  expect(asked).toMatchObject([{ kind: "wasm", session: "n", source: "echo from a module" }]);
  expect(options.notebook.cells[0]?.run?.output?.head).toBe("from a module\n");
});

it("[NB-50] keeps the newest runs", () => {
  const { notebook } = bench(sh("true"));
  const id = notebook.cells[0]?.id ?? "";
  const record = (started: number): RunRecord => ({
    id: `r${started}`,
    by: { id: "p", name: "P", color: "c" },
    client: 1,
    machine: "m",
    sourceHash: "h",
    started,
    state: "done",
    channel: "c",
  });
  for (let started = 1; started <= runsKept + 3; started++) notebook.setRun(id, record(started));
  expect(notebook.cells[0]?.runs.map(({ started }) => started)).toEqual([8, 7, 6, 5, 4]);
  expect(notebook.cells[0]?.map.get("runs")).toHaveProperty("size", runsKept);
});

it("[NB-51] two runs of one cell are two, and never mix", async () => {
  const options = bench(sh("for i in 1 2 3; do echo $$ $i; sleep 0.01; done"));
  const runs = [start(options), start(options)];
  await Promise.all(runs.map(({ done }) => done));
  const kept = options.notebook.cells[0]?.runs ?? [];
  expect(kept).toHaveLength(2);
  for (const { channel, output } of kept) {
    const lines = (output?.head ?? "").trim().split("\n");
    expect(lines).toHaveLength(3);
    expect(new Set(lines.map((line) => line.split(" ")[0])).size).toBe(1);
    expect(options.relay.text(channel)).toBe(output?.head);
  }
});

it("[NB-52] shows a run as lost when its runner is gone", async () => {
  const options = bench(sh("true"));
  const run = start(options);
  const record = options.notebook.cells[0]?.run as RunRecord;
  expect(shownState(record, (client) => client === 7)).toBe("running");
  expect(shownState(record, () => false)).toBe("lost");
  await run.done;
  expect(shownState(options.notebook.cells[0]?.run as RunRecord, () => false)).toBe("done");
});

it("[NB-53] is stale when the source changed, and not when it changed back", async () => {
  const options = bench(sh("true"));
  const [cell] = options.notebook.cells;
  expect(cell?.stale).toBe(false);
  await start(options).done;
  expect(cell?.stale).toBe(false);
  cell?.source?.insert(0, "x");
  expect(cell?.stale).toBe(true);
  cell?.source?.delete(0, 1);
  expect(cell?.stale).toBe(false);
});

it("[NB-54] sends the first bytes at once, later ones together, and holds back what is too quick", async () => {
  const clock = new ManualClock();
  let output: ((fd: 1 | 2, data: Uint8Array) => void | Promise<void>) | undefined;
  let end: (exit: ExitStatus) => void = () => undefined;
  const options: Bench = {
    ...bench(sh("x")),
    clock,
    machine: {
      runCell: async (_spec, events) => {
        output = events.output;
        return {
          id: 1,
          exit: new Promise((resolve) => (end = resolve)),
          write: async () => undefined,
          eof: async () => undefined,
          resize: async () => undefined,
          signal: async () => undefined,
        };
      },
    },
  };
  const run = start(options);
  const seen: string[] = [];
  run.onOutput((data) => seen.push(decodeUtf8Lossy(data)));
  await Promise.resolve();
  expect(output?.(1, encodeUtf8("a"))).toBeUndefined();
  void output?.(1, encodeUtf8("b"));
  void output?.(1, encodeUtf8("c"));
  expect(seen).toEqual(["a"]);
  await clock.pass(8);
  expect(seen).toEqual(["a", "bc"]);

  let released = false;
  const held = output?.(1, encodeUtf8(`${"A".repeat(99)}\n`.repeat(500)));
  void Promise.resolve(held).then(() => (released = true));
  await Promise.resolve();
  expect(held).toBeInstanceOf(Promise);
  expect(released).toBe(false);
  // [NB-55] A newcomer's snapshot holds everything, and what it holds is not sent after it.
  const late = new Screen();
  late.write(run.snapshot());
  expect(late.text).toHaveLength(50_002);
  await held;
  const frames = options.relay.frames.get(run.channel) ?? [];
  expect(frames.map(({ length }) => length)).toEqual([1, 2, 49_152, 848]);
  end({ code: 0 });
  await run.done;
  expect(options.relay.text(run.channel)).toHaveLength(50_003);
});

it("[NB-55] [NB-56] bounds what it stores and replays, and keeps the whole as a blob", async () => {
  const options = bench("```python\nprint('é🐚' * 100_000)\nprint('end')\n```\n");
  const run = start(options);
  await run.done;
  const output = options.notebook.cells[0]?.run?.output;
  const whole = encodeUtf8(`${"é🐚".repeat(100_000)}\nend\n`);
  expect(output?.head).toMatch(/^(é🐚)+é?$/u);
  expect(output?.tail).toMatch(/^🐚?(é🐚)+\nend\n$/u);
  expect(encodeUtf8(`${output?.head}${output?.tail}`).length + (output?.omitted ?? 0)).toBe(whole.length);
  expect(output?.blob?.size).toBe(whole.length);
  expect(output?.blob === undefined ? undefined : options.store.get(output.blob)).toEqual(whole);
  const replay = decodeUtf8Lossy(run.snapshot());
  const late = new Screen();
  late.write(replay);
  expect(late.text).toMatch(/^(é🐚)+é?\nend$/u);
  expect(replay.length).toBeLessThan(200_000);
});

it("[NB-57] can be interrupted and written to", async () => {
  const options = bench(sh("read line; echo got $line; sleep 60"));
  const run = start(options);
  await run.write("hello\n");
  await new Promise<void>((resolve) =>
    run.onOutput((data) => decodeUtf8Lossy(data).includes("got hello") && resolve()),
  );
  await run.interrupt();
  expect((await run.done).code).toBe(130);
  expect(options.notebook.cells[0]?.run).toMatchObject({ state: "interrupted", code: 130 });
  await run.interrupt();
});

it("[NB-57] says why a cell could not be run", async () => {
  const options: Bench = {
    ...bench(sh("true")),
    machine: { runCell: () => Promise.reject(new Error("No memory is left.")) },
  };
  const run = start(options);
  await run.interrupt();
  expect(await run.done).toEqual({ code: 126, error: "No memory is left." });
  expect(options.notebook.cells[0]?.run).toMatchObject({ code: 126, error: "No memory is left." });
});

it("[NB-58] runs all cells in order and stops at the first that fails", async () => {
  const options = bench(`words\n\n${sh("echo 1", "echo 2; exit 4", "echo 3")}`);
  const started: string[] = [];
  const run = runAll({ ...options, onRun: ({ cell }) => void started.push(cell.code) });
  expect(await run.done).toEqual({ code: 4 });
  expect(started).toEqual(["echo 1", "echo 2; exit 4"]);
  expect(options.notebook.cells.map((cell) => cell.run?.output?.head)).toEqual([
    undefined,
    "1\n",
    "2\n",
    undefined,
  ]);
});

it("[NB-58] stops when it is interrupted", async () => {
  const options = bench(sh("echo ready; sleep 60", "echo 2"));
  let isReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (isReady = resolve));
  const run = runAll({ ...options, onRun: (cellRun) => void cellRun.onOutput(isReady) });
  await ready;
  await run.interrupt();
  expect((await run.done).code).toBe(130);
  expect(options.notebook.cells[1]?.run).toBeUndefined();
});

it("[NB-61] [NB-62] keeps what a run shows, whole, with the blobs that hold it", async () => {
  const item = { hash: "a1".repeat(32), size: 5, mime: "image/png", name: "a.png" };
  const hidden = { ...item, hash: "b2".repeat(32) };
  const octal = (text: string): string => text.replaceAll("\u001B", "\\033").replaceAll("\u0007", "\\007");
  const shown = octal(printDisplay(item)).replaceAll("%", "%%");
  const short = bench(sh(`printf 'x${shown}'`));
  await start(short).done;
  expect(short.notebook.cells[0]?.run?.output).toEqual({
    head: `x\n${printDisplay(item)}`,
    tail: "",
    omitted: 0,
    displays: [{ hash: item.hash, size: 5 }],
  });
  // The cut between head and tail falls into markers, and what is left out shows something, too.
  const long = bench(
    sh(`for i in {1..60}; do printf '${shown}'; done; seq 9000; printf '${octal(printDisplay(hidden))}'; seq 9000;
for i in {1..150}; do printf '${shown}'; done`),
  );
  await start(long).done;
  const output = long.notebook.cells[0]?.run?.output;
  expect(output?.displays).toEqual([
    { hash: item.hash, size: 5 },
    { hash: hidden.hash, size: 5 },
  ]);
  expect(output?.tail.startsWith(printDisplay(item))).toBe(true);
  expect(displaysIn(output?.tail ?? "").length).toBe((output?.tail ?? "").split("6973").length - 1);
  expect(displaysIn(decodeUtf8Lossy(long.store.get(output?.blob ?? item)))).toHaveLength(211);
});

it("keeps the beginning and the end of any output", () => {
  const log = new OutputLog(4, 4);
  for (const piece of ["ab", "cdef", "", "ghijklmnop", "q"]) log.append(encodeUtf8(piece));
  const { head, tail, omitted } = log.excerpt(3, 3);
  expect([decodeUtf8Lossy(head), decodeUtf8Lossy(tail), omitted, log.length]).toEqual(["abc", "opq", 11, 17]);
  const short = new OutputLog(4, 4);
  short.append(encodeUtf8("abcdef"));
  expect(decodeUtf8Lossy(short.excerpt(4, 4).head)).toBe("abcdef");
  const cut = trimToCharacters({
    head: encodeUtf8("aé").subarray(0, 2),
    lead: new Uint8Array(0),
    tail: encodeUtf8("🐚b").subarray(1),
    omitted: 5,
  });
  expect([decodeUtf8Lossy(cut.head), decodeUtf8Lossy(cut.tail), cut.omitted]).toEqual(["a", "b", 9]);
});
