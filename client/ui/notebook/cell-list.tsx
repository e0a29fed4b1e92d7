// The cells of a notebook in their order. Each is drawn into an element of its own, which we put in place ourselves:
// the framework may take any element out of the page to move it, also the one that somebody types in.

import { render, type ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { arrange } from "./arrange.ts";

export interface CellListProps {
  readonly ids: readonly string[];
  readonly renderCell: (id: string, index: number) => ComponentChildren;
  /** A cell that has the focus is going; called while it is still there. */
  readonly onLosing: (id: string) => void;
}

export function CellList({ ids, renderCell, onLosing }: CellListProps) {
  const list = useRef<HTMLDivElement>(null);
  const hosts = useRef(new Map<string, HTMLElement>());

  useLayoutEffect(() => {
    const parent = list.current;
    if (parent === null) return;
    const present = new Set(ids);
    for (const [id, host] of hosts.current) {
      if (present.has(id)) continue;
      if (host.contains(document.activeElement)) onLosing(id);
      hosts.current.delete(id);
      drop(host);
    }
    const wanted = ids.map((id) => {
      const known = hosts.current.get(id);
      if (known !== undefined) return known;
      const made = document.createElement("div");
      hosts.current.set(id, made);
      return made;
    });
    arrange(parent, wanted);
    for (const [index, id] of ids.entries()) {
      const host = hosts.current.get(id);
      if (host !== undefined) render(renderCell(id, index), host);
    }
  });

  useLayoutEffect(
    () => () => {
      for (const host of hosts.current.values()) drop(host);
      hosts.current.clear();
    },
    [],
  );

  return <div class="notebook-cells" ref={list} />;
}

function drop(host: HTMLElement): void {
  render(null, host);
  host.remove();
}
