// What was deleted, at the foot of the sidebar: folded until asked for, each with a way back.

import { useSignal } from "@preact/signals";
import { RotateCcw, Trash2 } from "lucide-preact";
import { IconButton } from "#ui/kit/button.tsx";
import { FileIcon } from "#ui/kit/file-icon.tsx";
import type { FilesModel } from "./files-model.ts";

export function TrashList({ model }: { readonly model: FilesModel }) {
  const open = useSignal(false);
  const trashed = model.trashed.value;
  if (trashed.length === 0) return null;
  return (
    <section class="trash" aria-label="Trash">
      <button
        type="button"
        class="trash-head"
        aria-expanded={open.value}
        onClick={() => (open.value = !open.value)}
      >
        <Trash2 size={14} aria-hidden="true" />
        Trash
        <span class="trash-count">{trashed.length}</span>
      </button>
      {open.value ? (
        <ul>
          {trashed.slice(0, 200).map((entry) => (
            <li key={entry.id}>
              <FileIcon kind={entry.kind} name={entry.name} />
              <span
                class="files-name"
                data-tip={entry.by === undefined ? entry.path : `${entry.path}\ndeleted by ${entry.by}`}
              >
                {entry.name}
              </span>
              {model.writable ? (
                <IconButton
                  icon={RotateCcw}
                  size="small"
                  label={`Restore ${entry.name}`}
                  onClick={() => model.restore(entry.id)}
                />
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
