// A notebook on the page: cells in order, Jupyter's keys, who is in which cell. Structure and running are
// core/notebook's; editors, machine and channels are passed in.

import { useSignal } from "@preact/signals";
import { Play, RotateCw, Square } from "lucide-preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Awareness } from "y-protocols/awareness";
import type { Cell } from "#core/notebook/cell.ts";
import { attachmentsOf, mayHaveAttachments } from "#core/notebook/jupyter/kept.ts";
import type { Notebook } from "#core/notebook/notebook.ts";
import { shownState, type RunRecord, type RunState } from "#core/notebook/output/run-record.ts";
import type { AvatarPerson } from "#ui/kit/avatar.tsx";
import { Button } from "#ui/kit/button.tsx";
import type { CaretHandover } from "#ui/kit/carry-caret.ts";
import { onPrint } from "#ui/kit/printing.ts";
import type { CodeEditorFactory } from "#ui/kit/code-editor.ts";
import { useRoving } from "#ui/kit/roving.ts";
import { CellList } from "./cell-list.tsx";
import { CellView, type CellContext } from "./cell-view.tsx";
import type { OutputBlobs } from "./display/display-view.tsx";
import { showDisplays } from "./display/show-display.tsx";
import { FullOutput } from "./full-output.tsx";
import { InsertRow } from "./insert-row.tsx";
import { bringLateTyping } from "./late-typing.ts";
import { LiveOutputs } from "./live-output.ts";
import { caretInCell, caretInFile } from "./notebook-caret.ts";
import { NotebookControl } from "./notebook-control.ts";
import { prepareNotebook } from "./notebook-print.ts";
import type { NotebookRuns } from "./notebook-runs.ts";
import { RenameDialog } from "./rename-dialog.tsx";
import { RunAnnouncer } from "./run-announcer.tsx";
import { lookOf } from "./run-view-model.ts";
import "./notebook.css";
import "./print.css";

export interface NotebookViewProps {
  readonly notebook: Notebook;
  /** The file's name. */
  readonly name: string;
  /** The file's node id, as colleagues' selections carry it. */
  readonly node: string;
  readonly runs: NotebookRuns;
  readonly awareness: Awareness;
  readonly blobs: OutputBlobs;
  readonly createEditor: CodeEditorFactory;
  readonly canEdit: boolean;
  /** May run cells: on one's own machine, with records in the notebook. */
  readonly canRun: boolean;
  /** The others, by the cell that they are in. */
  readonly visitors: ReadonlyMap<string, readonly AvatarPerson[]>;
  /** A new object asks to go to that cell; without one, to where the keyboard was. */
  readonly goal?: { readonly cell?: string; readonly keepFocus?: boolean } | undefined;
  /** Gives the caret over where the file becomes something else that is edited. */
  readonly handover: CaretHandover;
  /** Which cell this person is in: for presence. */
  readonly onCell: (cell: string) => void;
}

export function NotebookView(props: NotebookViewProps) {
  const { notebook, name, node, runs, awareness, createEditor, canEdit, canRun, visitors } = props;
  const version = useSignal(0);
  const selected = useSignal<string | undefined>(undefined);
  const full = useSignal<{ readonly cell: string; readonly run: RunRecord } | undefined>(undefined);
  const folded = useSignal<ReadonlySet<string>>(new Set());
  const renaming = useSignal<Cell | undefined>(undefined);
  const root = useRef<HTMLElement>(null);
  const roving = useRoving(2);
  const onCell = useRef(props.onCell);
  onCell.current = props.onCell;

  const outputs = useMemo(() => new LiveOutputs(runs.watch), [runs, notebook]);
  useEffect(() => () => outputs.dispose(), [outputs]);
  const control = useMemo(
    () =>
      new NotebookControl({
        notebook,
        runs,
        outputs,
        selected,
        folded,
        canEdit,
        canRun,
        rename: (cell) => (renaming.value = cell),
        isRunning: (run) => stateOf(run, awareness) === "running",
      }),
    [notebook, runs, outputs, selected, folded, renaming, awareness, canEdit, canRun],
  );
  useEffect(() => () => control.dispose(), [control]);

  useEffect(() => {
    const bump = (): void => {
      version.value += 1;
    };
    const stop = notebook.changes.on(bump);
    // Whose runs are lost depends on who is here.
    const onPeople = (change: { added: readonly number[]; removed: readonly number[] }): void => {
      if (change.added.length + change.removed.length > 0) bump();
    };
    awareness.on("change", onPeople);
    bump();
    return () => {
      stop();
      awareness.off("change", onPeople);
    };
  }, [notebook, awareness, version]);

  useEffect(
    () => onPrint(() => (root.current === null ? () => undefined : prepareNotebook(root.current))),
    [],
  );

  const showDisplay = useMemo(() => showDisplays(props.blobs), [props.blobs]);
  const attachments = useCallback(
    (cell: Cell) => (mayHaveAttachments(cell) ? attachmentsOf(cell, props.blobs) : undefined),
    [props.blobs],
  );
  const context = useMemo<CellContext>(
    () => ({
      node,
      awareness,
      factory: createEditor,
      outputs,
      canEdit,
      canRun,
      stateOf: (run) => stateOf(run, awareness),
      isMine: (run) => runs.active.peek().has(run.id),
      isOwn: (run) => run.by.id === runs.person.id,
      write: (run, text) => {
        // The program may have ended while the person was typing: then nobody reads it any more.
        runs.active
          .peek()
          .get(run.id)
          ?.write(text)
          .catch(() => undefined);
      },
      register: (id, handle) => control.places.register(id, handle),
      command: (command, id) => control.perform(command, id),
      leave: (direction, id) => control.leave(direction, id),
      setKind: (id, kind, caret) => control.setKind(id, kind, caret),
      bringLate: (id, content) => {
        const cell = notebook.cell(id);
        if (cell !== undefined) notebook.transact(() => bringLateTyping(cell, content));
      },
      openFull: (cell, run) => (full.value = { cell, run }),
      showDisplay,
      attachments,
    }),
    [
      notebook,
      node,
      awareness,
      createEditor,
      outputs,
      canEdit,
      canRun,
      runs,
      control,
      full,
      showDisplay,
      attachments,
    ],
  );

  void version.value;
  void runs.active.value;
  const { cells } = notebook;
  const current = selected.value ?? cells[0]?.id;
  useEffect(() => outputs.keep(new Set(cells.flatMap((cell) => cell.runs.map((run) => run.id)))));
  useLayoutEffect(() => control.places.settle());
  const { goal } = props;
  useLayoutEffect(() => {
    if (goal === undefined) return;
    const cell =
      goal.cell ?? (goal.keepFocus === true ? undefined : (selected.peek() ?? notebook.cells[0]?.id));
    if (cell !== undefined) control.places.goTo(cell);
  }, [goal, control, notebook, selected]);

  const { handover } = props;
  const latest = useRef({ notebook, control });
  latest.current = { notebook, control };
  useLayoutEffect(() => {
    const arriving = handover.take();
    const found = arriving === undefined ? undefined : caretInCell(latest.current.notebook, arriving);
    if (found !== undefined) latest.current.control.places.goTo(found.cell, found.caret);
    // Before the cells are taken down.
    return () => {
      const { places } = latest.current.control;
      const cell = places.at(document.activeElement);
      const caret = cell === undefined ? undefined : places.get(cell)?.caret;
      const known = cell !== undefined && caret !== undefined;
      handover.leave(known ? caretInFile(latest.current.notebook, cell, caret) : undefined);
    };
  }, [handover]);

  const onFocus = (event: FocusEvent): void => {
    const id = control.places.at(event.target);
    if (id === undefined) return;
    selected.value = id;
    onCell.current(id);
  };
  const hidden = folded.value;
  const renderCell = (index: number) => {
    const cell = cells[index];
    if (cell === undefined) return null;
    return (
      <>
        {canEdit ? (
          <InsertRow last={false} insert={(kind) => control.insert(kind, cells[index - 1]?.id ?? null)} />
        ) : null}
        <CellView
          cell={cell}
          number={index + 1}
          selected={cell.id === current}
          folded={hidden.has(cell.id)}
          visitors={visitors.get(cell.id) ?? []}
          context={context}
        />
      </>
    );
  };
  const shown = full.value;
  const wholeRun = runs.wholeRuns.value.get(notebook.id);
  return (
    <section
      class="notebook"
      ref={root}
      tabIndex={-1}
      role="region"
      aria-label={`Notebook ${name}`}
      onFocusCapture={onFocus}
      onKeyDownCapture={(event) => control.handleKeyFirst(event)}
      onKeyDown={(event) => control.handleKey(event)}
    >
      <div class="notebook-page">
        {canRun ? (
          <div
            class="notebook-bar"
            role="toolbar"
            aria-label="Notebook"
            onKeyDown={roving.onKeyDown}
            onFocusIn={roving.onFocusIn}
          >
            {wholeRun === undefined ? (
              <Button
                kind="quiet"
                icon={Play}
                tabIndex={roving.tabIndex(0)}
                onClick={() => runs.runAll(notebook)}
              >
                Run all
              </Button>
            ) : (
              <Button
                kind="quiet"
                icon={Square}
                tabIndex={roving.tabIndex(0)}
                onClick={() => void wholeRun.interrupt()}
              >
                Stop
              </Button>
            )}
            <Button
              kind="quiet"
              icon={RotateCw}
              tabIndex={roving.tabIndex(1)}
              title="Forget variables and working directory; files stay"
              onClick={() => control.restart()}
            >
              Restart session
            </Button>
          </div>
        ) : null}
        <CellList
          ids={cells.map((cell) => cell.id)}
          renderCell={(_id, index) => renderCell(index)}
          onLosing={(id) => control.lose(id, root.current)}
        />
        {canEdit ? (
          <InsertRow last insert={(kind) => control.insert(kind, cells.at(-1)?.id ?? null)} />
        ) : null}
      </div>
      <RunAnnouncer
        cells={cells}
        lookOf={(run) => lookOf(run, stateOf(run, awareness))}
        isOwn={(run) => run.by.id === runs.person.id}
      />
      {renaming.value === undefined ? null : (
        <RenameDialog
          name={renaming.value.name ?? ""}
          onSave={(name) => {
            if (renaming.value !== undefined)
              notebook.setName(renaming.value.id, name === "" ? undefined : name);
          }}
          onClose={() => (renaming.value = undefined)}
        />
      )}
      {shown === undefined ? null : (
        <FullOutput
          title={`Output of cell ${cells.findIndex((cell) => cell.id === shown.cell) + 1}`}
          run={shown.run}
          output={outputs.of(shown.run)}
          blobs={props.blobs}
          showDisplay={showDisplay}
          onClose={() => (full.value = undefined)}
        />
      )}
    </section>
  );
}

function stateOf(run: RunRecord, awareness: Awareness): RunState {
  return shownState(run, (client) => awareness.getStates().has(client));
}
