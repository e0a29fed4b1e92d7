// Measures a machine under Node: from nothing to a prompt, restored and booted.

import * as Y from "yjs";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project } from "#core/project/project.ts";
import { createNodeMachine } from "#machine/node.ts";
import type { Line } from "./table.ts";

/** Another size than the snapshot's makes the machine boot. */
const bootMemory = 160 * 1024 * 1024;

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

export async function measureStart(product: string): Promise<Line> {
  // Once for the files' sake: the disk's cache must favour neither.
  await toPrompt(product);
  return {
    what: "restore to prompt (Node)",
    measured: await toPrompt(product),
    against: "cold boot",
    reference: await toPrompt(product, bootMemory),
  };
}
