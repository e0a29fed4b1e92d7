// Programs of one machine save one file in every way that programs have, over and over, while colleagues type in it:
// nothing that anybody wrote or typed is lost or doubled, what a program deletes on purpose is gone, and the file stays
// the same file. CONCH_FUZZ_OPS sets the number of operations, CONCH_FUZZ_SEED replays one seed.

import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project, rootId } from "#core/project/project.ts";
import type { Caller } from "#machine/fs/caller.ts";
import { SyncFs } from "#machine/fs/syncfs/sync-fs.ts";
import { newCaller, Program } from "#test/harness/program.ts";
import { Random } from "../harness/random.ts";

const operations = Number(process.env["CONCH_FUZZ_OPS"] ?? 2000);
const operationsPerSeed = 100;
const replaySeed = process.env["CONCH_FUZZ_SEED"];

/** Found something once: what a process had read twice was taken for what it had read only to copy it. */
const knownSeeds = [110, 169, 774];

const path = "notes.txt";

/** A marker is three characters that stand nowhere else: whatever a difference is, it is that of these characters. */
const firstMark = 0x4e00;
const markLength = 3;

/** Somebody who reads the file and later writes it back: one process, or a shell with a new process for each command. */
class Writer {
  readonly #sync: SyncFs;
  readonly #caller: Caller;
  readonly #shell: boolean;
  /** The file as it was read or written last. */
  memory: string | undefined;

  constructor(sync: SyncFs, shell: boolean) {
    this.#sync = sync;
    this.#shell = shell;
    this.#caller = newCaller();
  }

  get program(): Program {
    const { group, session } = this.#caller;
    return new Program(this.#sync, this.#shell ? newCaller(group, session) : this.#caller);
  }
}

class Story {
  readonly #random: Random;
  readonly #machine: Project;
  readonly #colleague: Project;
  readonly #sync: SyncFs;
  readonly #id: string;
  readonly #writers: Writer[] = [];
  readonly #due: { readonly at: number; readonly work: () => void }[] = [];
  readonly #underWay: (() => void)[] = [];
  /** Markers, and whether they are to be there at the end. */
  readonly #markers = new Map<string, boolean>();
  #now = 1_700_000_000_000;
  #serial = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    const now = (): number => this.#now;
    this.#machine = new Project(new Y.Doc(), { now });
    this.#colleague = new Project(new Y.Doc(), { now });
    this.#sync = new SyncFs({
      project: this.#machine,
      blobs: new MemoryBlobStore(),
      now,
      schedule: (milliseconds, work) => {
        const timer = { at: this.#now + milliseconds, work };
        this.#due.push(timer);
        return () => {
          const index = this.#due.indexOf(timer);
          if (index >= 0) this.#due.splice(index, 1);
        };
      },
    });
    const text = Array.from({ length: 8 }, (_, index) => `line ${index} of the notes\n`).join("");
    this.#id = this.#machine.createText(rootId, path, text).id;
    Y.applyUpdate(this.#colleague.doc, Y.encodeStateAsUpdate(this.#machine.doc));
    this.#connect(this.#machine.doc, this.#colleague.doc);
    this.#connect(this.#colleague.doc, this.#machine.doc);
    for (let index = 0; index < 4; index++) this.#writers.push(new Writer(this.#sync, index % 2 === 1));
  }

  async step(): Promise<void> {
    const random = this.#random;
    if (random.chance(3)) this.#deliver();
    if (random.chance(4)) this.#wait(random.below(3) === 0 ? 20_000 : random.below(1500));
    if (random.chance(2)) return this.#type();
    const writer = random.pick(this.#writers);
    if (writer === undefined) return undefined;
    if (writer.memory === undefined || random.chance(3)) {
      writer.memory = await writer.program.cat(path);
      return undefined;
    }
    return this.#save(writer, writer.memory);
  }

  /** Everybody has heard everything: throws where something is wrong. */
  end(): void {
    this.#sync.flush();
    this.#deliver();
    this.#deliver();
    const text = this.#machine.text(this.#id)?.toJSON() ?? "";
    expect(this.#colleague.text(this.#id)?.toJSON()).toBe(text);
    for (const [marker, stays] of this.#markers)
      expect([marker, text.split(marker).length - 1]).toEqual([marker, stays ? 1 : 0]);
    expect(this.#machine.resolve(path)?.id).toBe(this.#id);
    const backup = `${path}~`;
    expect(this.#machine.trashed().filter((each) => each.path !== backup)).toEqual([]);
    expect(this.#machine.children(rootId).length).toBe(1);
    this.#sync.dispose();
  }

  /** One way of saving, with something inserted or deleted. */
  async #save(writer: Writer, memory: string): Promise<void> {
    const random = this.#random;
    const { program } = writer;
    switch (random.below(4)) {
      case 0:
        await program.append(path, `${this.#marker()}\n`);
        writer.memory = undefined;
        return;
      case 1:
        // What is read here is what the edit starts from.
        await program.patch(
          path,
          (text) => (writer.memory = this.#edited(text)),
          () => {
            if (random.chance(2)) this.#type();
            if (random.chance(2)) this.#deliver();
          },
        );
        return;
      default:
        writer.memory = this.#edited(memory);
        await this.#rewrite(writer, writer.memory);
    }
  }

  async #rewrite(writer: Writer, text: string): Promise<void> {
    const random = this.#random;
    const { program } = writer;
    switch (random.below(5)) {
      case 0:
        return program.rewrite(path, text);
      case 1:
        return program.replace(path, text);
      case 2:
        return program.saveWithBackup(path, text);
      case 3:
        // An editor that reads the file to keep a backup of it.
        await program.write(`${path}~`, await program.cat(path));
        await program.rewrite(path, text);
        return program.remove(`${path}~`);
      default:
        await program.remove(path);
        // A colleague's tab is still open.
        if (random.chance(2)) this.#deliver();
        if (random.chance(2)) this.#type();
        if (random.chance(2)) this.#wait(20_000);
        await writer.program.write(path, text);
    }
  }

  #edited(text: string): string {
    const random = this.#random;
    const known = [...this.#markers].filter(([marker, stays]) => stays && text.includes(marker));
    if (random.chance(3) && known.length > 0) {
      const [marker] = random.pick(known) ?? [""];
      this.#markers.set(marker, false);
      return text.replace(marker, "");
    }
    const at = this.#place(text);
    return text.slice(0, at) + this.#marker() + text.slice(at);
  }

  #type(): void {
    const text = this.#colleague.text(this.#id);
    if (text === undefined) return;
    text.insert(this.#place(text.toJSON()), this.#marker());
  }

  /** A place that is in no marker. */
  #place(text: string): number {
    for (;;) {
      const at = this.#random.below(text.length + 1);
      const before = text.charCodeAt(at - 1);
      if (!(before >= firstMark) || (before - firstMark) % markLength === markLength - 1) return at;
    }
  }

  #marker(): string {
    const first = firstMark + markLength * this.#serial++;
    const marker = String.fromCharCode(...Array.from({ length: markLength }, (_, index) => first + index));
    this.#markers.set(marker, true);
    return marker;
  }

  #wait(milliseconds: number): void {
    this.#now += milliseconds;
    for (const timer of this.#due.filter(({ at }) => at <= this.#now)) {
      this.#due.splice(this.#due.indexOf(timer), 1);
      timer.work();
    }
  }

  #connect(from: Y.Doc, to: Y.Doc): void {
    from.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#underWay.push(() => Y.applyUpdate(to, update, this));
    });
  }

  #deliver(): void {
    for (const arrive of this.#underWay.splice(0)) arrive();
  }
}

describe("programs that save while colleagues type", () => {
  const count = Math.max(1, Math.ceil(operations / operationsPerSeed));
  const seeds =
    replaySeed === undefined
      ? [
          ...Array.from({ length: count }, (_, index) => index + 1),
          ...knownSeeds.filter((seed) => seed > count),
        ]
      : [Number(replaySeed)];

  it.each(seeds)("[SY-60] [SY-70] lose and double nothing (seed %i)", async (seed) => {
    const story = new Story(seed);
    for (let step = 0; step < operationsPerSeed; step++) await story.step();
    story.end();
  });
});
