// One open file of a guest: what its flags allow, and where it goes on writing. The bytes are the node's.

import { FsError } from "#core/base/errno.ts";
import { mayRead, mayWrite } from "#machine/fs/file-modes.ts";
import { chain } from "#core/base/awaitable.ts";
import { openFlag } from "../fs.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { OpenFile } from "../fs.ts";
import type { OpenNode, Trail } from "./open-node.ts";
import { ReadPass } from "./read-pass.ts";

/** `last` is called when no descriptor of the node is left. */
export function openDescriptor(
  opened: OpenNode,
  flags: number,
  last: (node: OpenNode) => Awaitable<void>,
): OpenFile {
  const trail: Trail = { offset: -1, position: -1 };
  const pass = new ReadPass();
  let node: OpenNode | undefined = opened;
  opened.opens++;
  if (mayWrite(flags)) opened.writers++;
  // A rename over another file takes the descriptor along: so it asks each time where it belongs.
  const current = (): OpenNode => {
    while (node?.movedTo !== undefined) node = node.movedTo;
    if (node === undefined) throw new FsError("EBADF");
    return node;
  };
  return {
    read: (offset, count) => {
      if (!mayRead(flags)) throw new FsError("EBADF");
      return current().read(offset, count, pass);
    },
    write: (offset, data) => {
      if (!mayWrite(flags)) throw new FsError("EBADF");
      if ((flags & openFlag.append) !== 0) return chain(current().write(undefined, data), () => data.length);
      const goesOn = offset === trail.offset;
      const position = goesOn ? trail.position : offset;
      return chain(current().write(position, data, !goesOn), (at) => {
        trail.offset = offset + data.length;
        trail.position = at + data.length;
        current().trails.add(trail);
        return data.length;
      });
    },
    fsync: () => current().save(),
    close: () => {
      const closing = current();
      closing.trails.delete(trail);
      closing.opens--;
      if (mayWrite(flags)) closing.writers--;
      node = undefined;
      if (closing.opens === 0) return last(closing);
      // Who only reads on (tail -f) keeps nobody waiting for what was written.
      return mayWrite(flags) && closing.writers === 0 ? closing.save() : undefined;
    },
  };
}
