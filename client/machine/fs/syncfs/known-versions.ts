// The files of a project of which some process of the guest knows a version. Knows no descriptors; SPEC.md section 6.

import { TextBase } from "#core/text/text-base.ts";
import { parseText } from "#core/project/content.ts";
import { diffText } from "#core/text/diff.ts";
import type { WriteBase } from "#core/project/file-content.ts";
import type { NodeId, Project } from "#core/project/project.ts";
import type { Actor, Caller } from "../caller.ts";
import { FileVersions, type Outdated } from "./file-versions.ts";

/** UTF-16 units of all versions: as many as all texts of a project may have, with which they mostly share memory. */
const unitsLimit = 2 ** 25;

export class KnownVersions {
  readonly #project: Project;
  /** Used last, last. */
  readonly #files = new Map<NodeId, FileVersions>();
  #units = 0;
  /** Which file a process read last: the one that it makes a backup of, if it makes one. */
  readonly #lastRead = new WeakMap<Actor, NodeId>();

  constructor(project: Project) {
    this.#project = project;
  }

  dispose(): void {
    for (const file of this.#files.values()) file.dispose();
    this.#files.clear();
  }

  /** Whether anybody here has seen the file. */
  has(id: NodeId): boolean {
    return this.#known(id) !== undefined;
  }

  /** The caller has read the file as the document has it, from the beginning or going on. */
  shown(id: NodeId, caller: Caller | undefined, goesOn = false): void {
    this.#with(id, (file) => file.shown(caller, goesOn));
    if (caller !== undefined) this.#lastRead.set(caller.process, id);
  }

  /** The caller has read a working copy. */
  shownUncommitted(id: NodeId, caller: Caller | undefined, bytes: Uint8Array): void {
    const text = parseText(bytes)?.text;
    if (text !== undefined) this.#with(id, (file) => file.shownUncommitted(caller, text));
  }

  /** What these have written together was committed, on the base that is given. */
  wrote(
    id: NodeId,
    callers: Iterable<Caller | undefined>,
    bytes: Uint8Array,
    base: WriteBase | undefined,
  ): void {
    const text = parseText(bytes)?.text;
    if (text === undefined) return;
    this.#with(id, (file) => {
      file.committed();
      const version = base instanceof TextBase && base.target === file.subject ? base.written : undefined;
      for (const caller of callers) file.wrote(caller, text, version);
    });
    for (const caller of callers) if (caller !== undefined) this.#copied(id, caller.process, text);
  }

  /** What these have written after the end was committed. */
  appended(id: NodeId, callers: Iterable<Caller | undefined>, addition: Uint8Array): void {
    const text = parseText(addition)?.text;
    this.#with(id, (file) => {
      file.committed();
      if (text !== undefined) for (const caller of callers) file.appended(caller, text);
    });
  }

  /** What a save of the whole file by one of these may be compared with; none where nobody here has seen the file. */
  bases(id: NodeId, callers: readonly Caller[]): readonly WriteBase[] {
    return this.#known(id)?.bases(callers) ?? [];
  }

  /**
   * What this process, or else its group, knows of the file, where that is not what is there now. The kernel, which writes
   * back by itself what a program has mapped, goes by what was read last.
   */
  outdated(id: NodeId, caller: Caller | undefined): Outdated | undefined {
    return this.#known(id)?.outdated(caller);
  }

  /** The caller may read the file as it is now elsewhere, before it saves it: under the name that it gave it. */
  mayHaveRead(id: NodeId, caller: Caller | undefined): void {
    if (caller !== undefined) this.#with(id, (file) => file.mayHaveRead(caller));
  }

  /** Who has read or written the file, latest first. */
  callers(id: NodeId): readonly Caller[] {
    return this.#known(id)?.callers ?? [];
  }

  forget(id: NodeId): void {
    const file = this.#files.get(id);
    if (file === undefined) return;
    file.dispose();
    this.#units -= file.units;
    this.#files.delete(id);
  }

  #copied(copy: NodeId, process: Actor, text: string): void {
    const original = this.#lastRead.get(process);
    if (original !== undefined && original !== copy) this.#files.get(original)?.copied(process, text);
  }

  #with(id: NodeId, work: (file: FileVersions) => void): void {
    const file = this.#known(id) ?? this.#begin(id);
    if (file === undefined) return;
    const before = file.units;
    work(file);
    if (file.units === before) return;
    this.#units += file.units - before;
    this.#files.delete(id);
    this.#files.set(id, file);
    if (this.#units > unitsLimit) this.#makeRoom();
  }

  /** Undefined where nothing is known, or the file has become one of another kind since. */
  #known(id: NodeId): FileVersions | undefined {
    const file = this.#files.get(id);
    if (file === undefined) return undefined;
    return file.subject === (this.#project.text(id) ?? this.#project.notebook(id)) ? file : undefined;
  }

  #begin(id: NodeId): FileVersions | undefined {
    const subject = this.#project.text(id) ?? this.#project.notebook(id);
    if (subject === undefined) return undefined;
    this.forget(id);
    const file = new FileVersions(subject);
    this.#files.set(id, file);
    return file;
  }

  /** First goes what nobody who lives has read. */
  #makeRoom(): void {
    for (const [id, file] of this.#files) {
      if (this.#units <= unitsLimit) return;
      if (!file.inUse) this.forget(id);
    }
    for (const id of this.#files.keys()) {
      if (this.#units <= unitsLimit || this.#files.size === 1) return;
      this.forget(id);
    }
  }
}

/** The base from which a text is least far away: what its writer went by. */
export function nearestBase(bases: readonly WriteBase[], bytes: Uint8Array): WriteBase | undefined {
  const [first, ...others] = bases;
  if (first === undefined || others.length === 0) return first;
  const text = parseText(bytes)?.text ?? "";
  let best = { base: first, distance: distance(first.text, text) };
  for (const base of others) {
    const far = distance(base.text, text);
    if (far < best.distance) best = { base, distance: far };
  }
  return best.base;
}

/** Ends what bases follow. */
export function disposeBases(bases: readonly WriteBase[]): void {
  for (const base of bases) if (base instanceof TextBase) base.dispose();
}

function distance(before: string, after: string): number {
  let units = 0;
  for (const { remove, insert } of diffText(before, after)) units += remove + insert.length;
  return units;
}
