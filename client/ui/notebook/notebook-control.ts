// What the keys and buttons of a notebook do. Knows cells by id, and their elements through handles; draws nothing.

import type { Signal } from "@preact/signals";
import type { Disposer } from "#core/base/disposable.ts";
import type { Cell, CellKind } from "#core/notebook/cell.ts";
import type { Notebook } from "#core/notebook/notebook.ts";
import type { CellRun } from "#core/notebook/run/run-cell.ts";
import type { RunRecord } from "#core/notebook/output/run-record.ts";
import type { CaretIn } from "#ui/kit/carry-caret.ts";
import { toast } from "#ui/kit/toasts.tsx";
import { copyCell, duplicateCell, pasteCell } from "./cell-clipboard.ts";
import { CellPlaces } from "./cell-places.ts";
import { Deletions } from "./deletions.ts";
import type { LiveOutputs } from "./live-output.ts";
import { meaningOf, type Key, type KeyMeaning, type NotebookCommand } from "./notebook-keys.ts";
import type { NotebookRuns } from "./notebook-runs.ts";

export type CellCommand = NotebookCommand | "restart" | "copy-output" | "duplicate" | "clear-output";

export interface NotebookControlOptions {
  readonly notebook: Notebook;
  readonly runs: NotebookRuns;
  readonly outputs: LiveOutputs;
  readonly selected: Signal<string | undefined>;
  /** Cells whose output this person does not want to see. */
  readonly folded: Signal<ReadonlySet<string>>;
  /** Asks for a cell's name. */
  readonly rename: (cell: Cell) => void;
  /** It goes on, here or elsewhere. */
  readonly isRunning: (run: RunRecord) => boolean;
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
  "cut",
  "paste",
  "paste-above",
  "duplicate",
  "rename",
  "clear-output",
]);

export class NotebookControl {
  readonly #options: NotebookControlOptions;
  readonly #deletions: Deletions;
  /** Where its cells are on the page. */
  readonly places: CellPlaces;
  #pendingKey: string | undefined;

  constructor(options: NotebookControlOptions) {
    this.#options = options;
    this.#deletions = new Deletions(options.notebook);
    this.places = new CellPlaces(options.selected);
  }

  dispose: Disposer = () => this.#deletions.dispose();

  /** Before the editors: the keys that run. */
  handleKeyFirst(event: KeyboardEvent): void {
    const { command } = this.#meaning(event);
    if (command !== undefined && beforeEditors.has(command)) this.#take(event, command);
  }

  /** After the editors: what they have not taken. */
  handleKey(event: KeyboardEvent): void {
    if (event.defaultPrevented) return;
    if (this.#entersCells(event)) {
      event.preventDefault();
      return;
    }
    const { command, pending } = this.#meaning(event);
    this.#pendingKey = pending;
    if (command !== undefined && !beforeEditors.has(command)) this.#take(event, command);
  }

  /** The caret left an editor upwards or downwards: it goes on in the next cell. */
  leave(direction: "up" | "down", id: string): void {
    const neighbour = this.#neighbour(id, direction === "up" ? -1 : 1);
    if (neighbour === undefined) return;
    this.#options.selected.value = neighbour;
    this.places.get(neighbour)?.focusEditor(direction === "up" ? "end" : "start");
  }

  /** The cell that has the focus is going, and was not deleted from here. Called while it is still on the page. */
  lose(id: string, region: HTMLElement | null): void {
    const { notebook, canEdit } = this.#options;
    const handle = this.places.get(id);
    const { before, after } = this.places.around(id);
    const neighbour = after ?? before;
    this.#pendingKey = undefined;
    const caret = handle?.caret;
    if (caret === undefined) {
      if (neighbour === undefined) region?.focus({ preventScroll: true });
      else this.places.goTo(neighbour);
      return;
    }
    // Not to the next cell, where the letters that are still being typed would be commands.
    this.#options.selected.value = neighbour;
    region?.focus({ preventScroll: true });
    const kind = handle?.kind ?? "text";
    // Of prose, the paragraphs.
    const content = kind === "text" ? caret.text.replaceAll("\n", "\n\n") : caret.text;
    const bringBack = (): void => {
      const cell = notebook.insert(kind, before ?? null, content);
      this.places.goTo(cell.id, caret);
    };
    toast({
      message: "The cell that you were typing in was deleted",
      ...(canEdit && content !== "" ? { action: { label: "Bring it back", run: bringBack } } : {}),
    });
  }

  insert(kind: CellKind, after: string | null, edit = true): void {
    const cell = this.#options.notebook.insert(kind, after);
    this.places.goTo(cell.id, edit);
  }

  /** Its editor gets the focus if the caret was in it, else the cell. */
  setKind(id: string, kind: CellKind, caret?: CaretIn): void {
    this.places.goTo(id, caret ?? false);
    this.#options.notebook.setKind(id, kind);
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

  perform(command: CellCommand, id: string): void {
    const { notebook, canEdit, canRun } = this.#options;
    if (editing.has(command) && !canEdit) return;
    const cell = notebook.cell(id);
    if (cell === undefined) return;
    // A new cell is like the one that it is made from.
    const codeKind = cell.kind === "text" ? "sh" : cell.kind;
    switch (command) {
      case "run":
        if (canRun) this.#run(id);
        if (cell.kind === "text") this.places.goTo(id);
        return;
      case "run-and-advance": {
        if (canRun) this.#run(id);
        const next = this.#neighbour(id, 1);
        if (next !== undefined) this.places.goTo(next);
        else if (canEdit) this.insert(codeKind, id);
        return;
      }
      case "run-and-insert":
        if (canRun) this.#run(id);
        if (canEdit) this.insert(codeKind, id);
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
        return this.places.get(id)?.focusEditor("start");
      case "to-command-mode":
        return this.places.goTo(id);
      case "previous":
      case "next": {
        const neighbour = this.#neighbour(id, command === "previous" ? -1 : 1);
        if (neighbour !== undefined) this.places.goTo(neighbour);
        return;
      }
      case "first":
      case "last": {
        const end = notebook.cells.at(command === "first" ? 0 : -1);
        if (end !== undefined) this.places.goTo(end.id);
        return;
      }
      case "insert-above":
        return this.insert(codeKind, this.#neighbour(id, -1) ?? null, false);
      case "insert-below":
        return this.insert(codeKind, id, false);
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
      case "copy":
        copyCell(cell);
        toast({ message: "Cell copied" });
        return;
      case "cut":
        copyCell(cell);
        return this.#delete(id);
      case "paste":
        return this.#goToNew(pasteCell(notebook, id));
      case "paste-above":
        return this.#goToNew(pasteCell(notebook, this.#neighbour(id, -1) ?? null));
      case "duplicate":
        return this.#goToNew(duplicateCell(notebook, cell));
      case "rename":
        return cell.kind === "text" ? undefined : this.#options.rename(cell);
      case "toggle-output":
        return this.#toggleOutput(id);
      case "clear-output":
        return notebook.clearRuns(id, this.#options.isRunning);
      case "menu":
        return this.places.get(id)?.openMenu();
      case "copy-output":
        return this.#copyOutput(id);
      default:
        return command satisfies never;
    }
  }

  /** From the notebook itself, or from a row of buttons outside its cells, to the cell that was selected last. */
  #entersCells(event: KeyboardEvent): boolean {
    const { notebook, selected } = this.#options;
    if (event.isComposing || !(event.target instanceof Element)) return false;
    if (this.places.at(event.target) !== undefined || event.target.closest("dialog") !== null) return false;
    const here = event.target === event.currentTarget;
    if (event.key !== "Escape" && !(here && ["ArrowDown", "ArrowUp", "Enter"].includes(event.key)))
      return false;
    const cell = selected.peek() ?? notebook.cells[0]?.id;
    if (cell !== undefined) this.places.goTo(cell);
    return cell !== undefined;
  }

  #meaning(event: KeyboardEvent): KeyMeaning {
    if (event.isComposing || !(event.target instanceof Element)) return {};
    const id = this.places.at(event.target);
    if (id === undefined) return {};
    const key: Key = {
      key: event.key,
      shift: event.shiftKey,
      mod: event.ctrlKey || event.metaKey,
      alt: event.altKey,
    };
    if (event.target === this.places.get(id)?.element) return meaningOf(key, "command", this.#pendingKey);
    // Buttons and input lines have their own Enter; only Escape leads out of them.
    if (event.target.closest("button, input") !== null)
      return event.key === "Escape" ? { command: "to-command-mode" } : {};
    return meaningOf(key, "edit");
  }

  #take(event: KeyboardEvent, command: NotebookCommand): void {
    const id = this.places.at(event.target);
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
    if (next !== undefined) this.places.goTo(next);
    toast({
      message: "Cell deleted",
      action: {
        label: "Undo",
        run: () => {
          undo();
          this.places.goTo(id);
        },
      },
    });
  }

  #move(id: string, step: -1 | 1): void {
    const { notebook } = this.#options;
    const target = this.#neighbour(id, step);
    if (target === undefined) return;
    this.places.goTo(id);
    notebook.move(id, step === 1 ? target : (this.#neighbour(target, -1) ?? null));
    this.places.showWhenDrawn(id);
  }

  #goToNew(cell: Cell | undefined): void {
    if (cell === undefined) toast({ message: "No cell has been copied yet" });
    else this.places.goTo(cell.id);
  }

  #toggleOutput(id: string): void {
    const { folded } = this.#options;
    const next = new Set(folded.peek());
    if (!next.delete(id)) next.add(id);
    folded.value = next;
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
