// A prose cell: its editor, rebuilt only where the shared fragment is another one.

import { useLayoutEffect, useRef, type MutableRef } from "preact/hooks";
import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import { createProseEditor, type ProseEditor } from "./prose-editor.ts";
import "./prose.css";

export interface ProseCellProps {
  readonly fragment: Y.XmlFragment;
  readonly awareness: Awareness;
  readonly editable: boolean;
  readonly label: string;
  readonly editor: MutableRef<CellEditor | undefined>;
  readonly onLeave: (direction: "up" | "down") => void;
  readonly onEscape: () => void;
}

/** What the notebook needs of a cell's editor, prose or code. */
export interface CellEditor {
  focus(at?: "start" | "end"): void;
}

export function ProseCell(props: ProseCellProps) {
  const { fragment, awareness, editable, label, editor } = props;
  const parent = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  useLayoutEffect(() => {
    if (parent.current === null) return undefined;
    const made: ProseEditor = createProseEditor({
      parent: parent.current,
      fragment,
      awareness,
      editable,
      label,
      placeholder: "Write something. Markdown works: # heading, - list, `code`",
      onLeave: (direction) => latest.current.onLeave(direction),
      onEscape: () => latest.current.onEscape(),
    });
    editor.current = { focus: (at = "start") => made.focus(at) };
    return () => {
      editor.current = undefined;
      made.dispose();
    };
    // The label is read when the editor is made: cells are renumbered often, and that must not rebuild editors.
  }, [fragment, awareness, editable, editor]);
  return <div class="prose-cell" ref={parent} />;
}
