// What a colleague looks at: in a text file, down to the line of their caret.

import * as Y from "yjs";
import type { Project } from "#core/project/project.ts";
import type { SharedSelection } from "#ui/kit/code-editor.ts";
import type { Viewport } from "./following.ts";
import type { Member } from "./members.ts";

export function viewportOf({ where, state }: Member, project: Project): Viewport {
  const { selection } = state as { readonly selection?: Partial<SharedSelection> | null };
  const text =
    where.file === undefined || selection?.node !== where.file || selection.head === undefined
      ? undefined
      : project.text(where.file);
  if (text === undefined) return where;
  const index = caretIndex(selection?.head, text);
  return index === undefined ? where : { ...where, line: text.toJSON().slice(0, index).split("\n").length };
}

function caretIndex(head: unknown, text: Y.Text): number | undefined {
  if (text.doc === null) return undefined;
  try {
    const relative = Y.createRelativePositionFromJSON(head);
    const position = Y.createAbsolutePositionFromRelativePosition(relative, text.doc);
    return position?.type === text ? position.index : undefined;
  } catch {
    return undefined; // a colleague's program may tell anything
  }
}
