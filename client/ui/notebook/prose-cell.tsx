// A prose cell: its editor, rebuilt only where the shared fragment is another one.

import { useLayoutEffect, useRef, type MutableRef } from "preact/hooks";
import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import type { CaretIn } from "#ui/kit/carry-caret.ts";
import { onPrint } from "#ui/kit/printing.ts";
import { inTurn } from "#ui/kit/turns.ts";
import { createProseEditor, type ProseEditor } from "./prose-editor.ts";
import "./prose.css";

export interface ProseCellProps {
  readonly fragment: Y.XmlFragment;
  readonly awareness: Awareness;
  readonly editable: boolean;
  readonly label: string;
  readonly attachments: () => Promise<ReadonlyMap<string, string>> | undefined;
  readonly editor: MutableRef<CellEditor | undefined>;
  readonly onLeave: (direction: "up" | "down") => void;
  readonly onEscape: () => void;
  /** The Markdown that it was read from. */
  readonly printed: string;
  /** The editor goes with the focus in it: where the caret was, and what it held. */
  readonly onLosing: (caret: CaretIn, content: string) => void;
}

/** What the notebook needs of a cell's editor, prose or code. */
export interface CellEditor {
  focus(at?: "start" | "end" | CaretIn): void;
  /** Where the caret is, while the editor has the focus. */
  readonly caret: CaretIn | undefined;
}

export function ProseCell(props: ProseCellProps) {
  const { fragment, awareness, editable, label, editor } = props;
  const parent = useRef<HTMLDivElement>(null);
  const current = useRef<ProseEditor>();
  const latest = useRef(props);
  latest.current = props;
  useLayoutEffect(() => {
    if (parent.current === null) return undefined;
    const host = parent.current;
    let made: ProseEditor | undefined;
    const make = (): ProseEditor => {
      made ??= createProseEditor({
        parent: host,
        fragment,
        awareness,
        editable: latest.current.editable,
        label: latest.current.label,
        attachments: latest.current.attachments(),
        placeholder: "Write something. Markdown works: # heading, - list, `code`",
        onLeave: (direction) => latest.current.onLeave(direction),
        onEscape: () => latest.current.onEscape(),
      });
      current.current = made;
      return made;
    };
    // A notebook's editors in one task would hold up the page; whoever wants to write has theirs at once.
    const forget = inTurn(make);
    const forgetPrint = onPrint(() => {
      make();
      return () => undefined;
    });
    editor.current = {
      focus: (at = "start") => make().focus(at),
      get caret() {
        return made?.caret;
      },
    };
    return () => {
      forget();
      forgetPrint();
      const caret = made?.caret;
      if (made !== undefined && caret !== undefined)
        latest.current.onLosing(caret, made.markdown(latest.current.printed));
      editor.current = undefined;
      current.current = undefined;
      made?.dispose();
    };
  }, [fragment, awareness, editor]);
  // In place: who may write again goes on where they were.
  useLayoutEffect(() => current.current?.setEditable(editable), [editable]);
  useLayoutEffect(() => current.current?.setLabel(label), [label]);
  return <div class="prose-cell" ref={parent} />;
}
