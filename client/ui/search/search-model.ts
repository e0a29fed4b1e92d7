// A search through all texts and notebooks of the project, in slices; it follows what people change meanwhile.
// Knows no rendering.

import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { DisposerStack } from "#core/base/disposable.ts";
import { rootId } from "#core/project/project.ts";
import type { NodeId, Project } from "#core/project/project.ts";
import { nextTurn } from "#ui/kit/turns.ts";
import { walk } from "#ui/kit/walk.ts";
import { patternOf } from "./find.ts";
import type { Match, Pattern, Query } from "./find.ts";
import { SlowExpression } from "./search-engine.ts";
import type { SearchEngine } from "./search-engine.ts";

/** Matches are shown up to this number; then one searches for something closer. */
const mostMatches = 2000;
/** Milliseconds of reading texts in one task of the page. */
const sliceTime = 8;
/** Characters that one message to the engine carries. */
const batchSize = 1_000_000;
/** Milliseconds after the last keystroke, or the last change in the project. */
const typingDelay = 120;
const changeDelay = 400;

/** Where in a file a match stands. */
export interface Place extends Match {
  /** In a notebook. */
  readonly cell?: { readonly id: string; readonly number: number };
}

export interface FileResult {
  readonly file: NodeId;
  readonly matches: readonly Place[];
}

export type SearchState =
  | { readonly kind: "idle" }
  | { readonly kind: "searching"; readonly done: number; readonly total: number }
  | { readonly kind: "done" }
  | { readonly kind: "stopped" }
  /** There are more than anybody reads. */
  | { readonly kind: "enough" }
  | { readonly kind: "problem"; readonly reason: string };

interface Piece {
  readonly file: NodeId;
  readonly text: string;
  readonly cell?: Place["cell"];
}

export class SearchModel {
  readonly query = signal<Query>({ text: "", matchCase: false, wholeWord: false, regex: false });
  readonly state = signal<SearchState>({ kind: "idle" });
  readonly results: ReadonlySignal<readonly FileResult[]>;
  readonly count: ReadonlySignal<number>;
  /** The field is to take the keyboard focus; a new object for each request. */
  readonly focusRequest = signal<object>({});
  readonly project: Project;
  readonly #engine: SearchEngine;
  readonly #found = signal<ReadonlyMap<NodeId, FileResult>>(new Map());
  readonly #disposers = new DisposerStack();
  /** Changes with every search: an older one ends at its next step. */
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #changeTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #changed = new Set<NodeId>();

  constructor(project: Project, engine: SearchEngine) {
    this.project = project;
    this.#engine = engine;
    this.results = computed(() => [...this.#found.value.values()]);
    this.count = computed(() => this.results.value.reduce((sum, result) => sum + result.matches.length, 0));
    this.#disposers.add(
      project.changes.on(({ nodes, directories }) => {
        if (this.state.peek().kind === "idle") return;
        for (const node of nodes) this.#changed.add(node);
        if (nodes.size + directories.size > 0)
          this.#changeTimer ??= setTimeout(() => this.#follow(), changeDelay);
      }),
    );
    this.#disposers.add(() => clearTimeout(this.#changeTimer));
    this.#disposers.add(() => this.#halt());
  }

  dispose(): void {
    this.#disposers.dispose();
  }

  /** Another question: asked once the typing pauses. */
  ask(change: Partial<Query>): void {
    this.query.value = { ...this.query.peek(), ...change };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.search(), typingDelay);
  }

  /** Searches the whole project, at once. */
  async search(): Promise<void> {
    this.#halt();
    const query = this.query.peek();
    this.#changed.clear();
    this.#found.value = new Map();
    if (query.text === "") {
      this.state.value = { kind: "idle" };
      return;
    }
    const pattern = patternOf(query);
    if ("problem" in pattern) {
      this.state.value = { kind: "problem", reason: pattern.problem };
      return;
    }
    await this.#run(pattern, this.#files(), this.project.nodeCount);
  }

  stop(): void {
    this.#halt();
    if (this.state.peek().kind === "searching") this.state.value = { kind: "stopped" };
  }

  #halt(): void {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#engine.stop();
  }

  /** Looks again at what has changed since it was searched. */
  #follow(): void {
    this.#changeTimer = undefined;
    const { kind } = this.state.peek();
    if (kind !== "done" && kind !== "enough") {
      if (kind === "searching") this.#changeTimer = setTimeout(() => this.#follow(), changeDelay);
      return;
    }
    const pattern = patternOf(this.query.peek());
    if ("problem" in pattern || this.query.peek().text === "") return;
    const files = [...this.#changed].filter((id) => this.project.entry(id) !== undefined);
    this.#changed.clear();
    this.#show([], (found) => {
      for (const id of found.keys()) if (this.project.entry(id) === undefined) found.delete(id);
    });
    if (files.length > 0 && kind === "done") void this.#run(pattern, files.values(), files.length);
  }

  /** Every file, in the order of the tree. */
  *#files(): Generator<NodeId> {
    for (const { entry } of walk(this.project, rootId))
      if (entry.kind === "text" || entry.kind === "notebook") yield entry.id;
  }

  /** `total` is what the files count to, about. */
  async #run(pattern: Pattern, files: Iterator<NodeId>, total: number): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    this.state.value = { kind: "searching", done: 0, total };
    try {
      let done = 0;
      for (let next = files.next(); next.done !== true;) {
        const pieces: Piece[] = [];
        const batch: NodeId[] = [];
        const start = performance.now();
        for (let size = 0; next.done !== true && size < batchSize && performance.now() - start < sliceTime;) {
          batch.push(next.value);
          for (const piece of this.#pieces(next.value)) {
            pieces.push(piece);
            size += piece.text.length;
          }
          next = files.next();
        }
        done += batch.length;
        const answer = await this.#engine.find(
          pattern,
          pieces.map(({ text }) => text),
        );
        if (turn !== this.#turn) return;
        this.#take(batch, pieces, answer);
        if (this.count.peek() >= mostMatches) {
          this.state.value = { kind: "enough" };
          return;
        }
        this.state.value = { kind: "searching", done, total };
        await nextTurn();
        if (turn !== this.#turn) return;
      }
      this.state.value = { kind: "done" };
    } catch (error) {
      if (turn !== this.#turn) return; // stopped, or asked something else
      this.state.value = {
        kind: "problem",
        reason:
          error instanceof SlowExpression
            ? "This expression takes too long. Try a simpler one."
            : "The search could not be loaded. Reload the page to try again.",
      };
    }
  }

  /** The texts of a file: one, or one per cell of a notebook. */
  #pieces(file: NodeId): Piece[] {
    const text = this.project.text(file);
    if (text !== undefined) return [{ file, text: text.toJSON() }];
    const cells = this.project.notebook(file)?.cells ?? [];
    return cells.map((cell, index) => ({
      file,
      text: cell.kind === "text" ? cell.print() : cell.code,
      cell: { id: cell.id, number: index + 1 },
    }));
  }

  #take(files: readonly NodeId[], pieces: readonly Piece[], answer: readonly (readonly Match[])[]): void {
    const fresh = new Map<NodeId, Place[]>();
    for (const [index, { file, cell }] of pieces.entries()) {
      const matches = answer[index] ?? [];
      if (matches.length === 0) continue;
      const places = cell === undefined ? matches : matches.map((match) => ({ ...match, cell }));
      fresh.set(file, [...(fresh.get(file) ?? []), ...places]);
    }
    this.#show(files, (found) => {
      for (const [file, matches] of fresh) found.set(file, { file, matches });
    });
  }

  /** Changes what is shown; of `again` nothing older stays. A result that is there keeps its place. */
  #show(again: readonly NodeId[], change: (found: Map<NodeId, FileResult>) => void): void {
    const found = new Map(this.#found.peek());
    const before = found.size;
    change(found);
    for (const file of again) if (found.get(file) === this.#found.peek().get(file)) found.delete(file);
    if (found.size !== before || again.length > 0) this.#found.value = found;
  }
}
