// Who of a guest's processes knows which version of one file: what it read last, or wrote itself. SPEC.md section 6.

import type * as Y from "yjs";
import type { Notebook } from "#core/notebook/notebook.ts";
import { TextBase } from "#core/text/text-base.ts";
import type { TextVersion } from "#core/text/drift.ts";
import type { WriteBase } from "#core/project/file-content.ts";
import { TextVersions } from "#core/project/text-versions.ts";
import type { Actor, Caller } from "../caller.ts";

/** A notebook's version is what was printed; of a text it is also known where its parts are now. */
type Version = TextVersion | { readonly text: string; readonly drift?: undefined };

interface Knowledge {
  readonly caller: Caller | undefined;
  readonly version: Version;
  /** What the same process knew before: the same version, where it has read that twice. */
  readonly before: Version | undefined;
  /** It has copied the version to another file: it may have read it for that only, and go by what it knew before. */
  readonly copied?: true;
}

/** A file's text, as the project has it. */
export type Subject = Y.Text | Notebook;

/** A file that is read by one process after the other, between a colleague's keystrokes, has so many versions at most. */
const knowledgeLimit = 64;

/** UTF-16 units of one file's versions: four of the longest text. */
const unitsLimit = 4 * 1024 * 1024;

/** What an entry takes beside its text, in the same units. */
const overheadUnits = 200;

/** Actors in the order in which their knowledge counts: the nearest to the writer first. */
const levels = ["process", "group", "session"] as const;

export interface Outdated {
  readonly text: string;
  readonly base: WriteBase;
  /** The process itself has read or written it, and not another of its group. */
  readonly own: boolean;
}

export class FileVersions {
  readonly subject: Subject;
  readonly #texts: TextVersions | undefined;
  readonly #notebook: Notebook | undefined;
  /** Latest last. */
  #known: Knowledge[] = [];
  /** Read while they were not committed yet. */
  #uncommitted: { readonly caller: Caller | undefined; readonly text: string }[] = [];
  units = 0;

  constructor(subject: Subject) {
    this.subject = subject;
    if ("print" in subject) this.#notebook = subject;
    else this.#texts = new TextVersions(subject);
  }

  dispose(): void {
    this.#texts?.dispose();
  }

  /** Somebody who may still write back what he read lives. */
  get inUse(): boolean {
    return this.#known.some(({ caller }) => caller?.process.ended === false);
  }

  /** Who has it, latest first. */
  get callers(): readonly Caller[] {
    return this.#known.flatMap(({ caller }) => caller ?? []).toReversed();
  }

  /** The caller knows the file as it is now. `goesOn`: it has read a part of it just before. */
  shown(caller: Caller | undefined, goesOn: boolean): void {
    const version = this.#now();
    const last = this.#known.at(-1);
    if (!goesOn || last?.version !== version || last.caller !== caller) this.#learn(caller, version);
  }

  /** The caller has read what is not committed yet. */
  shownUncommitted(caller: Caller | undefined, text: string): void {
    this.#uncommitted = this.#uncommitted.filter((each) => each.caller !== caller);
    this.#uncommitted.push({ caller, text });
    this.#learn(caller, this.#of(text));
  }

  /**
   * The caller has written the whole text, and knows it as it wrote it, whatever was merged into it. `version` tells how,
   * where that is known.
   */
  wrote(caller: Caller | undefined, text: string, version: TextVersion | undefined): void {
    this.#uncommitted = this.#uncommitted.filter((each) => each.caller !== caller);
    const known = version?.text === text ? this.#texts?.adopt(version) : undefined;
    this.#learn(caller, known ?? this.#of(text));
  }

  /** The caller has written after the end: to what it knew, if it knew anything. */
  appended(caller: Caller | undefined, addition: string): void {
    const [known] = this.#nearest(caller === undefined ? [] : [caller]);
    if (known === undefined) return;
    const { version } = known;
    const extended = version.drift === undefined ? undefined : this.#texts?.extended(version, addition);
    this.#learn(caller, extended ?? this.#of(version.text + addition));
  }

  /** What was read before it was committed is compared with the document once it has it. */
  committed(): void {
    for (const { caller, text } of this.#uncommitted.splice(0)) this.#learn(caller, this.#of(text));
  }

  /** The process has copied what it read to another file, as editors do that keep a backup. */
  copied(process: Actor, text: string): void {
    const index = this.#known.findIndex((each) => each.caller?.process === process);
    const found = this.#known[index];
    if (found?.version.text === text) this.#known[index] = { ...found, copied: true };
  }

  /** The caller has the file as it is now at hand, under another name or in a descriptor, and may go by that. */
  mayHaveRead(caller: Caller): void {
    const version = this.#now();
    this.#learn(caller, version);
    this.copied(caller.process, version.text);
  }

  /** What a save of the whole file may be compared with, the likeliest first; none where nobody here has seen the file. */
  bases(callers: readonly Caller[]): WriteBase[] {
    const versions = new Set<Version>();
    for (const { version, before, copied } of this.#nearest(callers)) {
      versions.add(version);
      if (before !== undefined && copied === true) versions.add(before);
      if (before !== undefined || copied !== true) break;
    }
    return [...versions].map((version) => this.#baseOf(version));
  }

  /** What this very process knows, or its group, or anybody where there is none, if that is not what is there now. */
  outdated(writer: Caller | undefined): Outdated | undefined {
    const latestFirst = this.#known.toReversed();
    const by = (level: "process" | "group"): Knowledge | undefined =>
      latestFirst.find(({ caller }) => writer === undefined || caller?.[level] === writer[level]);
    const own = by("process");
    const version = (own ?? by("group"))?.version;
    if (version === undefined || version === this.#now()) return undefined;
    return { text: version.text, base: this.#baseOf(version), own: own !== undefined };
  }

  /** What is known, the nearest to these first: of the same process, group, session; each latest first. */
  *#nearest(callers: readonly Caller[]): Iterable<Knowledge> {
    const latestFirst = this.#known.toReversed();
    for (const level of levels) {
      for (const each of callers) yield* latestFirst.filter(({ caller }) => caller?.[level] === each[level]);
    }
    yield* latestFirst;
  }

  #baseOf(version: Version): WriteBase {
    if (version.drift === undefined || this.#texts === undefined) return { text: version.text };
    return new TextBase(this.#texts.target, version);
  }

  #now(): Version {
    if (this.#texts !== undefined) return this.#texts.now();
    return this.#of(this.#notebook?.print() ?? "");
  }

  #of(text: string): Version {
    if (this.#texts !== undefined) return this.#texts.of(text);
    return this.#known.findLast(({ version }) => version.text === text)?.version ?? { text };
  }

  #learn(caller: Caller | undefined, version: Version): void {
    const earlier = this.#known.find((each) => each.caller?.process === caller?.process);
    this.#known = this.#known.filter((each) => each !== earlier);
    this.#known.push({ caller, version, before: earlier?.version });
    this.#forget();
  }

  /** Drops what nobody can go by any more, then the oldest. */
  #forget(): void {
    this.#count();
    if (this.#known.length <= knowledgeLimit && this.units <= unitsLimit) return;
    const last = this.#known.at(-1);
    const live = ({ caller }: Knowledge): boolean =>
      caller !== undefined && levels.some((level) => !caller[level].ended);
    this.#known = this.#known.filter((each) => each === last || live(each)).slice(-knowledgeLimit);
    while (this.#count() > unitsLimit && this.#known.length > 1) this.#known.shift();
  }

  #count(): number {
    const versions = new Set<Version>();
    for (const { version, before } of this.#known) {
      versions.add(version);
      if (before !== undefined) versions.add(before);
    }
    this.units = 0;
    for (const { text } of versions) this.units += text.length + overheadUnits;
    const texts = new Set<TextVersion>();
    for (const version of versions) if (version.drift !== undefined) texts.add(version);
    this.#texts?.retain(texts);
    return this.units;
  }
}
