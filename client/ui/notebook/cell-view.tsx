// One cell on the page: gutter, prose or code, outputs, menu. What to do is the notebook view's; this only shows and asks.

import { Ellipsis } from "lucide-preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Awareness } from "y-protocols/awareness";
import type { Cell, CellKind } from "#core/notebook/cell.ts";
import type { RunRecord, RunState } from "#core/notebook/output/run-record.ts";
import { Avatar, type AvatarPerson } from "#ui/kit/avatar.tsx";
import { Button, IconButton } from "#ui/kit/button.tsx";
import type { CaretIn } from "#ui/kit/carry-caret.ts";
import type { CodeEditorFactory } from "#ui/kit/code-editor.ts";
import { CellGutter } from "./cell-gutter.tsx";
import { CodeCell } from "./code-cell.tsx";
import { openCellMenu } from "./cell-menu.ts";
import { kindNames } from "./insert-row.tsx";
import type { LiveOutputs } from "./live-output.ts";
import type { CellHandle } from "./cell-places.ts";
import type { CellCommand } from "./notebook-control.ts";
import { OutputView } from "./output-view.tsx";
import { useKeptFocus } from "./kept-focus.ts";
import { ProseCell, type CellEditor } from "./prose-cell.tsx";
import { lookOf, shownRuns } from "./run-view-model.ts";
import type { ShowDisplay } from "./screen-view.ts";

export interface CellContext {
  readonly node: string;
  readonly awareness: Awareness;
  readonly factory: CodeEditorFactory;
  readonly outputs: LiveOutputs;
  readonly canEdit: boolean;
  readonly canRun: boolean;
  readonly stateOf: (run: RunRecord) => RunState;
  /** It goes on in this page. */
  readonly isMine: (run: RunRecord) => boolean;
  /** This person started it, here or elsewhere. */
  readonly isOwn: (run: RunRecord) => boolean;
  readonly write: (run: RunRecord, text: string) => void;
  readonly register: (id: string, handle: CellHandle | undefined) => void;
  readonly command: (command: CellCommand, id: string) => void;
  readonly leave: (direction: "up" | "down", id: string) => void;
  /** With a caret, its editor gets the focus there. */
  readonly setKind: (id: string, kind: CellKind, caret: CaretIn | undefined) => void;
  /** Somebody has made code or prose of the cell, in which this had been typed. */
  readonly bringLate: (id: string, content: string) => void;
  readonly openFull: (id: string, run: RunRecord) => void;
  readonly showDisplay: ShowDisplay;
  /** The pictures that came with a cell, by name. */
  readonly attachments: (cell: Cell) => Promise<ReadonlyMap<string, string>> | undefined;
}

export interface CellViewProps {
  readonly cell: Cell;
  readonly number: number;
  readonly selected: boolean;
  /** The output is not to be seen. */
  readonly folded: boolean;
  readonly visitors: readonly AvatarPerson[];
  readonly context: CellContext;
}

export function CellView(props: CellViewProps) {
  const { cell, number, selected, visitors, context } = props;
  const root = useRef<HTMLDivElement>(null);
  const editor = useRef<CellEditor>();
  const { id, kind } = cell;
  const { register } = context;

  const latestKind = useRef(kind);
  latestKind.current = kind;
  const { onLosing } = useKeptFocus(root, editor, (content) => context.bringLate(id, content));
  const folded = useRef(props.folded);
  folded.current = props.folded;
  const showMenu = (): void => {
    const anchor = root.current?.querySelector(".cell-menu button");
    if (anchor !== null && anchor !== undefined)
      openCellMenu({ cell, folded: folded.current, context, at: anchor, caret: editor.current?.caret });
  };
  const menu = useRef(showMenu);
  menu.current = showMenu;
  useLayoutEffect(() => {
    const element = root.current;
    if (element === null) return undefined;
    register(id, {
      element,
      get kind() {
        return latestKind.current;
      },
      get caret() {
        return editor.current?.caret;
      },
      focusEditor: (at) => editor.current?.focus(at),
      openMenu: () => menu.current(),
    });
    return () => register(id, undefined);
  }, [id, register]);

  const runs = cell.runs;
  const [newest] = runs;
  const shown = shownRuns(runs, context.stateOf);
  const look = newest === undefined ? "idle" : lookOf(newest, context.stateOf(newest));
  const mine = newest !== undefined && context.isMine(newest);
  const stale = look !== "running" && cell.stale;
  const before = runs[shown.length];
  const [visitor] = visitors;
  const leave = (direction: "up" | "down"): void => context.leave(direction, id);
  const { source, prose } = cell;

  return (
    <div
      class="cell"
      role="group"
      aria-label={`Cell ${number}`}
      tabIndex={selected ? 0 : -1}
      ref={root}
      data-selected={selected}
      data-state={look}
      data-stale={stale}
      data-kind={kind}
      data-visited={visitor !== undefined}
      {...(visitor === undefined ? {} : { style: { "--who": visitor.color } })}
    >
      {kind === "text" ? null : (
        <CellGutter
          run={newest}
          look={look}
          mine={mine}
          own={newest !== undefined && context.isOwn(newest)}
          canRun={context.canRun}
          reachable={selected}
          start={() => context.command("run", id)}
          interrupt={() => context.command("interrupt", id)}
          onTyping={() => root.current?.querySelector<HTMLElement>(".output-input input")?.focus()}
        />
      )}
      <div class="cell-body">
        {kind !== "text" && source !== undefined ? (
          <div class="code">
            <span class="cell-edge" aria-hidden="true" />
            <div class="code-head">
              <span class="code-kind">
                {[stale ? "changed since run" : "", cell.name ?? "", kindNames[kind]]
                  .filter((part) => part !== "")
                  .join(" · ")}
              </span>
              <CellMenuButton open={showMenu} reachable={selected} />
            </div>
            <CodeCell
              text={source}
              kind={kind}
              place={{ node: context.node, cell: id }}
              awareness={context.awareness}
              editable={context.canEdit}
              label={`Code of cell ${number}`}
              factory={context.factory}
              editor={editor}
              onLeave={leave}
              onLosing={onLosing}
            />
          </div>
        ) : null}
        {kind === "text" && prose !== undefined ? (
          <>
            <ProseCell
              fragment={prose}
              awareness={context.awareness}
              editable={context.canEdit}
              label="Text"
              attachments={() => context.attachments(cell)}
              editor={editor}
              onLeave={leave}
              onEscape={() => context.command("to-command-mode", id)}
              printed={cell.printed}
              onLosing={onLosing}
            />
            <div class="prose-head">
              <CellMenuButton open={showMenu} reachable={selected} />
            </div>
          </>
        ) : null}
        <div class="outputs">
          {props.folded && shown.length > 0 ? (
            <div class="output output-folded">
              <Button kind="quiet" shortcut="O" onClick={() => context.command("toggle-output", id)}>
                Show the output
              </Button>
            </div>
          ) : null}
          {(props.folded ? [] : shown).map((run) => (
            <OutputView
              key={shown.length === 1 ? "only" : run.id}
              run={run}
              look={lookOf(run, context.stateOf(run))}
              output={context.outputs.of(run)}
              previous={shown.length === 1 && before !== undefined ? context.outputs.of(before) : undefined}
              own={context.isOwn(run)}
              named={shown.length > 1}
              write={context.isMine(run) ? (text) => context.write(run, text) : undefined}
              openFull={() => context.openFull(id, run)}
              showDisplay={context.showDisplay}
            />
          ))}
        </div>
      </div>
      {visitors.length === 0 ? null : (
        <div class="cell-people">
          {visitors.slice(0, 3).map((person) => (
            <Avatar key={person.name} person={person} size={18} title={`${person.name} is here`} />
          ))}
        </div>
      )}
    </div>
  );
}

function CellMenuButton({ open, reachable }: { readonly open: () => void; readonly reachable: boolean }) {
  return (
    // The pointer leaves the caret where it is: the menu gives the focus back to it.
    <span class="cell-menu" onMouseDown={(event) => event.preventDefault()}>
      <IconButton
        icon={Ellipsis}
        size="small"
        label="Cell menu"
        menu
        tabIndex={reachable ? 0 : -1}
        onClick={open}
      />
    </span>
  );
}
