// Whether a guest that was frozen earlier can go on over files that were changed since.

import { type Awaitable, chain } from "#core/base/awaitable.ts";
import type { Fs, Ino } from "#machine/fs/fs.ts";
import { FsError } from "#core/base/errno.ts";
import { inosPerMount } from "#machine/fs/mount-table.ts";
import type { OverlayState } from "#machine/fs/overlay-state.ts";
import { firstUpperIno } from "#machine/fs/upper-table.ts";
import type { FidState } from "#machine/p9/fids.ts";

/**
 * A snapshot was taken with empty caches: all that its kernel remembers is what its programs have in use, which are
 * the files that it holds fids of. If one of those has other content or lost its name since, the kernel would never
 * see it, and the guest has to boot.
 */
export async function contradictsSnapshot(
  kept: OverlayState,
  fids: readonly FidState[],
  base: Fs,
): Promise<boolean> {
  const held = new Set(fids.map(({ ino }) => ino));
  // Made before the snapshot: what was kept may have another file under its number.
  for (const ino of held) if (ino >= firstUpperIno && ino < inosPerMount) return true;
  for (const { ino, content, nlink, masked } of kept.inodes) {
    if (ino >= firstUpperIno) continue;
    if (held.has(ino) && (content !== undefined || nlink === 0)) return true;
    for (const name of masked) {
      const found = await meant(base, ino, name);
      if (found !== undefined && held.has(found)) return true;
    }
  }
  return false;
}

function meant(base: Fs, directory: Ino, name: string): Awaitable<Ino | undefined> {
  try {
    return chain(base.lookup(directory, name), ({ ino }) => ino);
  } catch (thrown) {
    if (thrown instanceof FsError && thrown.code === "ENOENT") return undefined;
    throw thrown;
  }
}
