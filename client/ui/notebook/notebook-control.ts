// What the keys and buttons of a notebook do. Knows cells by id, and their elements through handles; draws nothing.

import type { Signal } from "@preact/signals";
import type { Disposer } from "#core/base/disposable.ts";
import type { CellKind } from "#core/notebook/cell.ts";
import type { Notebook } from "#core/notebook/notebook.ts";
import type { CellRun } from "#core/notebook/run-cell.ts";
import { toast } from "#ui/kit/toasts.tsx";
import { Deletions } from "./deletions.ts";
import type { LiveOutputs } from "./live-output.ts";
import { meaningOf, type Key, type KeyMeaning, type NotebookCommand } from "./notebook-keys.ts";
import type { NotebookRuns } from "./notebook-runs.ts";

/** How a cell is reached on the page. */
export interface CellHandle {
  readonly element: HTMLElement;
  focusEditor(at?: "start" | "end"): void;
  openMenu(): void;
}

export type CellCommand = NotebookCommand | "restart" | "copy-output";

export interface NotebookControlOptions {
  readonly notebook: Notebook;
  readonly runs: NotebookRuns;
  readonly outputs: LiveOutputs;
  readonly selected: Signal<string | undefined>;
  readonly canEdit: boolean;
  readonly canRun: boolean;
}

/** These mean the same inside an editor, which must not see them first. */
const beforeEditors: ReadonlySet<NotebookCommand> = new Set(["run", "run-and-advance", "run-and-insert"]);

const editing: ReadonlySet<CellCommand> = new Set([
  "insert-above",
  "insert-below",
  "delete",
  "to-text",
  "to-code",
  "move-up",
  "move-down",
  "undo",
]);

export class NotebookControl {
  readonly #options: NotebookControlOptions;
  readonly #deletions: Deletions;
  readonly #handles = new Map<string, CellHandle>();
  #pendingKey: string | undefined;
  /** A cell to go to as soon as it is on the page. */
  #goal: { readonly id: string; readonly edit: boolean } | undefined;

  constructor(options: NotebookControlOptions) {
    this.#options = options;
    this.#deletions = new Deletions(options.notebook);
  }

  dispose: Disposer = () => this.#deletions.dispose();

  register(id: string, handle: CellHandle | undefined): void {
    if (handle === undefined) this.#handles.delete(id);
    else this.#handles.set(id, handle);
  }

  /** The cell that the element is in. */
  cellAt(target: EventTarget | null): string | undefined {
    if (!(target instanceof Element)) return undefined;
    const element = target.closest(".cell");
    for (const [id, handle] of this.#handles) if (handle.element === element) return id;
    return undefined;
  }

  /** Before the editors: the keys that run. */
  handleKeyFirst(event: KeyboardEvent): void {
    const { command } = this.#meaning(event);
    if (command !== undefined && beforeEditors.has(command)) this.#take(event, command);
  }

  /** After the editors: what they have not taken. */
  handleKey(event: KeyboardEvent): void {
    if (event.defaultPrevented) return;
    const { command, pending } = this.#meaning(event);
    this.#pendingKey = pending;
    if (command !== undefined && !beforeEditors.has(command)) this.#take(event, command);
  }

  /** The caret left an editor upwards or downwards: it goes on in the next cell. */
  leave(direction: "up" | "down", id: string): void {
    const neighbour = this.#neighbour(id, direction === "up" ? -1 : 1);
    if (neighbour === undefined) return;
    this.#options.selected.value = neighbour;
    this.#handles.get(neighbour)?.focusEditor(direction === "up" ? "end" : "start");
  }

  insert(kind: CellKind, after: string | null, edit = true): void {
    const cell = this.#options.notebook.insert(kind, after);
    this.#goTo(cell.id, edit);
  }

  setKind(id: string, kind: CellKind): void {
    this.#options.notebook.setKind(id, kind);
    this.#goTo(id, false);
  }

  restart(): void {
    this.#options.runs.restart(this.#options.notebook).then(
      () => toast({ message: "The session is fresh: variables are gone, files stay." }),
      (error: unknown) =>
        toast({
          message: error instanceof Error ? error.message : "The session could not be restarted.",
          problem: true,
        }),
    );
  }

  /** Goes to the cell that was waited for, once it is there. */
  settleFocus(): void {
    const goal = this.#goal;
    const handle = goal === undefined ? undefined : this.#handles.get(goal.id);
    if (goal === undefined || handle === undefined) return;
    this.#goal = undefined;
    this.#options.selected.value = goal.id;
    handle.element.focus({ preventScroll: true });
    if (goal.edit) handle.focusEditor("start");
    handle.element.scrollIntoView({ block: "nearest" });
  }

  /** Selects a cell and shows it. */
  goTo(id: string): void {
    this.#goTo(id, false);
  }

  perform(command: CellCommand, id: string): void {
    const { notebook, canEdit, canRun } = this.#options;
    if (editing.has(command) && !canEdit) return;
    const cell = notebook.cell(id);
    if (cell === undefined) return;
    switch (command) {
      case "run":
        if (canRun) this.#run(id);
        if (cell.kind === "text") this.#goTo(id, false);
        return;
      case "run-and-advance": {
        if (canRun) this.#run(id);
        const next = this.#neighbour(id, 1);
        if (next !== undefined) this.#goTo(next, false);
        else if (canEdit) this.insert(cell.kind === "text" ? "sh" : cell.kind, id);
        return;
      }
      case "run-and-insert":
        if (canRun) this.#run(id);
        if (canEdit) this.insert(cell.kind === "text" ? "sh" : cell.kind, id);
        return;
      case "interrupt":
        // It may have ended by itself meanwhile.
        this.#ownRun(id)
          ?.interrupt()
          .catch(() => undefined);
        return;
      case "restart":
        return this.restart();
      case "edit":
        return this.#handles.get(id)?.focusEditor("start");
      case "to-command-mode":
        return this.#goTo(id, false);
      case "previous":
      case "next": {
        const neighbour = this.#neighbour(id, command === "previous" ? -1 : 1);
        if (neighbour !== undefined) this.#goTo(neighbour, false);
        return;
      }
      case "first":
      case "last": {
        const end = notebook.cells.at(command === "first" ? 0 : -1);
        if (end !== undefined) this.#goTo(end.id, false);
        return;
      }
      case "insert-above":
        return this.insert("sh", this.#neighbour(id, -1) ?? null, false);
      case "insert-below":
        return this.insert("sh", id, false);
      case "delete":
        return this.#delete(id);
      case "undo":
        return this.#deletions.undo();
      case "to-text":
        return this.setKind(id, "text");
      case "to-code":
        return cell.kind === "text" ? this.setKind(id, "sh") : undefined;
      case "move-up":
      case "move-down":
        return this.#move(id, command === "move-up" ? -1 : 1);
      case "menu":
        return this.#handles.get(id)?.openMenu();
      case "copy-output":
        return this.#copyOutput(id);
      default:
        return command satisfies never;
    }
  }

  #meaning(event: KeyboardEvent): KeyMeaning {
    if (event.isComposing || !(event.target instanceof Element)) return {};
    const id = this.cellAt(event.target);
    if (id === undefined) return {};
    const key: Key = {
      key: event.key,
      shift: event.shiftKey,
      mod: event.ctrlKey || event.metaKey,
      alt: event.altKey,
    };
    if (event.target === this.#handles.get(id)?.element) return meaningOf(key, "command", this.#pendingKey);
    // Buttons and input lines have their own Enter; only Escape leads out of them.
    if (event.target.closest("button, input") !== null)
      return event.key === "Escape" ? { command: "to-command-mode" } : {};
    return meaningOf(key, "edit");
  }

  #take(event: KeyboardEvent, command: NotebookCommand): void {
    const id = this.cellAt(event.target);
    if (id === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#pendingKey = undefined;
    this.perform(command, id);
  }

  #neighbour(id: string, step: -1 | 1): string | undefined {
    const { cells } = this.#options.notebook;
    const at = cells.findIndex((cell) => cell.id === id) + step;
    return at < 0 ? undefined : cells[at]?.id;
  }

  #goTo(id: string, edit: boolean): void {
    this.#goal = { id, edit };
    const { selected } = this.#options;
    // A cell that is on the page already is reached at once; a new one when it has been drawn.
    if (this.#handles.has(id)) this.settleFocus();
    else selected.value = id;
  }

  #ownRun(id: string): CellRun | undefined {
    return [...this.#options.runs.active.peek().values()].findLast((run) => run.cell.id === id);
  }

  #run(id: string): void {
    const { notebook, runs } = this.#options;
    const cell = notebook.cell(id);
    if (cell === undefined || cell.kind === "text" || this.#ownRun(id) !== undefined) return;
    runs.run(notebook, cell);
  }

  #delete(id: string): void {
    const next = this.#neighbour(id, 1) ?? this.#neighbour(id, -1);
    const undo = this.#deletions.delete(id);
    if (next !== undefined) this.#goTo(next, false);
    toast({
      message: "Cell deleted",
      action: {
        label: "Undo",
        run: () => {
          undo();
          this.#goTo(id, false);
        },
      },
    });
  }

  #move(id: string, step: -1 | 1): void {
    const { notebook } = this.#options;
    const target = this.#neighbour(id, step);
    if (target === undefined) return;
    notebook.move(id, step === 1 ? target : (this.#neighbour(target, -1) ?? null));
    this.#goTo(id, false);
  }

  #copyOutput(id: string): void {
    const run = this.#options.notebook.cell(id)?.run;
    if (run === undefined) return;
    navigator.clipboard.writeText(this.#options.outputs.of(run).screen.text).then(
      () => toast({ message: "Output copied" }),
      () =>
        toast({
          message: "The browser did not allow copying. Select the output and copy it.",
          problem: true,
        }),
    );
  }
}
