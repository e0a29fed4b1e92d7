// Measures in the browser how soon a program answers: from the page's request to its machine until the first byte of
// output is back on the page, without what the page then draws.

import { setTimeout as sleep } from "node:timers/promises";
import type { WorkspacePage } from "#test/e2e/workspace-page.ts";
import { until } from "#test/harness/until.ts";
import type { Stage } from "./stage.ts";
import { type Line, median } from "./table.ts";

const rounds = 20;

/** The first ones run on cold code. */
const warmUpRounds = 5;

/** ms, as between two runs of a person: the last one has been written down and told to everybody. */
const pause = 300;

/** What the page keeps for this bench: ms, by the method that was called. */
interface Latencies {
  readonly runCell: number[];
  readonly spawn: number[];
}

declare global {
  // oxlint-disable-next-line no-var -- only var declares a global
  var latencies: Latencies | undefined;
}

export async function measureLatency(stage: Stage): Promise<readonly Line[]> {
  return stage.with(1, async (person) => {
    await person.ready();
    await listen(person);
    await person.write("bench.nb.md", '```sh {name="echo"}\necho here-it-is\n```\n');
    await person.openFile("bench.nb.md");
    const cell = await person.cell("bench.nb.md", "echo");
    await cell.waitFor();
    for (let round = 0; round < rounds + warmUpRounds; round++) {
      await cell.getByRole("button", { name: "Run cell" }).click();
      await until("the output has come", async () => (await taken(person)).runCell.length > round);
      await until("the run has ended", async () => (await cell.getAttribute("data-state")) === "done");
      await sleep(pause);
    }
    for (let round = 0; round < rounds + warmUpRounds; round++) {
      await person.page.evaluate(() => globalThis.conch?.run(["bash", "-c", "echo here-it-is"]));
      await sleep(pause);
    }
    const { runCell, spawn } = await taken(person);
    return [
      {
        what: "`echo` in a waiting session, request to first byte",
        measured: median(runCell.slice(warmUpRounds)),
        against: "in a fresh bash",
        reference: median(spawn.slice(warmUpRounds)),
      },
    ];
  });
}

/** Has the page note when it asks its machine for something, and when the first output of that comes. */
async function listen(person: WorkspacePage): Promise<void> {
  await person.page.evaluate(() => {
    const latencies: Latencies = { runCell: [], spawn: [] };
    globalThis.latencies = latencies;
    const began = new Map<unknown, { method: "runCell" | "spawn"; at: number }>();
    const known = new WeakSet<Worker>();
    // oxlint-disable-next-line typescript/unbound-method -- called with its own `this` below
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (this: Worker, ...given: unknown[]): void {
      const message = given[0] as { machine?: string; id?: number; call?: { method: string } } | null;
      const method = message?.machine === "call" ? message.call?.method : undefined;
      if (method === "runCell" || method === "spawn") {
        began.set(message?.id, { method, at: performance.now() });
        if (!known.has(this))
          this.addEventListener("message", ({ data }: MessageEvent<{ machine?: string; task?: number }>) => {
            const start = data.machine === "output" ? began.get(data.task) : undefined;
            if (start === undefined) return;
            began.delete(data.task);
            latencies[start.method].push(performance.now() - start.at);
          });
        known.add(this);
      }
      Reflect.apply(post, this, given);
    };
  });
}

async function taken(person: WorkspacePage): Promise<Latencies> {
  return (await person.page.evaluate(() => globalThis.latencies)) ?? { runCell: [], spawn: [] };
}
