// Measures a machine under Node: from nothing to a prompt, restored and booted.

import * as Y from "yjs";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project } from "#core/project/project.ts";
import { createNodeMachine } from "#machine/node.ts";
import type { Stage } from "./stage.ts";
import { type Line, median } from "./table.ts";

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

/** How often each is measured; the median counts. */
const rounds = 5;

export async function measureStart(stage: Stage): Promise<readonly Line[]> {
  const product = await stage.guest();
  const restored: number[] = [];
  const booted: number[] = [];
  // In blocks, each after one that does not count: neither pays for cold code, or for what the other has left behind.
  for (const [times, memory] of [
    [restored, undefined],
    [booted, bootMemory],
  ] as const) {
    await toPrompt(product, memory);
    for (let round = 0; round < rounds; round++) times.push(await toPrompt(product, memory));
  }
  return [
    {
      what: "restore to prompt (Node)",
      measured: median(restored),
      against: "cold boot",
      reference: median(booted),
    },
  ];
}
