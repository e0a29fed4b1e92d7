// How a project lies in its Y.Doc: keys, node kinds, and readers that accept anything a foreign client may have written.
// Knows no tree and no file content.

import * as Y from "yjs";
import type { BlobRef } from "./blobs.ts";

export type NodeId = string;

/** The project's top directory: it has no node, so nobody can move, rename or delete it. */
export const rootId: NodeId = "root";

export type NodeKind = "dir" | "text" | "bytes" | "symlink" | "notebook";

/** One file, directory or link as stored. */
export type NodeMap = Y.Map<unknown>;

/** How lines end in the file's bytes; the Y.Text always holds "\n". */
export type Eol = "lf" | "crlf" | "cr";

export interface TrashMark {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Who deleted it, as shown to people. */
  readonly by?: string;
  /** The directory with which it went; absent on what was deleted itself. */
  readonly with?: NodeId;
  /** A git removed it, when its content had this SHA-256; "" of what has no content. */
  readonly git?: string;
  /** A program removed it, in a machine of the person of this id, when its content had this SHA-256 (or ""). */
  readonly program?: { readonly person: string; readonly hash: string };
}

/** Who deletes, beside the time. */
export type Deleter = Pick<TrashMark, "by" | "git" | "program">;

/** What the tree needs of a node. */
export interface NodeRecord {
  readonly id: NodeId;
  readonly kind: NodeKind;
  /** The register `at`, as written: the parent may be missing, the name may be no valid name. */
  readonly parent: NodeId;
  readonly wantedName: string;
  readonly trashed: TrashMark | undefined;
}

export const fileMode = 0o644;
export const directoryMode = 0o755;

/** Prefixes of flat keys: nested maps made by two people at once would lose one of them. */
export const historyPrefix = "old:";
export const xattrPrefix = "xattr:";

export function nodesOf(doc: Y.Doc): Y.Map<NodeMap> {
  return doc.getMap<NodeMap>("nodes");
}

export function metaOf(doc: Y.Doc): Y.Map<unknown> {
  return doc.getMap("meta");
}

/** Undefined where the node is none that we understand; it is then left alone and not shown. */
export function readRecord(id: NodeId, node: unknown): NodeRecord | undefined {
  if (!(node instanceof Y.Map) || id === rootId) return undefined;
  const kind = readKind(node.get("kind"));
  const at: unknown = node.get("at");
  if (kind === undefined || !Array.isArray(at)) return undefined;
  const [parent, wantedName]: unknown[] = at;
  if (typeof parent !== "string" || typeof wantedName !== "string") return undefined;
  return { id, kind, parent, wantedName, trashed: readTrashed(node.get("trashed")) };
}

/** The register `kind` names a kind, and where the file has changed its kind also which of its forms is live. */
function readKind(value: unknown): NodeKind | undefined {
  return value === "dir" || value === "symlink" ? value : parseForm(value)?.kind;
}

/** One way in which a file's content is kept: see forms.ts. */
export interface Form {
  readonly kind: "text" | "bytes" | "notebook";
  /** Empty for the form that the file was made with; otherwise unique in its node. */
  readonly id: string;
}

/** Undefined for what names no form: directories, links, and what a foreign client may have written. */
export function parseForm(name: unknown): Form | undefined {
  if (typeof name !== "string") return undefined;
  const [kind, id = "", ...rest] = name.split(":");
  if (kind !== "text" && kind !== "bytes" && kind !== "notebook") return undefined;
  return rest.length > 0 || (name.includes(":") && !formId.test(id)) ? undefined : { kind, id };
}

const formId = /^[\w-]+$/;

function readTrashed(value: unknown): TrashMark | undefined {
  if (!isPlain(value)) return undefined;
  const { at, by, with: top, git, program } = value;
  return {
    at: typeof at === "number" ? at : 0,
    ...(typeof by === "string" ? { by } : {}),
    ...(typeof top === "string" ? { with: top } : {}),
    ...(typeof git === "string" ? { git } : {}),
    ...readProgram(program),
  };
}

function readProgram(value: unknown): Pick<TrashMark, "program"> {
  if (!isPlain(value)) return {};
  const { person, hash } = value;
  return typeof person === "string" && typeof hash === "string" ? { program: { person, hash } } : {};
}

/** The key of a bytes form's address: each has its own, so that what it was made from and what it is stay together. */
export function blobKey(id: string): string {
  return id === "" ? "blob" : `blob:${id}`;
}

/** Of the live form, where it is bytes. */
export function readBlob(node: NodeMap): BlobRef | undefined {
  const live = parseForm(node.get("kind"));
  return live?.kind === "bytes" ? asBlobRef(node.get(blobKey(live.id))) : undefined;
}

export function asBlobRef(value: unknown): BlobRef | undefined {
  if (!isPlain(value)) return undefined;
  const { hash, size } = value;
  if (typeof hash !== "string" || !/^[0-9a-f]{64}$/.test(hash)) return undefined;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) return undefined;
  return { hash, size };
}

export function readEol(node: NodeMap): Eol {
  const eol = node.get("eol");
  return eol === "crlf" || eol === "cr" ? eol : "lf";
}

export function readBom(node: NodeMap): boolean {
  return node.get("bom") === true;
}

/** Permission bits. */
export function readMode(node: NodeMap, kind: NodeKind): number {
  const mode = node.get("mode");
  if (typeof mode === "number" && Number.isInteger(mode)) return mode & 0o7777;
  if (kind === "symlink") return 0o777;
  return kind === "dir" ? directoryMode : fileMode;
}

/** A time in milliseconds. */
export function readTime(node: NodeMap, key: "mtime" | "atime"): number | undefined {
  const time = node.get(key);
  return typeof time === "number" && Number.isFinite(time) ? time : undefined;
}

export function readOwner(node: NodeMap, key: "uid" | "gid"): number {
  const owner = node.get(key);
  return typeof owner === "number" && Number.isInteger(owner) && owner >= 0 ? owner : 0;
}

function isPlain(
  value: unknown,
): value is Record<"at" | "by" | "with" | "person" | "program" | "git" | "hash" | "size", unknown> {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}
