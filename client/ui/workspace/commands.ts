// Finding a command: by the key that was pressed, by what was typed into the palette.

import type { Command } from "#ui/kit/feature.ts";
import { matchesKey } from "#ui/kit/keys.ts";

/** The command that a key runs, or undefined. */
export function commandFor(event: KeyboardEvent, commands: readonly Command[]): Command | undefined {
  const inTerminal = event.target instanceof Element && event.target.closest(".xterm") !== null;
  return commands.find(
    (command) =>
      command.shortcut !== undefined &&
      matchesKey(event, command.shortcut) &&
      (!inTerminal || command.overTerminal === true),
  );
}

/**
 * How well `label` answers what was typed: lower is better, undefined is not at all.
 * All letters in order; together and at word starts counts as closer.
 */
export function matchScore(label: string, typed: string): number | undefined {
  const text = label.toLowerCase();
  const wanted = typed.toLowerCase().replaceAll(/\s+/g, "");
  if (wanted === "") return 0;
  const whole = text.indexOf(wanted);
  if (whole >= 0)
    return whole === 0 || /[\s/._-]/.test(text[whole - 1] ?? "") ? whole / 1000 : 1 + whole / 1000;
  let score = 2;
  let from = 0;
  for (const letter of wanted) {
    const at = text.indexOf(letter, from);
    if (at < 0) return undefined;
    score += at - from;
    from = at + 1;
  }
  return score;
}
