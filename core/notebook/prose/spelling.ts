// Which of Markdown's ways to write a change is taken: the plainest that is read back as it was meant. Bare text first,
// then with backslashes where they are needed, then with other delimiters, and character references last.

import type { SourceEdit } from "./edit.ts";
import type { Edit, InlineEdit, Spelling } from "./inline.ts";
import type { Style } from "./new.ts";

type Choice = Omit<Spelling, "escaped" | "referenced">;

/** Units by the text that they are in. */
type Marked = ReadonlyMap<InlineEdit, ReadonlySet<number>>;

const none: ReadonlySet<number> = new Set();
const nothing: Marked = new Map();

/** undefined where none of the ways is read back right. */
export function settle(
  edit: SourceEdit,
  style: Style,
  reads: (edits: readonly Edit[]) => boolean,
  bareOnly: boolean,
): Edit[] | undefined {
  const write = (choice: Choice, escaped: Marked, referenced: Marked): Edit[] =>
    edit.edits((inline) => ({
      ...choice,
      escaped: escaped.get(inline) ?? none,
      referenced: referenced.get(inline) ?? none,
    }));
  const attempt = (
    choice: Choice,
    escaped: Marked = nothing,
    referenced: Marked = nothing,
  ): Edit[] | undefined => {
    const edits = write(choice, escaped, referenced);
    return reads(edits) ? edits : undefined;
  };
  /** With as few escapes as do it. */
  const escape = (choice: Choice, candidates: Marked): Edit[] | undefined => {
    // With both brackets escaped a line would be a formula.
    for (const some of [candidates, withoutClosing(candidates)])
      if (sizeOf(some) > 0 && attempt(choice, some) !== undefined)
        return attempt(
          choice,
          fewest(some, (fewer) => attempt(choice, fewer) !== undefined),
        );
    return undefined;
  };
  const refer = (choice: Choice, escaped: Marked, candidates: Marked): Edit[] | undefined => {
    if (sizeOf(candidates) === 0 || attempt(choice, escaped, candidates) === undefined) return undefined;
    const references = fewest(candidates, (fewer) => attempt(choice, escaped, fewer) !== undefined);
    const escapes = fewest(escaped, (fewer) => attempt(choice, fewer, references) !== undefined);
    return attempt(choice, escapes, references);
  };

  const plain: Choice = {
    emphasis: style.emphasis,
    strong: style.strong,
    respellMarks: false,
    respellAll: false,
  };
  const bare = attempt(plain);
  if (bare !== undefined || bareOnly) return bare;
  const near = marked(edit, (inline) => inline.escapable().near);
  const all = marked(edit, (inline) => inline.escapable().all);
  const beside = marked(edit, (inline) => inline.referenceable());
  const kept = escape(plain, near);
  if (kept !== undefined) return kept;
  const respelled = delimiters(style).map((pair) => ({ ...plain, ...pair, respellMarks: true }));
  const rewritten = respelled.map((choice) => ({ ...choice, respellAll: true }));
  return (
    first(respelled, (choice) => attempt(choice)) ??
    escape(plain, all) ??
    first(respelled, (choice) => escape(choice, near)) ??
    attempt({ ...plain, respellAll: true }) ??
    first(rewritten, (choice) => attempt(choice)) ??
    first([...respelled, ...rewritten], (choice) => escape(choice, all)) ??
    first(
      [...respelled, ...rewritten],
      (choice) => refer(choice, nothing, beside) ?? refer(choice, all, beside),
    )
  );
}

function delimiters({ emphasis, strong }: Style): Pick<Choice, "emphasis" | "strong">[] {
  const [otherEmphasis, otherStrong] = [emphasis === "*" ? "_" : "*", strong === "**" ? "__" : "**"] as const;
  return [
    { emphasis, strong },
    { emphasis: otherEmphasis, strong },
    { emphasis, strong: otherStrong },
    { emphasis: otherEmphasis, strong: otherStrong },
  ];
}

function first<T>(choices: readonly Choice[], attempt: (choice: Choice) => T | undefined): T | undefined {
  for (const choice of choices) {
    const result = attempt(choice);
    if (result !== undefined) return result;
  }
  return undefined;
}

function marked(edit: SourceEdit, unitsOf: (inline: InlineEdit) => readonly number[]): Marked {
  return new Map(edit.inlines.map((inline) => [inline, new Set(unitsOf(inline))]));
}

function withoutClosing(units: Marked): Marked {
  return new Map(
    [...units].map(([inline, indexes]) => [
      inline,
      new Set([...indexes].filter((index) => !inline.isClosingBracket(index))),
    ]),
  );
}

function sizeOf(units: Marked): number {
  return [...units.values()].reduce((sum, { size }) => sum + size, 0);
}

/** Leaves out as many as it can, the last ones and larger pieces first. */
function fewest(units: Marked, isEnough: (units: Marked) => boolean): Marked {
  let kept = [...units].flatMap(([inline, indexes]) => [...indexes].map((index) => [inline, index] as const));
  for (let size = kept.length; size >= 1; size = Math.floor(size / 2)) {
    for (let end = kept.length; end > 0; end -= size) {
      const fewer = [...kept.slice(0, Math.max(0, end - size)), ...kept.slice(end)];
      if (isEnough(grouped(fewer))) kept = fewer;
    }
  }
  return grouped(kept);
}

function grouped(pairs: readonly (readonly [InlineEdit, number])[]): Marked {
  const groups = new Map<InlineEdit, Set<number>>();
  for (const [inline, index] of pairs) {
    const group = groups.get(inline) ?? new Set();
    group.add(index);
    groups.set(inline, group);
  }
  return groups;
}
