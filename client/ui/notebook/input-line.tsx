// One line to type into a running program.

import { ChevronRight } from "lucide-preact";

export interface InputLineProps {
  readonly write: (text: string) => void;
}

export function InputLine({ write }: InputLineProps) {
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLInputElement }): void => {
    const input = event.currentTarget;
    const plain = !event.altKey && !event.metaKey && !event.shiftKey;
    if (plain && event.ctrlKey && event.key === "d") write("\x04");
    else if (plain && event.ctrlKey && event.key === "c" && input.selectionStart === input.selectionEnd)
      write("\x03");
    else if (plain && !event.ctrlKey && event.key === "Enter") {
      write(`${input.value}\n`);
      input.value = "";
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <label class="output-input">
      <ChevronRight size={14} aria-hidden="true" />
      <input
        type="text"
        aria-label="Input for the running cell"
        placeholder="Input, sent with Enter"
        autoComplete="off"
        spellcheck={false}
        onKeyDown={onKeyDown}
      />
    </label>
  );
}
