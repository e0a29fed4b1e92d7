// The nodes that the guest has open, each with its descriptors' common content.

import type { NodeId } from "#core/project/project.ts";
import { chain } from "#core/base/awaitable.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Ino, OpenFile } from "../fs.ts";
import { openDescriptor } from "./descriptor.ts";
import { OpenNode } from "./open-node.ts";
import type { OpenNodeHost } from "./open-node.ts";

export class OpenNodes {
  readonly #host: OpenNodeHost;
  readonly #nodes = new Map<NodeId, OpenNode>();
  /** What was open of files that were made anew, by the number that the guest's kernel has for it. */
  readonly #alone = new Map<Ino, OpenNode>();

  constructor(host: OpenNodeHost) {
    this.#host = host;
  }

  get(id: NodeId): OpenNode | undefined {
    return this.#nodes.get(id);
  }

  has(id: NodeId): boolean {
    return this.#nodes.has(id);
  }

  /** What a number means that has only its descriptors left. */
  alone(ino: Ino): OpenNode | undefined {
    return this.#alone.get(ino);
  }

  openAlone(node: OpenNode, flags: number): OpenFile {
    return openDescriptor(node, flags, (last) => this.#last(last));
  }

  /** A file is made anew: what is open of it stays as it is, and the file's next descriptors know nothing of it. */
  leaveAlone(id: NodeId, ino: Ino): Awaitable<void> {
    const node = this.#nodes.get(id);
    if (node === undefined) return undefined;
    node.commit();
    if (node.opens === 0) {
      node.discard();
      this.#nodes.delete(id);
      return undefined;
    }
    return chain(node.leaveAlone(), () => {
      this.#nodes.delete(id);
      this.#alone.set(ino, node);
    });
  }

  open(id: NodeId, flags: number): OpenFile {
    return openDescriptor(this.#node(id), flags, (node) => this.#last(node));
  }

  /** Of an open node it is one of its writes; of any other a whole save. */
  truncate(id: NodeId, size: number): Awaitable<void> {
    const node = this.#node(id);
    return chain(node.truncate(size), () => (node.opens === 0 ? this.#last(node) : undefined));
  }

  /** The descriptors of a node belong to another from now on. */
  move(from: NodeId, to: NodeId): void {
    const moving = this.#nodes.get(from);
    if (moving === undefined) return;
    this.#nodes.delete(from);
    // Closed, and just being hashed.
    if (moving.opens === 0) moving.discard();
    else moving.moveTo(this.#node(to));
  }

  /** Commits every working copy; throws the first failure after trying all. */
  flush(): void {
    let failure: { readonly error: unknown } | undefined;
    for (const node of this.#nodes.values()) {
      try {
        node.commit();
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== undefined) throw failure.error;
  }

  discard(): void {
    for (const node of this.#nodes.values()) node.discard();
    this.#nodes.clear();
    this.#alone.clear();
  }

  #node(id: NodeId): OpenNode {
    const known = this.#nodes.get(id);
    if (known !== undefined) return known;
    const node = new OpenNode(id, this.#host);
    this.#nodes.set(id, node);
    return node;
  }

  #last(node: OpenNode): Awaitable<void> {
    // What cannot be committed now stays a working copy; close(2) tells.
    return chain(node.save(), () => {
      // Unless it was opened again meanwhile.
      if (node.opens > 0) return;
      if (this.#nodes.get(node.id) === node) this.#nodes.delete(node.id);
      for (const [ino, each] of this.#alone) if (each === node) this.#alone.delete(ino);
    });
  }
}
