// A file tree in memory with owners, modes and times, as the guest will see it: no root needed to make one.
// Merges /bin, /sbin and /lib into /usr as it is filled.

import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createReadStream, createWriteStream } from "node:fs";
import type { Header } from "tar-stream";
import tar from "tar-stream";

interface NodeBase {
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since the epoch. */
  mtime: number;
}
interface FileNode extends NodeBase {
  readonly kind: "file";
  data: Buffer;
}
export interface DirectoryNode extends NodeBase {
  readonly kind: "directory";
  readonly entries: Map<string, TreeNode>;
}
interface SymlinkNode extends NodeBase {
  readonly kind: "symlink";
  target: string;
}
/** Two names of one node object are hard links. */
export type TreeNode = FileNode | DirectoryNode | SymlinkNode;

/** Made by us rather than by a package: old enough for every comparison, and the same in every build. */
const epoch = 0;

const merged = ["bin", "sbin", "lib"];

export class Tree {
  readonly root: DirectoryNode = directory();

  constructor() {
    for (const name of merged) {
      this.mkdir(`usr/${name}`);
      this.symlink(name, `usr/${name}`);
    }
  }

  /** The node at a path, not following a final symlink. */
  get(path: string): TreeNode | undefined {
    let node: TreeNode | undefined = this.root;
    for (const name of names(path)) {
      if (node?.kind !== "directory") return undefined;
      node = node.entries.get(name);
    }
    return node;
  }

  /** The text of a file that must be there. */
  text(path: string): string {
    const node = this.get(path);
    if (node?.kind !== "file") throw new Error(`the userland has no file /${path}`);
    return node.data.toString("utf8");
  }

  mkdir(path: string, mode = 0o755): DirectoryNode {
    let node = this.root;
    for (const name of names(path)) {
      const next = node.entries.get(name) ?? directory();
      if (next.kind !== "directory") throw new Error(`/${path}: ${name} is no directory`);
      node.entries.set(name, next);
      node = next;
    }
    node.mode = mode;
    return node;
  }

  write(path: string, data: string | Buffer, mode = 0o644): void {
    this.#put(path, {
      kind: "file",
      mode,
      uid: 0,
      gid: 0,
      mtime: epoch,
      data: typeof data === "string" ? Buffer.from(data) : data,
    });
  }

  symlink(path: string, target: string): void {
    this.#put(path, { kind: "symlink", mode: 0o777, uid: 0, gid: 0, mtime: epoch, target });
  }

  remove(path: string): void {
    const [parent, name] = this.#parent(path);
    parent.entries.delete(name);
  }

  /** Adds one member of a tar file; later members replace earlier ones. */
  add(header: Header, data: Buffer): void {
    const path = names(header.name).join("/");
    const base: NodeBase = {
      mode: (header.mode ?? 0o644) & 0o7777,
      uid: header.uid ?? 0,
      gid: header.gid ?? 0,
      mtime: Math.floor((header.mtime?.getTime() ?? 0) / 1000),
    };
    switch (header.type) {
      case "directory": {
        const node = this.get(path);
        // A package's /bin or /lib is ours, merged; and a directory may be in many packages.
        if (node?.kind === "symlink") return;
        Object.assign(this.mkdir(path), base);
        return;
      }
      case "symlink":
        // usr-is-merged and base-files may ship the links themselves.
        if (merged.includes(path)) return;
        this.#put(path, { kind: "symlink", ...base, mode: 0o777, target: header.linkname ?? "" });
        return;
      case "link": {
        const node = this.get(header.linkname ?? "");
        if (node === undefined)
          throw new Error(`${path} is linked to ${header.linkname ?? ""}, which is missing`);
        this.#put(path, node);
        return;
      }
      case "file":
      case "contiguous-file":
        this.#put(path, { kind: "file", ...base, data });
        return;
      default:
        throw new Error(`${path}: a ${header.type ?? "nameless"} cannot be in the image`);
    }
  }

  /** Every node with its path, parents first, names in the order of their bytes. */
  *walk(from = ""): Generator<[path: string, node: TreeNode]> {
    const start = this.get(from);
    if (start !== undefined) yield* walkNode(names(from).join("/"), start);
  }

  #parent(path: string): [DirectoryNode, string] {
    const parts = names(path);
    const name = parts.pop();
    if (name === undefined) throw new Error("the root has no name");
    let node = this.root;
    for (const part of parts) {
      let next = node.entries.get(part);
      if (next === undefined) node.entries.set(part, (next = directory()));
      if (next.kind !== "directory") throw new Error(`/${path}: ${part} is no directory`);
      node = next;
    }
    return [node, name];
  }

  #put(path: string, node: TreeNode): void {
    const [parent, name] = this.#parent(path);
    parent.entries.set(name, node);
  }
}

function directory(): DirectoryNode {
  return { kind: "directory", mode: 0o755, uid: 0, gid: 0, mtime: epoch, entries: new Map() };
}

/** The names of a path below the root, merged into /usr. */
function names(path: string): string[] {
  const parts = path.split("/").filter((name) => name !== "" && name !== ".");
  return parts.length > 1 && merged.includes(parts[0] ?? "") ? ["usr", ...parts] : parts;
}

function* walkNode(path: string, node: TreeNode): Generator<[string, TreeNode]> {
  yield [path, node];
  if (node.kind !== "directory") return;
  for (const name of [...node.entries.keys()].sort(byBytes)) {
    const child = node.entries.get(name);
    if (child !== undefined) yield* walkNode(path === "" ? name : `${path}/${name}`, child);
  }
}

/** UTF-8 order: what every tool sorts by in the C locale. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Writes a tree as a tar file. */
export async function writeTar(tree: Tree, path: string): Promise<void> {
  const pack = tar.pack();
  const written = pipeline(Readable.from(pack), createWriteStream(path));
  const seen = new Map<TreeNode, string>();
  for (const [name, node] of tree.walk()) {
    if (name === "") continue;
    const { mode, uid, gid } = node;
    const header = { name, mode, uid, gid, mtime: new Date(node.mtime * 1000) };
    const first = seen.get(node);
    if (first !== undefined) pack.entry({ ...header, type: "link", linkname: first });
    else if (node.kind === "directory") pack.entry({ ...header, type: "directory" });
    else if (node.kind === "symlink") pack.entry({ ...header, type: "symlink", linkname: node.target });
    else pack.entry({ ...header, type: "file", size: node.data.length }, node.data);
    if (node.kind === "file") seen.set(node, name);
  }
  pack.finalize();
  await written;
}

/** Reads what writeTar wrote. */
export async function readTar(path: string): Promise<Tree> {
  const tree = new Tree();
  const extract = tar.extract();
  createReadStream(path).pipe(extract);
  for await (const entry of extract) {
    const parts: Buffer[] = [];
    for await (const part of entry) parts.push(part as Buffer);
    tree.add(entry.header, Buffer.concat(parts));
  }
  return tree;
}
