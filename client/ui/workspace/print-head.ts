// The head of a printed file: what it is, of which project, and when it was printed.

import type { Disposer } from "#core/base/disposable.ts";

export function printHead(parent: HTMLElement, file: string, project: string): Disposer {
  const head = document.createElement("header");
  head.className = "print-head";
  const name = document.createElement("strong");
  name.textContent = file;
  const facts = document.createElement("span");
  const date = new Date().toLocaleDateString(undefined, { dateStyle: "long" });
  facts.textContent = [project, date].filter((part) => part !== "").join(" · ");
  head.append(name, facts);
  parent.prepend(head);
  return () => head.remove();
}
