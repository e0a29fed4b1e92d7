// The field in a tree row that names a new file or renames one. Enter takes it, Esc leaves, so does going elsewhere.

import { useLayoutEffect, useRef } from "preact/hooks";
import { isComposing } from "#ui/kit/keys.ts";
import type { FilesModel } from "./files-model.ts";

export interface NameFieldProps {
  readonly model: FilesModel;
  readonly value: string;
  readonly label: string;
}

export function NameField({ model, value, label }: NameFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    const field = input.current;
    if (field === null) return;
    field.focus();
    // The name without its suffix, which is rarely what one wants to change.
    const dot = value.endsWith(".nb.md") ? value.length - ".nb.md".length : value.lastIndexOf(".");
    field.setSelectionRange(0, dot > 0 ? dot : value.length);
  }, [value]);
  const error = model.namingError.value;
  return (
    <span class="files-naming">
      <input
        ref={input}
        type="text"
        defaultValue={value}
        aria-label={label}
        aria-invalid={error !== undefined}
        spellcheck={false}
        autoComplete="off"
        onInput={() => (model.namingError.value = undefined)}
        onClick={(event) => event.stopPropagation()}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (isComposing(event)) return;
          if (event.key === "Enter") {
            // The file's editor may have the focus at once: the key does not go on into it.
            event.preventDefault();
            model.finishNaming(event.currentTarget.value, true);
          } else if (event.key === "Escape") model.cancelNaming(true);
        }}
        onBlur={(event) => {
          // Leaving keeps a good name and drops a bad one.
          if (model.naming.value !== undefined && !model.finishNaming(event.currentTarget.value, false))
            model.cancelNaming();
        }}
      />
      {error === undefined ? null : (
        <span class="files-naming-error" role="alert">
          {error}
        </span>
      )}
    </span>
  );
}
