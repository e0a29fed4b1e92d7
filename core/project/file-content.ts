// What is in the files of a project: texts, notebooks, blobs, links and extended attributes of single nodes.
// Knows no tree: paths, cached records and transactions are its host's.

import { mergeNotebook } from "#core/notebook/merge.ts";
import * as Y from "yjs";
import { emptyBytes, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { initNotebook, Notebook } from "#core/notebook/notebook.ts";
import { mergeThree } from "#core/text/three-way.ts";
import type { BlobRef, BlobStore } from "./blobs.ts";
import { applyToText } from "#core/text/shared-text.ts";
import type { TextBase } from "#core/text/text-base.ts";
import { parseText, printText } from "./content.ts";
import type { TextContent } from "./content.ts";
import { convert, convertToBytes } from "./convert.ts";
import { diffLines, diffText } from "#core/text/diff.ts";
import {
  changedAsleep,
  lastTextForm,
  liveForm,
  notebookSuffix,
  readForm,
  sameForm,
  textOf,
} from "./forms.ts";
import { historyLimit, xattrLimitBytes } from "./limits.ts";
import { isNotebookName } from "./names.ts";
import { asBlobRef, blobKey, historyPrefix, readBlob, readBom, readEol, xattrPrefix } from "./schema.ts";
import type { Form, NodeId, NodeKind, NodeMap } from "./schema.ts";

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
    return node && liveText(node);
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
        return this.#print(id, node).length;
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
        return this.#print(id, node);
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
    mergeNotebook(notebook, plan.content.text);
    notebook.destroy();
  }

  write(id: NodeId, bytes: Uint8Array, blobs: BlobStore, base: WriteBase | undefined): void {
    const current = this.#require(id);
    const kind = this.#host.kind(id);
    if (kind === "symlink") throw new FsError("ELOOP", "a symbolic link has no content");
    // Nothing is neither text nor binary: a file that is being rewritten keeps its kind.
    const emptied = bytes.length === 0 && kind === "bytes";
    const path = this.#host.path(id);
    const before = kind === "text" ? liveText(current)?.length : undefined;
    const plan: Plan = emptied ? { kind: "bytes" } : this.plan(path, bytes, before);
    // Hashed before the transaction: a store that fails leaves the file as it was.
    const blob = plan.kind === "bytes" && bytes.length > 0 ? blobs.put(bytes) : undefined;
    this.#host.change(id, (node) => {
      switch (plan.kind) {
        case "bytes":
          this.#writeBytes(id, node, blob, base, isInGit(path));
          break;
        case "text":
        case "notebook":
          writeLineEnds(node, plan.content);
          if (plan.kind !== kind) this.#rewriteAs(plan.kind, id, node, plan.content.text, base);
          else if (kind === "text") this.#writeText(node, plan.content.text, base);
          else mergeNotebook(this.#notebookOf(id, node), plan.content.text, base?.text);
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
      const to = kind === "text" ? "notebook" : "text";
      this.#rewriteAs(to, id, node, this.#contentOf(id, node), undefined);
    });
  }

  setBlob(id: NodeId, blob: BlobRef): void {
    const path = this.#host.path(id);
    this.#host.change(id, (node) => {
      this.#writeBytes(id, node, blob.size === 0 ? undefined : blob, undefined, isInGit(path));
      node.set("mtime", this.#host.now());
    });
  }

  /** Also of a file that is a text now: what it was when it was bytes. */
  history(id: NodeId): readonly (BlobRef & { readonly at: number })[] {
    const node = this.#host.node(id);
    if (node === undefined) return [];
    const now = readBlob(node);
    const kept = readHistory(node).filter(({ hash }) => hash !== now?.hash);
    // A document of before forms: its bytes are still where they were.
    const before = now === undefined ? asBlobRef(node.get(blobKey(""))) : undefined;
    if (before === undefined || kept.some(({ hash }) => hash === before.hash)) return kept;
    return [...kept, { ...before, at: 0 }];
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

  #print(id: NodeId, node: NodeMap): Uint8Array {
    return printText(this.#contentOf(id, node), readEol(node), readBom(node));
  }

  /** The text of a text or a notebook; "" of bytes. */
  #contentOf(id: NodeId, node: NodeMap): string {
    const live = liveForm(node);
    if (live?.kind === "notebook") return this.#notebookOf(id, node).print();
    return live === undefined ? "" : readForm(node, live);
  }

  /** Gives the file the content `text` in another kind than it has. */
  #rewriteAs(
    to: "text" | "notebook",
    id: NodeId,
    node: NodeMap,
    text: string,
    base: WriteBase | undefined,
  ): void {
    const live = liveForm(node);
    if (live === undefined) return;
    const last = live.kind === "bytes" ? lastTextForm(node, live) : { form: live, base: undefined };
    const there = sameForm(last.form, live) ? this.#contentOf(id, node) : readForm(node, last.form);
    // What somebody typed while the file was bytes, or since the writer read it.
    const ancestor = base?.text ?? last.base ?? there;
    let merged = mergeThree(ancestor, text, there, diffLines);
    // A document of before forms: somebody edited the text while another made a notebook of it.
    if (live.kind === "notebook" && live.id === "" && changedAsleep(node))
      merged = mergeThree("", readForm(node, { kind: "text", id: "" }), merged, diffLines);
    convert(node, { to, text: merged, parent: last.form, base: there, now: this.#host.now() });
  }

  #writeBytes(
    id: NodeId,
    node: NodeMap,
    blob: BlobRef | undefined,
    base: WriteBase | undefined,
    inGit: boolean,
  ): void {
    const before = readBlob(node);
    const now = this.#host.now();
    // Also over bytes, where the writer had read the text from before them.
    if (base !== undefined || this.#host.kind(id) !== "bytes")
      convertToBytes(node, base?.text ?? this.#contentOf(id, node), now);
    writeBlob(node, before, blob, inGit, now);
  }

  #writeText(node: NodeMap, text: string, base: WriteBase | undefined): void {
    const there = liveText(node);
    if (there === undefined) return;
    if (base?.target === there) base.commit(text);
    else {
      const now = there.toJSON();
      // The writer read another form of this file.
      const merged = base === undefined ? text : mergeThree(base.text, text, now, diffLines);
      applyToText(there, diffText(now, merged));
    }
  }

  #notebookOf(id: NodeId, node: NodeMap): Notebook {
    const known = this.#notebooks.get(id);
    if (known?.node === node) return known.notebook;
    known?.notebook.destroy();
    const notebook = new Notebook(node, { id, suffix: liveNotebook(node) });
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

function liveText(node: NodeMap): Y.Text | undefined {
  const live = liveForm(node);
  return live && textOf(node, live);
}

/** Which cells a notebook shows. Of a file that is no notebook at the moment, those that it had last. */
function liveNotebook(node: NodeMap): () => string {
  let last: Form | undefined;
  return () => {
    const live = liveForm(node);
    if (live?.kind === "notebook") last = live;
    return last === undefined ? "" : notebookSuffix(last);
  };
}

/** Writes the register, and remembers what concurrent writers could lose. Git remembers by itself. */
function writeBlob(
  node: NodeMap,
  before: BlobRef | undefined,
  blob: BlobRef | undefined,
  inGit: boolean,
  now: number,
): void {
  const live = liveForm(node);
  if (live?.kind !== "bytes") return;
  const key = blobKey(live.id);
  if (asBlobRef(node.get(key))?.hash === blob?.hash) return;
  if (blob === undefined) node.delete(key);
  else node.set(key, { hash: blob.hash, size: blob.size });
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
