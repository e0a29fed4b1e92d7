// A code cell's editor, made by the factory that the page passes in. Knows no Monaco.

import { useLayoutEffect, useRef, type MutableRef } from "preact/hooks";
import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import type { CodeKind } from "#core/notebook/markdown/fence.ts";
import type { CaretIn } from "#ui/kit/carry-caret.ts";
import type { CodeEditor, CodeEditorFactory, EditorPlace } from "#ui/kit/code-editor.ts";
import type { CellEditor } from "./prose-cell.tsx";

/** A wasm cell is a command line, or the text of a module. */
function languageOf(kind: CodeKind, text: Y.Text): string {
  if (kind === "wasm") return /^\s*(?:;;.*\s*)*\(/.test(text.toJSON()) ? "wat" : "shell";
  return kind === "sh" ? "shell" : kind;
}

export interface CodeCellProps {
  readonly text: Y.Text;
  readonly kind: CodeKind;
  readonly place: EditorPlace;
  readonly awareness: Awareness;
  readonly editable: boolean;
  readonly label: string;
  readonly factory: CodeEditorFactory;
  readonly editor: MutableRef<CellEditor | undefined>;
  readonly onLeave: (direction: "up" | "down") => void;
  /** The editor goes with the focus in it: where the caret was, and what it held. */
  readonly onLosing: (caret: CaretIn, content: string) => void;
}

export function CodeCell(props: CodeCellProps) {
  const { text, kind, place, awareness, editable, label, factory, editor } = props;
  const parent = useRef<HTMLDivElement>(null);
  const made = useRef<CodeEditor>();
  const latest = useRef(props);
  latest.current = props;
  useLayoutEffect(() => {
    if (parent.current === null) return undefined;
    const code = factory.create({
      parent: parent.current,
      text: latest.current.text,
      language: languageOf(latest.current.kind, latest.current.text),
      label: latest.current.label,
      autoHeight: true,
      readOnly: !latest.current.editable,
      awareness,
      place: latest.current.place,
      onLeave: (direction) => latest.current.onLeave(direction),
    });
    made.current = code;
    editor.current = {
      focus: (at) => code.focus(at),
      get caret() {
        return code.caret;
      },
    };
    return () => {
      const { caret } = code;
      if (caret !== undefined) latest.current.onLosing(caret, caret.text);
      editor.current = undefined;
      made.current = undefined;
      code.dispose();
    };
    // Text, name, language and write access change in place: the editor outlives them.
  }, [awareness, factory, editor, place.node, place.cell]);
  const language = languageOf(kind, text);
  useLayoutEffect(() => made.current?.setText(text), [text]);
  useLayoutEffect(() => made.current?.setLabel(label), [label]);
  useLayoutEffect(() => made.current?.setLanguage(language), [language]);
  useLayoutEffect(() => made.current?.setReadOnly(!editable), [editable]);
  return <div class="code-place" ref={parent} />;
}
