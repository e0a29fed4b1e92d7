// JSON that a program shows, as a tree to fold: only what is open is drawn.

import { useSignal } from "@preact/signals";
import { ChevronDown, ChevronRight } from "lucide-preact";

/** Members drawn at once; the others when asked for. */
const step = 100;
/** Open from the start: small things, so that most JSON is read without a click. */
const openLevels = 3;
const openMembers = 20;
/** Letters of a string that are shown. */
const longest = 2_000;

export function JsonDisplay({ value, name }: { readonly value: unknown; readonly name: string }) {
  return (
    <div class="display-scroll display-json" role="group" aria-label={name} tabIndex={0}>
      <Node value={value} level={0} />
    </div>
  );
}

interface NodeProps {
  /** Of the member; a number is an index. */
  readonly label?: string | number | undefined;
  readonly value: unknown;
  readonly level: number;
}

function Node({ label, value, level }: NodeProps) {
  if (typeof value !== "object" || value === null)
    return (
      <div class="json-line">
        <Label label={label} />
        <Scalar value={value} />
      </div>
    );
  return <Branch label={label} value={value} level={level} />;
}

function Branch({ label, value, level }: NodeProps & { readonly value: object }) {
  const count = Array.isArray(value) ? value.length : Object.keys(value).length;
  const open = useSignal(count > 0 && level < openLevels && count <= (level === 0 ? step : openMembers));
  const shown = useSignal(step);
  const [first, last] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (count === 0)
    return (
      <div class="json-line">
        <Label label={label} />
        {first}
        {last}
      </div>
    );
  const Mark = open.value ? ChevronDown : ChevronRight;
  const members = open.value ? Object.entries(value).slice(0, shown.value) : [];
  return (
    <div class="json-branch">
      <button
        type="button"
        class="json-line json-toggle"
        aria-expanded={open.value}
        onClick={() => (open.value = !open.value)}
      >
        <Mark size={12} aria-hidden="true" />
        <Label label={label} />
        <span>
          {open.value ? first : `${first}…${last}`}
          <span class="json-count">{countWords(count, Array.isArray(value) ? "item" : "member")}</span>
        </span>
      </button>
      {open.value ? (
        <>
          <div class="json-members">
            {members.map(([key, member]) => (
              <Node
                key={key}
                label={Array.isArray(value) ? Number(key) : key}
                value={member as unknown}
                level={level + 1}
              />
            ))}
            {count > shown.value ? (
              <button type="button" class="json-line json-more" onClick={() => (shown.value += step)}>
                {(count - shown.value).toLocaleString("en")} more
              </button>
            ) : null}
          </div>
          <div class="json-line">{last}</div>
        </>
      ) : null}
    </div>
  );
}

function Label({ label }: { readonly label: string | number | undefined }) {
  if (label === undefined) return null;
  return (
    <span class="json-label">
      {typeof label === "number" ? label : JSON.stringify(label)}
      {": "}
    </span>
  );
}

function Scalar({ value }: { readonly value: unknown }) {
  const text = JSON.stringify(value) ?? "";
  return (
    <span class="json-value" data-type={value === null ? "null" : typeof value}>
      {text.length > longest ? `${text.slice(0, longest)}…` : text}
    </span>
  );
}

function countWords(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
