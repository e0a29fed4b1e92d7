// One line to type into a running program. What is in it when the program ends stays, and is said not to be sent.

import { ChevronRight } from "lucide-preact";
import { encodeUtf8 } from "#core/base/bytes.ts";

/** Bytes, without its end: what a terminal in the guest keeps of a line (client/machine/session/SPEC.md, CELL-9). */
const longestLine = 65_534;

const notRead = "Not sent: the program has ended.";

export interface InputLineProps {
  /** undefined where nothing reads any more. */
  readonly write: ((text: string) => void) | undefined;
  /** Whether there is something in it that was not sent. */
  readonly onHeld: (held: boolean) => void;
}

export function InputLine({ write, onHeld }: InputLineProps) {
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLInputElement }): void => {
    const input = event.currentTarget;
    const plain = !event.altKey && !event.metaKey && !event.shiftKey;
    // Enter that ends a composition sends nothing.
    if (event.isComposing) return;
    if (write === undefined) {
      if (event.key !== "Enter" || !plain) return;
      input.setCustomValidity(notRead);
      input.reportValidity();
    } else if (plain && event.ctrlKey && event.key === "d") write("\x04");
    else if (plain && event.ctrlKey && event.key === "c" && input.selectionStart === input.selectionEnd)
      write("\x03");
    else if (plain && !event.ctrlKey && event.key === "Enter") {
      const length = encodeUtf8(input.value).length;
      if (length > longestLine) {
        input.setCustomValidity(
          `A program reads at most ${longestLine.toLocaleString("en")} bytes in one line; this line has ${length.toLocaleString("en")}.`,
        );
        input.reportValidity();
      } else {
        write(`${input.value}\n`);
        input.value = "";
        onHeld(false);
      }
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <label class="output-input" data-ended={write === undefined}>
      <ChevronRight size={14} aria-hidden="true" />
      <input
        type="text"
        aria-label="Input for the running cell"
        placeholder="Input, sent with Enter"
        autoComplete="off"
        spellcheck={false}
        onKeyDown={onKeyDown}
        onInput={(event) => {
          event.currentTarget.setCustomValidity("");
          onHeld(event.currentTarget.value !== "");
        }}
      />
      {write === undefined ? <span role="status">{notRead}</span> : null}
    </label>
  );
}
