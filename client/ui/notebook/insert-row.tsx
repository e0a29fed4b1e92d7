// Where a new cell can come: between two cells on hover, behind the last one always.

import { Plus } from "lucide-preact";
import type { CellKind } from "#core/notebook/cell.ts";
import { Button } from "#ui/kit/button.tsx";
import { useRoving } from "#ui/kit/roving.ts";

export const kindNames: Readonly<Record<CellKind, string>> = {
  sh: "Shell",
  python: "Python",
  wasm: "WebAssembly",
  text: "Text",
};

/** In the order in which they are offered. */
export const cellKinds: readonly CellKind[] = ["sh", "python", "wasm", "text"];

export interface InsertRowProps {
  readonly last: boolean;
  readonly insert: (kind: CellKind) => void;
}

export function InsertRow({ last, insert }: InsertRowProps) {
  const roving = useRoving(cellKinds.length);
  const buttons = cellKinds.map((kind, place) => (
    <Button
      key={kind}
      kind="quiet"
      icon={Plus}
      tabIndex={last ? roving.tabIndex(place) : -1}
      onClick={() => insert(kind)}
    >
      {kindNames[kind]}
    </Button>
  ));
  if (last)
    return (
      <div
        class="insert-last"
        role="toolbar"
        aria-label="Add a cell"
        onKeyDown={roving.onKeyDown}
        onFocusIn={roving.onFocusIn}
      >
        {buttons}
      </div>
    );
  // Out of the tab order: the keys a and b do the same, and a notebook has many gaps.
  return (
    <div class="insert" aria-hidden="true">
      <div class="insert-buttons">{buttons}</div>
    </div>
  );
}
