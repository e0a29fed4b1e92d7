// What can be done with a cell, as a menu. Asks for commands; knows what each is called and which key it has.

import {
  ArrowDown,
  ArrowUp,
  Binary,
  Braces,
  ClipboardCopy,
  ClipboardPaste,
  Copy,
  CopyPlus,
  Eraser,
  EyeOff,
  FileText,
  RotateCw,
  SquareTerminal,
  Tag,
  Trash2,
  type LucideIcon,
} from "lucide-preact";
import type { Cell, CellKind } from "#core/notebook/cell.ts";
import type { CaretIn } from "#ui/kit/carry-caret.ts";
import { openMenu, type MenuItem } from "#ui/kit/menu.tsx";
import { cellKinds, kindNames } from "./insert-row.tsx";
import type { CellCommand } from "./notebook-control.ts";

const kindIcons: Readonly<Record<CellKind, LucideIcon>> = {
  sh: SquareTerminal,
  python: Braces,
  wasm: Binary,
  text: FileText,
};

export interface CellMenuOptions {
  readonly cell: Cell;
  readonly folded: boolean;
  readonly at: Element;
  /** Where the caret is, if the cell is being edited. */
  readonly caret: CaretIn | undefined;
  readonly context: {
    readonly canEdit: boolean;
    readonly canRun: boolean;
    readonly command: (command: CellCommand, id: string) => void;
    readonly setKind: (id: string, kind: CellKind, caret: CaretIn | undefined) => void;
  };
}

export function openCellMenu({ cell, folded, at, caret, context }: CellMenuOptions): void {
  const { id, kind } = cell;
  const { canEdit, canRun, command, setKind } = context;
  const item = (
    label: string,
    icon: LucideIcon,
    does: CellCommand,
    more: { readonly shortcut?: string; readonly disabled?: boolean; readonly danger?: boolean } = {},
  ): MenuItem => ({ label, icon, run: () => command(does, id), ...more });
  const noRun = cell.run === undefined;
  const ofCode: readonly (MenuItem | "separator")[] =
    kind === "text"
      ? []
      : [
          item(folded ? "Show output" : "Hide output", EyeOff, "toggle-output", {
            shortcut: "O",
            disabled: noRun,
          }),
          item("Copy output", Copy, "copy-output", { disabled: noRun }),
          item("Clear output", Eraser, "clear-output", { disabled: noRun || !canEdit }),
          // A module keeps nothing from run to run.
          item("Restart session", RotateCw, "restart", { disabled: kind === "wasm" || !canRun }),
          "separator",
          item("Name the cell", Tag, "rename", { shortcut: "F2", disabled: !canEdit }),
        ];
  openMenu({
    at,
    align: "end",
    label: "Cell",
    items: [
      ...ofCode,
      ...cellKinds.map((other) => ({
        label: kindNames[other],
        icon: kindIcons[other],
        checked: other === kind,
        disabled: !canEdit,
        run: () => setKind(id, other, caret),
      })),
      "separator",
      item("Copy cell", ClipboardCopy, "copy", { shortcut: "C" }),
      item("Paste below", ClipboardPaste, "paste", { shortcut: "V", disabled: !canEdit }),
      item("Duplicate", CopyPlus, "duplicate", { disabled: !canEdit }),
      item("Move up", ArrowUp, "move-up", { shortcut: "Alt-↑", disabled: !canEdit }),
      item("Move down", ArrowDown, "move-down", { shortcut: "Alt-↓", disabled: !canEdit }),
      item("Delete cell", Trash2, "delete", { shortcut: "D D", danger: true, disabled: !canEdit }),
    ],
  });
}
