// Draws a Screen into the page, changed lines only, at most once a frame. Text goes in as text: nothing that a
// program prints becomes markup.

import type { Disposer } from "#core/base/disposable.ts";
import type { DisplayItem } from "#core/notebook/output/display.ts";
import type { Line } from "#core/notebook/output/line.ts";
import type { Screen } from "#core/notebook/output/screen.ts";
import { plainStyle, type Style } from "#core/notebook/output/style.ts";
import { coloursOf } from "./legible.ts";

/** Draws what a program shows into the element; the disposer ends it. */
export type ShowDisplay = (element: HTMLElement, display: DisplayItem) => Disposer;

interface DrawnLine {
  readonly line: Line;
  readonly element: HTMLElement;
  version: number;
  readonly hide: Disposer | undefined;
}

export class ScreenView {
  readonly #parent: HTMLElement;
  readonly #screen: Screen;
  readonly #show: ShowDisplay;
  readonly #drawn: DrawnLine[] = [];
  #frame: number | undefined;

  constructor(parent: HTMLElement, screen: Screen, show: ShowDisplay) {
    this.#parent = parent;
    this.#screen = screen;
    this.#show = show;
    this.draw();
  }

  /** Draws with the next frame. `drawn` is called after it. */
  schedule(drawn?: () => void): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.draw();
      drawn?.();
    });
  }

  draw(): void {
    const lines = this.#screen.lines;
    // Lines leave at the top and come at the bottom; what stays keeps its element.
    const first = lines[0];
    const gone = this.#drawn.findIndex((drawn) => drawn.line === first);
    for (const drawn of this.#drawn.splice(0, gone === -1 ? this.#drawn.length : gone)) erase(drawn);
    const last = lines.at(-1);
    const count = last !== undefined && last.empty ? lines.length - 1 : lines.length;
    const fresh = document.createDocumentFragment();
    for (let index = 0; index < count; index++) {
      const line = lines[index];
      if (line === undefined) continue;
      let drawn = this.#drawn[index];
      if (drawn !== undefined && drawn.line !== line) {
        for (const old of this.#drawn.splice(index)) erase(old);
        drawn = undefined;
      }
      if (drawn === undefined) {
        const element = document.createElement("div");
        element.className = line.display === undefined ? "output-line" : "output-line output-display";
        fresh.append(element);
        const hide = line.display === undefined ? undefined : this.#show(element, line.display);
        drawn = { line, element, version: -1, hide };
        this.#drawn.push(drawn);
      }
      if (drawn.version !== line.version && line.display === undefined) drawLine(drawn.element, line);
      drawn.version = line.version;
    }
    for (const old of this.#drawn.splice(count)) erase(old);
    this.#parent.append(fresh);
  }

  dispose: Disposer = () => {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    for (const drawn of this.#drawn) erase(drawn);
    this.#drawn.length = 0;
  };
}

function erase({ element, hide }: DrawnLine): void {
  hide?.();
  element.remove();
}

function drawLine(element: HTMLElement, line: Line): void {
  const nodes = line.spans.flatMap((span): Node[] => {
    const target = span.style.link === undefined ? undefined : webAddress(span.style.link);
    const pieces = target === undefined ? textNodes(span.text) : [linkNode(span.text, target)];
    if (span.style === plainStyle) return pieces;
    const node = document.createElement("span");
    node.append(...pieces);
    applyStyle(node, span.style);
    return [node];
  });
  element.replaceChildren(...nodes);
}

/** Without what ends the sentence that it stands in. */
const address = /https?:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}]/g;

function textNodes(text: string): Node[] {
  if (!text.includes("://")) return [document.createTextNode(text)];
  const nodes: Node[] = [];
  let end = 0;
  for (const match of text.matchAll(address)) {
    nodes.push(document.createTextNode(text.slice(end, match.index)), linkNode(match[0], match[0]));
    end = match.index + match[0].length;
  }
  nodes.push(document.createTextNode(text.slice(end)));
  return nodes;
}

function linkNode(text: string, target: string): HTMLAnchorElement {
  const link = document.createElement("a");
  link.textContent = text;
  link.href = target;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

/** Where a program's link may lead: not to scripts, nor to files of whoever reads. */
function webAddress(link: string): string | undefined {
  return /^(?:https?:\/\/|mailto:)/i.test(link) ? link : undefined;
}

function applyStyle(element: HTMLElement, style: Style): void {
  const { text, ground } = coloursOf(style);
  if (text !== undefined) element.style.color = text;
  if (ground !== undefined) element.style.background = ground;
  if (style.bold) element.style.fontWeight = "var(--weight-bold)";
  if (style.italic) element.style.fontStyle = "italic";
  if (style.hidden) element.style.visibility = "hidden";
  const lines = [style.underline ? "underline" : "", style.strike ? "line-through" : ""].join(" ").trim();
  if (lines !== "") element.style.textDecoration = lines;
}
