// What is in the files of a project: texts, notebooks, blobs, links and extended attributes of single nodes.
// Knows no tree: paths, cached records and transactions are its host's.

import * as Y from "yjs";
import { emptyBytes, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { initNotebook, Notebook } from "#core/notebook/notebook.ts";
import { hashBytes } from "./blobs.ts";
import type { BlobRef, BlobStore } from "./blobs.ts";
import { applyToText } from "./commit.ts";
import type { TextBase } from "./commit.ts";
import { parseText, printText } from "./content.ts";
import type { TextContent } from "./content.ts";
import { diffLines, diffText } from "./diff.ts";
import type { TextEdit } from "./diff.ts";
import { historyLimit, xattrLimitBytes } from "./limits.ts";
import { isNotebookName } from "./names.ts";
import { asBlobRef, historyPrefix, readBlob, readBom, readEol, readText, xattrPrefix } from "./schema.ts";
import type { NodeId, NodeKind, NodeMap } from "./schema.ts";

export interface ContentHost {
  node(id: NodeId): NodeMap | undefined;
  kind(id: NodeId): NodeKind | undefined;
  path(id: NodeId): string;
  /** Whether the project may hold so many more UTF-16 units of text. */
  roomForText(units: number): boolean;
  now(): number;
  /** Runs `work` in a transaction, then takes in what it changed. */
  change(id: NodeId, work: (node: NodeMap) => void): void;
}

export interface TextPlan {
  readonly kind: "text" | "notebook";
  readonly content: TextContent;
}

/** Content as it is going to be stored. */
export type Plan = TextPlan | { readonly kind: "bytes" };

/** What a rewritten file was when its writer read it. */
export type WriteBase = TextBase | { readonly target?: undefined; readonly text: string };

export class FileContent {
  readonly #host: ContentHost;
  readonly #sizes = new Map<NodeId, number>();
  readonly #notebooks = new Map<NodeId, { readonly node: NodeMap; readonly notebook: Notebook }>();

  constructor(host: ContentHost) {
    this.#host = host;
  }

  destroy(): void {
    for (const { notebook } of this.#notebooks.values()) notebook.destroy();
    this.#notebooks.clear();
  }

  /** The node changed: cached facts about it are no longer true. */
  forget(id: NodeId): void {
    this.#sizes.delete(id);
    const known = this.#notebooks.get(id);
    if (known !== undefined && this.#host.node(id) !== known.node) {
      known.notebook.destroy();
      this.#notebooks.delete(id);
    }
  }

  text(id: NodeId): Y.Text | undefined {
    const node = this.#nodeOfKind(id, "text");
    return node && readText(node);
  }

  blob(id: NodeId): BlobRef | undefined {
    const node = this.#nodeOfKind(id, "bytes");
    return node && readBlob(node);
  }

  target(id: NodeId): string | undefined {
    const target = this.#nodeOfKind(id, "symlink")?.get("target");
    return typeof target === "string" ? target : undefined;
  }

  notebook(id: NodeId): Notebook | undefined {
    const node = this.#nodeOfKind(id, "notebook");
    return node && this.#notebookOf(id, node);
  }

  /** Bytes. */
  size(id: NodeId): number {
    const known = this.#sizes.get(id);
    if (known !== undefined) return known;
    const size = this.#measure(id);
    this.#sizes.set(id, size);
    return size;
  }

  #measure(id: NodeId): number {
    const node = this.#host.node(id);
    const kind = this.#host.kind(id);
    if (node === undefined || kind === undefined) return 0;
    switch (kind) {
      case "dir":
        return 0;
      case "symlink":
        return encodeUtf8(this.target(id) ?? "").length;
      case "bytes":
        return readBlob(node)?.size ?? 0;
      case "text":
      case "notebook":
        return this.#print(id, node, kind).length;
      default:
        return kind satisfies never;
    }
  }

  read(id: NodeId, blobs: BlobStore): Uint8Array | Promise<Uint8Array> {
    const node = this.#require(id);
    const kind = this.#host.kind(id);
    switch (kind) {
      case "text":
      case "notebook":
        return this.#print(id, node, kind);
      case "bytes": {
        const blob = readBlob(node);
        return blob === undefined ? emptyBytes : blobs.get(blob);
      }
      case "symlink":
        throw new FsError("ELOOP", "a symbolic link has no content");
      default:
        throw new FsError("EISDIR", id);
    }
  }

  /** The bytes of a file that had this text. */
  printed(id: NodeId, text: string): Uint8Array {
    const node = this.#require(id);
    return printText(text, readEol(node), readBom(node));
  }

  /** How bytes would be stored at a path. `before` is the text that they replace. */
  plan(path: string, bytes: Uint8Array, before = 0): Plan {
    if (isInGit(path)) return { kind: "bytes" };
    const content = parseText(bytes);
    if (content === undefined) return { kind: "bytes" };
    if (isNotebookName(path.slice(path.lastIndexOf("/") + 1))) return { kind: "notebook", content };
    if (!this.#host.roomForText(content.text.length - before)) return { kind: "bytes" };
    return { kind: "text", content };
  }

  /**
   * The first content of a node that is being made. Every file gets its Y.Text now: it may become a text later, and
   * if two people each gave it one then, one of them would be lost.
   */
  fill(node: NodeMap, plan: TextPlan | { readonly kind: "bytes"; readonly blob: BlobRef | undefined }): void {
    node.set("text", new Y.Text(plan.kind === "text" ? plan.content.text : ""));
    if (plan.kind === "bytes") {
      if (plan.blob !== undefined && plan.blob.size > 0)
        node.set("blob", { hash: plan.blob.hash, size: plan.blob.size });
      return;
    }
    writeLineEnds(node, plan.content);
    if (plan.kind === "text") return;
    initNotebook(node);
    if (plan.content.text === "") return;
    const notebook = new Notebook(node);
    notebook.merge(plan.content.text);
    notebook.destroy();
  }

  write(id: NodeId, bytes: Uint8Array, blobs: BlobStore, base: WriteBase | undefined): void {
    const current = this.#require(id);
    const kind = this.#host.kind(id);
    if (kind === "symlink") throw new FsError("ELOOP", "a symbolic link has no content");
    // Nothing is neither text nor binary: a file that is being rewritten keeps its kind.
    const emptied = bytes.length === 0 && kind === "bytes";
    const path = this.#host.path(id);
    const plan: Plan = emptied ? { kind: "bytes" } : this.plan(path, bytes, readText(current)?.length);
    // Hashed before the transaction: a store that fails leaves the file as it was.
    const blob = plan.kind === "bytes" && bytes.length > 0 ? blobs.put(bytes) : undefined;
    const missed =
      plan.kind === "text" && kind !== "text" && base?.target === undefined
        ? changedAsleep(current)
        : undefined;
    const missedBlob =
      missed === undefined ? undefined : blobs.put(printText(missed, readEol(current), readBom(current)));
    this.#host.change(id, (node) => {
      if (missedBlob !== undefined) remember(node, missedBlob, this.#host.now());
      setKind(node, plan.kind);
      switch (plan.kind) {
        case "bytes":
          writeBlob(node, blob, isInGit(path), this.#host.now());
          break;
        case "text":
          writeLineEnds(node, plan.content);
          this.#writeText(node, plan.content.text, base);
          break;
        case "notebook":
          writeLineEnds(node, plan.content);
          this.#writeNotebook(id, node, plan.content.text, base);
          break;
        default:
          plan satisfies never;
      }
      node.set("mtime", this.#host.now());
    });
  }

  /** After a rename: a text becomes a notebook or a notebook a text, as the new name says. */
  renamed(id: NodeId, name: string): void {
    const kind = this.#host.kind(id);
    if ((kind === "text") !== isNotebookName(name) || (kind !== "text" && kind !== "notebook")) return;
    this.#host.change(id, (node) => {
      if (kind === "text") {
        setKind(node, "notebook");
        this.#notebookOf(id, node).merge(readText(node)?.toJSON() ?? "");
      } else {
        const missed = changedAsleep(node) !== undefined;
        setKind(node, "text");
        const print = this.#notebookOf(id, node).print();
        const text = readText(node);
        // What somebody typed into the text while another made it a notebook stays in it.
        if (missed && text !== undefined)
          applyToText(text, diffLines(text.toJSON(), print).map(withoutRemoval));
        else this.#writeText(node, print, undefined);
      }
    });
  }

  setBlob(id: NodeId, blob: BlobRef): void {
    const path = this.#host.path(id);
    this.#host.change(id, (node) => {
      setKind(node, "bytes");
      writeBlob(node, blob.size === 0 ? undefined : blob, isInGit(path), this.#host.now());
      node.set("mtime", this.#host.now());
    });
  }

  history(id: NodeId): readonly (BlobRef & { readonly at: number })[] {
    const node = this.#host.node(id);
    if (node === undefined) return [];
    const blob = readBlob(node);
    const kept = readHistory(node);
    if (this.#host.kind(id) === "bytes" || blob === undefined)
      return kept.filter(({ hash }) => hash !== blob?.hash);
    // A file that became a text: what it was before.
    return kept.some(({ hash }) => hash === blob.hash) ? kept : [...kept, { ...blob, at: 0 }];
  }

  xattrs(id: NodeId): ReadonlyMap<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const [key, value] of this.#host.node(id)?.entries() ?? []) {
      if (key.startsWith(xattrPrefix) && value instanceof Uint8Array)
        found.set(key.slice(xattrPrefix.length), value);
    }
    return found;
  }

  setXattr(id: NodeId, name: string, value: Uint8Array | undefined): void {
    const all = new Map(this.xattrs(id));
    if (value === undefined) {
      if (!all.has(name)) throw new FsError("ENODATA", name);
      this.#host.change(id, (node) => node.delete(xattrPrefix + name));
      return;
    }
    all.set(name, value);
    let total = 0;
    for (const [key, bytes] of all) total += encodeUtf8(key).length + bytes.length;
    if (total > xattrLimitBytes)
      throw new FsError("ENOSPC", `extended attributes have at most ${xattrLimitBytes} bytes`);
    this.#host.change(id, (node) => node.set(xattrPrefix + name, value.slice()));
  }

  #print(id: NodeId, node: NodeMap, kind: "text" | "notebook"): Uint8Array {
    const text = kind === "text" ? (readText(node)?.toJSON() ?? "") : this.#notebookOf(id, node).print();
    return printText(text, readEol(node), readBom(node));
  }

  #writeText(node: NodeMap, text: string, base: WriteBase | undefined): void {
    const there = readText(node);
    if (there === undefined) node.set("text", new Y.Text(text));
    else if (base?.target === there) base.commit(text);
    else applyToText(there, diffText(there.toJSON(), text));
  }

  #writeNotebook(id: NodeId, node: NodeMap, markdown: string, base: WriteBase | undefined): void {
    this.#notebookOf(id, node).merge(markdown, base?.text);
  }

  #notebookOf(id: NodeId, node: NodeMap): Notebook {
    const known = this.#notebooks.get(id);
    if (known?.node === node) return known.notebook;
    known?.notebook.destroy();
    const notebook = new Notebook(node, { id });
    this.#notebooks.set(id, { node, notebook });
    return notebook;
  }

  #nodeOfKind(id: NodeId, kind: NodeKind): NodeMap | undefined {
    return this.#host.kind(id) === kind ? this.#host.node(id) : undefined;
  }

  #require(id: NodeId): NodeMap {
    const node = this.#host.node(id);
    if (node === undefined) throw new FsError("ENOENT", id);
    return node;
  }
}

/** Git's own files are bytes, whatever is in them: a merged index or ref would be a broken one. */
export function isInGit(path: string): boolean {
  return /(?:^|\/)\.git\//.test(path);
}

function writeLineEnds(node: NodeMap, content: TextContent): void {
  if (content.eol !== undefined && content.eol !== readEol(node)) node.set("eol", content.eol);
  if (content.bom !== readBom(node)) node.set("bom", content.bom);
}

/** A text that gives way to bytes or cells stays in the node, asleep; `slept` says how it was then. */
function setKind(node: NodeMap, kind: NodeKind): void {
  if (node.get("kind") === kind) return;
  if (node.get("kind") === "text") node.set("slept", hashText(readText(node)?.toJSON() ?? ""));
  node.set("kind", kind);
}

/** A text that somebody edited at the same time as another made bytes or cells of it. */
function changedAsleep(node: NodeMap): string | undefined {
  const text = readText(node)?.toJSON() ?? "";
  if (text === "" || node.get("slept") === hashText(text)) return undefined;
  return text;
}

function hashText(text: string): string {
  return hashBytes(encodeUtf8(text));
}

function withoutRemoval({ at, remove, insert }: TextEdit): TextEdit {
  return { at: at + remove, remove: 0, insert };
}

/** Writes the register, and remembers what concurrent writers could lose. Git remembers by itself. */
function writeBlob(node: NodeMap, blob: BlobRef | undefined, inGit: boolean, now: number): void {
  const before = readBlob(node);
  if (before?.hash === blob?.hash) return;
  if (blob === undefined) node.delete("blob");
  else node.set("blob", { hash: blob.hash, size: blob.size });
  if (inGit) return;
  if (before !== undefined && !node.has(historyPrefix + before.hash)) remember(node, before, now);
  if (blob !== undefined) remember(node, blob, now);
  const others = readHistory(node).filter(({ hash }) => hash !== blob?.hash);
  for (const { hash } of others.slice(historyLimit)) node.delete(historyPrefix + hash);
}

function remember(node: NodeMap, blob: BlobRef, now: number): void {
  node.set(historyPrefix + blob.hash, { size: blob.size, at: now });
}

/** Latest first. */
function readHistory(node: NodeMap): (BlobRef & { readonly at: number })[] {
  const found: (BlobRef & { readonly at: number })[] = [];
  for (const [key, value] of node.entries()) {
    if (!key.startsWith(historyPrefix) || typeof value !== "object" || value === null) continue;
    const blob = asBlobRef({ ...value, hash: key.slice(historyPrefix.length) });
    const at: unknown = "at" in value ? value.at : 0;
    if (blob !== undefined) found.push({ ...blob, at: typeof at === "number" ? at : 0 });
  }
  return found.sort((a, b) => b.at - a.at || (a.hash < b.hash ? -1 : 1));
}
