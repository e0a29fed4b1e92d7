// Two texts compared character by character, marks included. Knows no source.

import diff from "fast-diff";
import { type ProseMark, proseMarks } from "./tree.ts";
import type { Unit } from "./parse.ts";

export interface Hunk {
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newStart: number;
  readonly newEnd: number;
}

export function markKey(marks: readonly ProseMark[]): string {
  return proseMarks
    .flatMap((name) => {
      const mark = marks.find(({ type }) => type === name);
      return mark === undefined ? [] : [JSON.stringify([name, mark.attrs?.href, mark.attrs?.title])];
    })
    .join();
}

function unitKey({ kind, text, marks }: Unit): string {
  return `${kind} ${text} ${marks.length === 0 ? "" : markKey(marks)}`;
}

/** Where only marks changed, the letters and line breaks are written as they were. */
export function withLetters(
  old: readonly Unit[],
  wanted: readonly Unit[],
  hunks: readonly Hunk[],
  kept: readonly (number | undefined)[],
): (number | undefined)[] {
  const like = [...kept];
  for (const { oldStart, oldEnd, newStart, newEnd } of hunks) {
    const letters = compare(
      old.slice(oldStart, oldEnd),
      wanted.slice(newStart, newEnd),
      ({ kind, text }) => `${kind} ${text}`,
    );
    letters.kept.forEach((at, index) => {
      if (at !== undefined) like[newStart + index] = oldStart + at;
    });
  }
  return like;
}

export function compare(
  old: readonly Unit[],
  wanted: readonly Unit[],
  keyOf: (unit: Unit) => string = unitKey,
): { hunks: Hunk[]; kept: (number | undefined)[] } {
  const codes = new Map<string, string>();
  const encode = (units: readonly Unit[]): string =>
    units
      .map((unit) => {
        const key = keyOf(unit);
        let code = codes.get(key);
        if (code === undefined) {
          // Surrogates would be held together.
          const next = codes.size + 0x20;
          code = String.fromCharCode(next < 0xd800 ? next : next + 0x800);
          codes.set(key, code);
        }
        return code;
      })
      .join("");
  const kept: (number | undefined)[] = wanted.map(() => undefined);
  const hunks: Hunk[] = [];
  let [at, to] = [0, 0];
  let open: { oldStart: number; newStart: number } | undefined;
  const close = (): void => {
    if (open !== undefined) hunks.push({ ...open, oldEnd: at, newEnd: to });
    open = undefined;
  };
  for (const [change, part] of diff(encode(old), encode(wanted))) {
    if (change === 0) {
      close();
      for (let index = 0; index < part.length; index++) kept[to + index] = at + index;
      at += part.length;
      to += part.length;
      continue;
    }
    open ??= { oldStart: at, newStart: to };
    if (change < 0) at += part.length;
    else to += part.length;
  }
  close();
  return { hunks, kept };
}
