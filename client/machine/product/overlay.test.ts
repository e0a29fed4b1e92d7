// What a guest really writes to: an overlay whose lower file system is an image.

import { DraftBlocks, draftImage } from "#rootfs/image/draft.ts";
import { Tree } from "#rootfs/userland/tree.ts";
import { fsContract } from "#test/contracts/fs.ts";
import { Overlay } from "#machine/fs/overlay.ts";
import { PackFs } from "./packfs.ts";

const traits = { nanoseconds: true, hardLinks: true, specialFiles: true, xattrs: true, owners: true };
fsContract("an overlay over an image", traits, () => {
  const tree = new Tree();
  // The contract starts with an empty root.
  for (const name of ["bin", "sbin", "lib", "usr"]) tree.remove(name);
  const blocks = new DraftBlocks(draftImage(tree));
  return { fs: new Overlay(new PackFs(blocks.manifest, blocks)) };
});
