// The whole of a file, by a path.

import { concatBytes, emptyBytes } from "#core/base/bytes.ts";
import type { Fs } from "#machine/fs/fs.ts";
import { atFdCwd, type System, systemFlag, systemLimits } from "../system.ts";
import { FsSystem } from "./fs-system.ts";
import type { StandardStreams } from "./stream.ts";

export async function readAll(system: System, path: string): Promise<Uint8Array> {
  const { fd } = await system.openat(atFdCwd, path, systemFlag.readOnly, 0);
  try {
    const parts: Uint8Array[] = [];
    for (;;) {
      const data = await system.read(fd, systemLimits.dataBytes);
      if (data.length === 0) return concatBytes(parts);
      parts.push(data);
    }
  } finally {
    await system.close(fd);
  }
}

/** For those who have no program. */
export async function readFile(fs: Fs, cwd: string, path: string): Promise<Uint8Array> {
  const system = new FsSystem({ fs, cwd, streams: noStreams });
  try {
    return await readAll(system, path);
  } finally {
    await system.end();
  }
}

const nowhere = { write: (data: Uint8Array): number => data.length };

export const noStreams: StandardStreams = {
  input: { read: () => emptyBytes },
  output: nowhere,
  error: nowhere,
  terminal: false,
};
