// The notebooks that a new project can begin with, bundled as text.

import type { SeedFile } from "./project-room.ts";

const examples = {} as const satisfies Record<string, readonly SeedFile[]>;

export const exampleNames = Object.keys(examples);

/** What a new project holds. */
export function seedFiles(_example: string | undefined): readonly SeedFile[] {
  return [];
}
