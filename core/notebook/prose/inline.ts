// The text of a paragraph changed in its source: only what differs is written anew, marks that a change cuts in two
// included. Everything else keeps its very characters: escapes, delimiters, line breaks. Knows no blocks.

import type { Range } from "#core/notebook/markdown/formula.ts";
import { hasMark, type ProseMark, sameMark } from "./tree.ts";
import { compare, type Hunk, markKey, withLetters } from "./compare.ts";
import { destination, isAutolink } from "./link.ts";
import type { MarkSpan, SourceInline, Unit } from "./parse.ts";

/** Replaces a piece of the source. */
export interface Edit extends Range {
  readonly text: string;
}

/** How text is written where there is a choice. Units are named by their index in the wanted text. */
export interface Spelling {
  readonly emphasis: "*" | "_";
  readonly strong: "**" | "__";
  /** Marks that are written anew take these delimiters even where they had others. */
  readonly respellMarks: boolean;
  /** Everything is written anew, in one line. */
  readonly respellAll: boolean;
  readonly escaped: ReadonlySet<number>;
  readonly referenced: ReadonlySet<number>;
}

export type SpellingOf = (inline: InlineEdit) => Spelling;

/** What begins a further line, and what parts two blocks. */
export interface Lines {
  readonly prefix: string;
  readonly split: (unit: Unit) => string;
}

const emptyInline: SourceInline = { units: [], spans: [], start: 0, end: 0 };

export class InlineEdit {
  readonly #source: string;
  readonly #old: SourceInline;
  readonly #wanted: readonly Unit[];
  readonly #lines: Lines;
  readonly #hunks: readonly Hunk[];
  /** For each wanted unit the old one that it is. */
  readonly #kept: readonly (number | undefined)[];
  /** The same, and of changed ones the one whose letter it has, with other marks. */
  readonly #like: readonly (number | undefined)[];

  constructor(source: string, old: SourceInline, wanted: readonly Unit[], lines: Lines) {
    this.#source = source;
    this.#old = old;
    this.#wanted = wanted;
    this.#lines = lines;
    const { hunks, kept } = compare(old.units, wanted);
    this.#hunks = hunks;
    this.#kept = kept;
    this.#like = withLetters(old.units, wanted, hunks, kept);
  }

  /**
   * Units that a backslash could keep from being read as something else: those written anew, then all. Not an opening
   * parenthesis, which begins nothing by itself, but a formula with a backslash.
   */
  escapable(): { near: number[]; all: number[] } {
    const all = this.#wanted.flatMap((unit, index) => (this.#isEscapable(unit, index) ? [index] : []));
    const near = all.filter((index) =>
      this.#hunks.some(({ newStart, newEnd }) => index >= newStart - 1 && index <= newEnd),
    );
    return { near, all };
  }

  isClosingBracket(index: number): boolean {
    return this.#wanted[index]?.text === "]";
  }

  /** Units beside a delimiter: as character references they do not keep it from being one. */
  referenceable(): number[] {
    return this.#wanted.flatMap((unit, index) => {
      if (unit.kind !== "text" || isVerbatim(unit)) return [];
      const beside = [this.#wanted[index - 1], this.#wanted[index + 1]];
      return beside.some((other) => other !== undefined && markKey(other.marks) !== markKey(unit.marks))
        ? [index]
        : [];
    });
  }

  edits(spelling: Spelling): Edit[] {
    if (spelling.respellAll) {
      const { start, end } = this.#old;
      return [{ start, end, text: this.#write(0, this.#wanted.length, [], spelling) }];
    }
    const hunks = this.#widen(this.#hunks, spelling);
    const edits = hunks.map(({ hunk, range, inside }) => ({
      ...range,
      text: this.#write(hunk.newStart, hunk.newEnd, inside, spelling),
    }));
    for (const index of [...spelling.escaped, ...spelling.referenced]) {
      const at = this.#kept[index];
      const unit = at === undefined ? undefined : this.#old.units[at];
      if (unit === undefined || hunks.some(({ hunk }) => index >= hunk.newStart && index < hunk.newEnd))
        continue;
      edits.push({ start: unit.start, end: unit.end, text: this.#spell(index, spelling) });
    }
    return edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  }

  #isEscapable(unit: Unit, index: number): boolean {
    if (unit.kind !== "text" || isVerbatim(unit) || !/^[\\`*_[\]<>)#+\-.!|~$&=:]$/.test(unit.text))
      return false;
    const at = this.#like[index];
    const old = at === undefined ? undefined : this.#old.units[at];
    return old === undefined || old.end - old.start === 1;
  }

  /** Each hunk with the marks around it that stay; a mark that would be cut is taken into the hunk. */
  #widen(
    hunks: readonly Hunk[],
    spelling: Spelling,
  ): { hunk: Hunk; range: Range; inside: readonly ProseMark[] }[] {
    const pending = [...hunks];
    const done: { hunk: Hunk; range: Range; inside: readonly ProseMark[] }[] = [];
    for (let hunk = pending.shift(); hunk !== undefined; hunk = pending.shift()) {
      const place = this.#place(hunk, spelling);
      if ("cut" in place) {
        const [start, end] = [
          Math.min(hunk.oldStart, place.cut.first),
          Math.max(hunk.oldEnd, place.cut.last),
        ];
        // Together with every other hunk that the wider one meets.
        const met = [hunk, ...pending, ...done.map((other) => other.hunk)].filter(
          (other) => other === hunk || (other.oldStart <= end && other.oldEnd >= start),
        );
        const wide = this.#cover(met, start, end);
        for (let index = pending.length - 1; index >= 0; index--)
          if (met.includes(pending[index] ?? hunk)) pending.splice(index, 1);
        for (let index = done.length - 1; index >= 0; index--)
          if (met.includes(done[index]?.hunk ?? hunk)) done.splice(index, 1);
        pending.unshift(wide);
        continue;
      }
      done.push({ hunk, ...place });
    }
    return done;
  }

  /** The hunk from the old unit `start` to `end`, and what became of them. */
  #cover(met: readonly Hunk[], start: number, end: number): Hunk {
    const from = Math.min(start, ...met.map(({ oldStart }) => oldStart));
    const to = Math.max(end, ...met.map(({ oldEnd }) => oldEnd));
    const first = met.toSorted((a, b) => a.oldStart - b.oldStart || a.newStart - b.newStart)[0];
    const last = met.toSorted((a, b) => b.oldEnd - a.oldEnd || b.newEnd - a.newEnd)[0];
    return {
      oldStart: from,
      oldEnd: to,
      newStart: (first?.newStart ?? 0) - ((first?.oldStart ?? 0) - from),
      newEnd: (last?.newEnd ?? 0) + (to - (last?.oldEnd ?? 0)),
    };
  }

  #place(
    { oldStart, oldEnd, newStart, newEnd }: Hunk,
    spelling: Spelling,
  ): { range: Range; inside: readonly ProseMark[] } | { cut: MarkSpan } {
    const { units, spans } = this.#old;
    const added = this.#wanted.slice(newStart, newEnd);
    let start = oldStart === 0 ? this.#old.start : (units[oldStart - 1]?.end ?? this.#old.start);
    let end = oldEnd === units.length ? this.#old.end : (units[oldEnd]?.start ?? this.#old.end);
    const inside: ProseMark[] = [];
    let innermost: MarkSpan | undefined;
    for (const span of spans) {
      const { first, last, mark } = span;
      const touches = first <= oldEnd && last >= oldStart;
      if (!touches) continue;
      const overlaps = first < oldEnd && last > oldStart;
      const contains = first <= oldStart && last >= oldEnd;
      const whole = first >= oldStart && last <= oldEnd && oldStart < oldEnd;
      const edge = oldStart === oldEnd && (oldStart === first || oldStart === last);
      const respelled = spelling.respellMarks && mark.type !== "link" && mark.type !== "code";
      // Written in another way, marks beside the hunk are written anew as well.
      if (respelled && !whole) return { cut: span };
      // Text between angle brackets is its own address: another text needs another form.
      const isAutolink = mark.type === "link" && this.#source[span.start] === "<";
      const joins = overlaps || added.some((unit) => hasMarkAt(unit, mark));
      if (isAutolink && contains && joins && !whole) return { cut: span };
      const keeps =
        contains &&
        !respelled &&
        !isAutolink &&
        (added.length === 0 ? !whole : added.every((unit) => unit.kind !== "split" && hasMarkAt(unit, mark)));
      if (keeps) {
        inside.push(mark);
        innermost = span;
        if (first === oldStart) start = Math.max(start, span.openEnd);
        if (last === oldEnd) end = Math.min(end, span.closeStart);
      } else if (whole) continue;
      else if (edge || !overlaps) {
        // Beside it.
        if (last === oldStart) start = Math.max(start, span.end);
        if (first === oldEnd) end = Math.min(end, span.start);
      } else return { cut: span };
    }
    if (start > end) {
      // Two marks meet here, and what comes between them cannot be in both.
      const met = spans.find(({ first, last }) => first === oldEnd || last === oldStart) ?? innermost;
      if (met !== undefined) return { cut: met };
      end = start;
    }
    // The whole of a mark goes with its delimiters.
    for (const span of spans)
      if (
        span.first >= oldStart &&
        span.last <= oldEnd &&
        oldStart < oldEnd &&
        !inside.some((mark) => mark === span.mark)
      ) {
        start = Math.min(start, span.start);
        end = Math.max(end, span.end);
      }
    return { range: { start, end }, inside };
  }

  #write(from: number, to: number, open: readonly ProseMark[], spelling: Spelling): string {
    let text = "";
    for (let index = from; index < to;) {
      const unit = this.#wanted[index];
      if (unit === undefined) break;
      const pending =
        unit.kind === "text" ? unit.marks.filter((mark) => isDelimited(mark) && !hasMark(open, mark)) : [];
      if (pending.length === 0) {
        const isCode =
          unit.marks.some(({ type }) => type === "code") && !open.some(({ type }) => type === "code");
        const end = isCode ? this.#reach(index, to, { type: "code" }, markKey(unit.marks)) : index + 1;
        text += isCode ? this.#writeCode(index, end, spelling) : this.#spell(index, spelling);
        index = end;
        continue;
      }
      // Of the marks that begin here the one that reaches farthest is outermost.
      let [outer, end] = [pending[0], index];
      for (const mark of pending) {
        const reach = this.#reach(index, to, mark);
        if (reach > end || (reach === end && this.#isOuter(index, mark, outer))) [outer, end] = [mark, reach];
      }
      if (outer === undefined) break;
      text += this.#wrap(outer, index, end, this.#write(index, end, [...open, outer], spelling), spelling);
      index = end;
    }
    return text;
  }

  #reach(from: number, to: number, mark: ProseMark, key?: string): number {
    let index = from;
    for (; index < to; index++) {
      const unit = this.#wanted[index];
      if (unit === undefined || unit.kind === "split") break;
      // A break has no marks of its own; it belongs to those around it.
      if (unit.kind === "break") {
        const next = this.#wanted[index + 1];
        if (
          index > from &&
          index + 1 < to &&
          next?.kind === "text" &&
          hasMark(next.marks, mark) &&
          key === undefined
        )
          continue;
        break;
      }
      if (!hasMark(unit.marks, mark) || (key !== undefined && markKey(unit.marks) !== key)) break;
    }
    return Math.max(index, from + 1);
  }

  /** Where the old text had both marks here, in their old order. */
  #isOuter(index: number, mark: ProseMark, other: ProseMark | undefined): boolean {
    const at = this.#like[index];
    if (at === undefined || other === undefined) return false;
    const around = this.#old.spans.filter(({ first, last }) => first <= at && at < last);
    const place = around.findIndex((span) => sameMark(span.mark, mark));
    const otherPlace = around.findIndex((span) => sameMark(span.mark, other));
    return place >= 0 && otherPlace >= 0 && place < otherPlace;
  }

  /** The old span of this mark around one of these units. */
  #origin(from: number, to: number, mark: ProseMark): MarkSpan | undefined {
    for (let index = from; index < to; index++) {
      const at = this.#like[index];
      const span =
        at === undefined
          ? undefined
          : this.#old.spans.find(
              ({ first, last, mark: own }) => first <= at && at < last && sameMark(own, mark),
            );
      if (span !== undefined) return span;
    }
    return undefined;
  }

  #wrap(mark: ProseMark, from: number, to: number, inner: string, spelling: Spelling): string {
    const origin = this.#origin(from, to, mark);
    const opening = origin === undefined ? "" : this.#source.slice(origin.start, origin.openEnd);
    const closing = origin === undefined ? "" : this.#source.slice(origin.closeStart, origin.end);
    if (mark.type === "link") {
      const units = this.#wanted.slice(from, to);
      const words = units.map(({ text }) => text).join("");
      const href = mark.attrs?.href ?? "";
      const bare = units.every(({ marks }) => marks.every(({ type }) => type === "link"));
      if (bare && mark.attrs?.title === undefined && isAutolink(words, href)) return `<${words}>`;
      return opening.startsWith("[") ? `[${inner}${closing}` : `[${inner}](${destination(mark)})`;
    }
    if (opening !== "" && !spelling.respellMarks) return opening + inner + closing;
    const delimiter =
      mark.type === "strike" ? "~~" : mark.type === "bold" ? spelling.strong : spelling.emphasis;
    return delimiter + inner + delimiter;
  }

  #writeCode(from: number, to: number, spelling: Spelling): string {
    let inner = "";
    for (let index = from; index < to; index++) inner += this.#spell(index, spelling);
    const runs = new Set((inner.match(/`+/g) ?? []).map((run) => run.length));
    const origin = this.#origin(from, to, { type: "code" });
    const opening = origin === undefined ? "" : this.#source.slice(origin.start, origin.openEnd);
    let length = /^`+/.exec(opening)?.[0].length ?? 1;
    while (runs.has(length)) length++;
    const fence = "`".repeat(length);
    const padded = opening.length > length && /\S/.test(inner);
    const needsPadding =
      /^`|`$/.test(inner) || (inner.startsWith(" ") && inner.endsWith(" ") && inner.trim() !== "");
    const padding = needsPadding || padded ? " " : "";
    return fence + padding + inner + padding + fence;
  }

  #spell(index: number, spelling: Spelling): string {
    const unit = this.#wanted[index];
    if (unit === undefined) return "";
    const at = this.#like[index];
    const old = at === undefined ? undefined : this.#old.units[at];
    const written =
      old === undefined || old.start === old.end || isVerbatim(old) !== isVerbatim(unit)
        ? undefined
        : this.#source.slice(old.start, old.end);
    if (unit.kind === "split") return written ?? this.#lines.split(unit);
    if (unit.kind === "break") return written ?? `\\\n${this.#lines.prefix}`;
    if (isVerbatim(unit)) {
      if (written !== undefined && !spelling.respellAll) return written;
      const isSource = unit.marks.some(({ type }) => type === "source");
      return isSource
        ? unit.text.replace("\n", `\n${this.#lines.prefix}`)
        : unit.text.replaceAll(/[\r\n]+/g, " ");
    }
    if (spelling.referenced.has(index))
      return `&#x${(unit.text.codePointAt(0) ?? 0).toString(16).toUpperCase()};`;
    if (spelling.escaped.has(index)) return `\\${unit.text}`;
    if (written !== undefined && (!spelling.respellAll || !/[\r\n]/.test(written))) return written;
    return unit.text.replaceAll(/[\r\n]+/g, " ");
  }
}

/** Text that no old source is known of. */
export function newInline(wanted: readonly Unit[], lines: Lines): InlineEdit {
  return new InlineEdit("", emptyInline, wanted, lines);
}

/** A break stands in whatever is around it. */
function hasMarkAt({ kind, marks }: Unit, mark: ProseMark): boolean {
  return kind === "break" || hasMark(marks, mark);
}

function isDelimited(mark: ProseMark): boolean {
  return mark.type !== "code" && mark.type !== "source";
}

/** In code and in what stays source there are no escapes. */
function isVerbatim({ marks }: Unit): boolean {
  return marks.some(({ type }) => type === "code" || type === "source");
}
