// Times machines under Node in a process that holds nothing else, as a headless participant's does: `start-times.ts
// PRODUCT` prints milliseconds from a machine that is off to the first prompt, restored and booted, as JSON.

import * as Y from "yjs";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project } from "#core/project/project.ts";
import { createNodeMachine } from "#machine/node.ts";

export interface StartTimes {
  readonly restored: readonly number[];
  readonly booted: readonly number[];
}

/** Another size than the snapshot's makes the machine boot. */
const bootMemory = 160 * 1024 * 1024;

const rounds = 5;

/** ms from a machine that is off to the first prompt of a shell on a terminal. */
async function toPrompt(product: string, memory?: number): Promise<number> {
  const machine = createNodeMachine({
    product,
    project: new Project(new Y.Doc()),
    blobs: new MemoryBlobStore(),
    ...(memory === undefined ? {} : { memory }),
  });
  try {
    const started = performance.now();
    let text = "";
    await new Promise<void>((resolve, reject) => {
      machine
        .spawn(
          { argv: ["bash", "-l"], tty: { cols: 80, rows: 24 } },
          {
            output: (_fd, data) => {
              text += new TextDecoder().decode(data);
              if (text.includes("$")) resolve();
            },
          },
        )
        .catch(reject);
    });
    return performance.now() - started;
  } finally {
    await machine.dispose();
  }
}

/** All of one kind in a row, after one that does not count: neither pays for cold code, or for what the other left. */
async function several(product: string, memory?: number): Promise<readonly number[]> {
  await toPrompt(product, memory);
  const times: number[] = [];
  while (times.length < rounds) times.push(await toPrompt(product, memory));
  return times;
}

const [, , product = ""] = process.argv;
const times: StartTimes = { restored: await several(product), booted: await several(product, bootMemory) };
process.stdout.write(`${JSON.stringify(times)}\n`);
