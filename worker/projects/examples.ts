// The notebooks that a new project can begin with, bundled as text.

import cAndMake from "#notebooks/c-and-make.nb.md";
import dataAndChart from "#notebooks/data-and-chart.nb.md";
import shellAndFiles from "#notebooks/shell-and-files.nb.md";
import webassembly from "#notebooks/webassembly.nb.md";
import welcome from "#notebooks/welcome.nb.md";
import type { SeedFile } from "#worker/bindings/project-room-rpc.ts";

const notebook = (name: string, text: string): readonly SeedFile[] => [{ path: `${name}.nb.md`, text }];

const examples = {
  welcome: notebook("welcome", welcome),
  shell: notebook("shell-and-files", shellAndFiles),
  program: notebook("c-and-make", cAndMake),
  data: notebook("data-and-chart", dataAndChart),
  wasm: notebook("webassembly", webassembly),
  empty: [],
} as const satisfies Record<string, readonly SeedFile[]>;

export type ExampleName = keyof typeof examples;

export const exampleNames = Object.keys(examples) as ExampleName[];

/** What a new project holds: the welcome where nothing else is asked for. */
export function seedFiles(example: ExampleName = "welcome"): readonly SeedFile[] {
  return examples[example];
}
