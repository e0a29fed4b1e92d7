// Random work on several replicas of a project, bare documents on a bad network and sessions in the real room: whenever
// all have seen everything, all are equal, and nothing that anybody saved is gone. CONCH_FUZZ_OPS sets the number of
// operations, CONCH_FUZZ_SEED replays one seed.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { TextBase } from "#core/text/text-base.ts";
import { isInGit } from "#core/project/file-content.ts";
import { Project, rootId } from "#core/project/project.ts";
import type { Entry } from "#core/project/project.ts";
import { readForm, textForms } from "#core/project/forms.ts";
import { nodesOf } from "#core/project/schema.ts";
import { content, type Network, picture, Replicas } from "./replicas.ts";
import { Random } from "../harness/random.ts";
import { RoomReplicas } from "./room-replicas.ts";

/** A few seconds of them by default; the nightly run asks for 100,000. */
const operations = Number(process.env["CONCH_FUZZ_OPS"] ?? 2000);
const operationsPerSeed = 250;
const replaySeed = process.env["CONCH_FUZZ_SEED"];

const names = ["a", "b", "x.txt", "main.c", "n.nb.md", ".git", "żółw", "link"];

function everything(project: Project): Entry[] {
  const found: Entry[] = [];
  const visit = (directory: string): void => {
    for (const entry of project.children(directory)) {
      found.push(entry);
      if (entry.kind === "dir") visit(entry.id);
    }
  };
  visit(rootId);
  return found;
}

class Fuzz {
  readonly random: Random;
  readonly replicas: Network;
  /** Marks that were written and by no operation of ours removed again: each must be somewhere at the end. */
  readonly marks = new Set<string>();
  readonly #bases = new Map<Project, { base: TextBase; id: string; text: string; mark: string }>();
  #serial = 0;

  constructor(random: Random, replicas: Network) {
    this.random = random;
    this.replicas = replicas;
  }

  async step(): Promise<void> {
    const replica = this.random.pick(this.replicas.all);
    if (replica === undefined) return;
    if (this.random.chance(replica.online ? 12 : 4)) replica.online = !replica.online;
    await this.replicas.deliver(replica);
    try {
      this.#work(replica.project);
    } catch (error) {
      // Refusing is right; breaking is not.
      if (!(error instanceof FsError)) throw error;
    }
  }

  #work(project: Project): void {
    const { random } = this;
    const all = everything(project);
    const directories = [rootId, ...all.filter(({ kind }) => kind === "dir").map(({ id }) => id)];
    const directory = random.pick(directories) ?? rootId;
    const name = random.pick(names) ?? "a";
    const entry = random.pick(all);
    switch (random.below(12)) {
      case 0:
        project.mkdir(directory, name);
        return;
      case 1:
      case 2: {
        const mark = this.#mark();
        project.createFile(directory, name, encodeUtf8(`${mark}\n`), this.replicas.blobs);
        this.marks.add(mark);
        return;
      }
      case 3:
        project.symlink(directory, name, "a/b");
        return;
      case 4:
      case 5:
        if (entry !== undefined) project.move(entry.id, directory, name);
        return;
      case 6:
        if (entry !== undefined && random.chance(2)) project.trash(entry.id, "fuzz");
        return;
      case 7: {
        const trashed = random.pick(project.trashed());
        if (trashed !== undefined) project.restore(trashed.id);
        return;
      }
      case 8:
        if (entry !== undefined) project.setAttributes(entry.id, { mode: random.below(512) });
        return;
      case 9:
        this.#typing(project, entry);
        return;
      case 10:
        this.#saving(project, entry);
        return;
      default:
        this.#rewriting(project, entry);
    }
  }

  #typing(project: Project, entry: Entry | undefined): void {
    const text = entry && project.text(entry.id);
    if (text === undefined) return;
    const mark = this.#mark();
    text.insert(this.#betweenMarks(text.toJSON()), `${mark}\n`);
    this.marks.add(mark);
  }

  /** A working copy is taken now and committed later, over whatever has come meanwhile. */
  #saving(project: Project, entry: Entry | undefined): void {
    const open = this.#bases.get(project);
    if (open !== undefined) {
      this.#bases.delete(project);
      const { base, id, text, mark } = open;
      if (project.text(id) === base.target && !isInGit(project.path(id))) {
        project.writeBytes(id, encodeUtf8(text), this.replicas.blobs, base);
        this.marks.add(mark);
      }
      base.dispose();
      return;
    }
    const text = entry && project.text(entry.id);
    if (entry === undefined || text === undefined) return;
    const base = new TextBase(text);
    const at = this.#betweenMarks(base.text);
    const mark = this.#mark();
    const changed = `${base.text.slice(0, at)}${mark}\n${base.text.slice(at)}`;
    this.#bases.set(project, { base, id: entry.id, text: changed, mark });
  }

  /** Makes bytes of a text, or text of bytes: what was there stays in what the project remembers. */
  #rewriting(project: Project, entry: Entry | undefined): void {
    if (entry === undefined || entry.kind === "dir" || entry.kind === "notebook") return;
    // Git keeps its own history.
    if (isInGit(project.path(entry.id))) return;
    const before = content(project, entry.id, this.replicas.blobs);
    const kept = before.match(/[\u4e00-\u9fff]/g) ?? [];
    const mark = this.#mark();
    const zero = this.random.chance(2) ? "\0" : "";
    project.writeBytes(entry.id, encodeUtf8(`${kept.join("\n")}\n${mark}\n${zero}`), this.replicas.blobs);
    this.marks.add(mark);
  }

  #mark(): string {
    // One character: two people's edits of one place may interleave their characters, but part none.
    return String.fromCodePoint(0x4e00 + this.#serial++);
  }

  #betweenMarks(text: string): number {
    const starts = [0, text.length];
    for (const match of text.matchAll(/\n/g)) starts.push(match.index + 1);
    return this.random.pick(starts) ?? 0;
  }

  /** All the bytes that can still be reached: live, in the trash, in a file's history, in its earlier text. */
  reachable(project: Project): string {
    const parts = picture(project, this.replicas.blobs);
    for (const [id, node] of nodesOf(project.doc)) {
      // Of all its forms: of two that people make at once one is live, until the room has merged them.
      for (const form of textForms(node)) parts.push(readForm(node, form));
      const blob = project.blob(id);
      for (const ref of [...project.history(id), ...(blob === undefined ? [] : [blob])]) {
        parts.push(decodeUtf8Lossy(this.replicas.blobs.get(ref)));
      }
      const cells = project.notebook(id);
      if (cells !== undefined) parts.push(cells.print());
    }
    return parts.join("\n");
  }

  async check(): Promise<void> {
    await this.replicas.settle();
    const [first, ...others] = this.replicas.all;
    if (first === undefined) return;
    const seen = picture(first.project, this.replicas.blobs);
    for (const { project } of others) expect(picture(project, this.replicas.blobs)).toEqual(seen);
    // A replica that joins now sees the same, so the index has missed nothing.
    expect(picture(new Project(this.replicas.fresh()), this.replicas.blobs)).toEqual(seen);
    for (const { project } of this.replicas.all) checkTree(project);
    const reachable = this.reachable(first.project);
    for (const mark of this.marks) expect(reachable.includes(mark), `${mark} is lost`).toBe(true);
  }
}

/** Every node is shown once or is in the trash; names are unique; paths lead back. */
function checkTree(project: Project): void {
  const shown = new Map<string, string>();
  for (const entry of everything(project)) {
    expect(shown.has(entry.id), `${entry.id} twice`).toBe(false);
    shown.set(entry.id, entry.name);
    expect(project.resolve(project.path(entry.id))?.id).toBe(entry.id);
    expect(project.lookup(entry.parent, entry.name)?.id).toBe(entry.id);
  }
  for (const [id, node] of nodesOf(project.doc)) {
    const visible = shown.has(project.canonical(id));
    expect(visible || node.has("trashed"), `${id} is hidden`).toBe(true);
  }
}

async function run(seed: number, random: Random, network: Network): Promise<void> {
  const fuzz = new Fuzz(random, network);
  try {
    for (let index = 0; index < operationsPerSeed; index++) {
      await fuzz.step();
      if (index % 50 === 49) await fuzz.check();
    }
    await fuzz.check();
  } catch (error) {
    throw new Error(`CONCH_FUZZ_SEED=${seed}`, { cause: error });
  }
}

/** One seed, or as many as make up the operations. */
function seeds(count: number): readonly number[] {
  if (replaySeed !== undefined) return [Number(replaySeed)];
  return Array.from({ length: Math.ceil(count / operationsPerSeed) }, (_, index) => 1 + index);
}

function someReplicas(random: Random): number {
  return 3 + random.below(3);
}

describe("replicas of a project", () => {
  for (const seed of seeds(operations))
    it(`agree and lose nothing (seed ${seed})`, { timeout: 60_000 }, async () => {
      const random = new Random(seed);
      await run(seed, random, new Replicas(someReplicas(random), random));
    });
});

/** A step there takes several times as long. */
const inRoom = Math.ceil(operations / 3);

describe("sessions in a room", () => {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
      now: 1_700_000_000_000,
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  for (const seed of seeds(inRoom))
    it(`agree and lose nothing (seed ${seed})`, { timeout: 60_000 }, async () => {
      const random = new Random(seed);
      // The session spreads its attempts to come back.
      vi.spyOn(Math, "random").mockImplementation(() => random.below(1000) / 1000);
      const network = await RoomReplicas.create(someReplicas(random), random);
      try {
        await run(seed, random, network);
      } finally {
        network.destroy();
      }
    });
});
