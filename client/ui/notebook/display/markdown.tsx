// Markdown that a program shows, as elements of our own: no HTML of it reaches the page, and its links lead away
// without telling from where. Knows nothing of notebooks.

import type { Nodes, RootContent, Text } from "mdast";
import type { ComponentChild } from "preact";
import { parseSource, rangeOf, type MarkdownSource } from "#core/notebook/markdown/source.ts";

/** Where a link may lead. */
const followed = /^(?:https?:|mailto:)/i;

export function MarkdownDisplay({ text }: { readonly text: string }) {
  const parsed = parseSource(text.replace(/^\uFEFF/, ""));
  const blocks = parsed.root.children;
  const addresses = new Map(
    blocks.flatMap((node) => (node.type === "definition" ? [[node.identifier, node.url] as const] : [])),
  );
  return <div class="display-prose prose">{blocks.map((node) => draw(node, { parsed, addresses }))}</div>;
}

interface Shown {
  readonly parsed: MarkdownSource;
  /** Of links, by their identifiers. */
  readonly addresses: ReadonlyMap<string, string>;
}

function draw(node: Nodes, shown: Shown): ComponentChild {
  const inside = (): ComponentChild[] =>
    "children" in node ? (node.children as readonly RootContent[]).map((child) => draw(child, shown)) : [];
  switch (node.type) {
    case "text":
      return textWithFormulas(node, shown.parsed).map((part) =>
        typeof part === "string" ? part : <code>{part.formula}</code>,
      );
    case "paragraph":
      return <p>{inside()}</p>;
    case "heading": {
      const Heading = `h${node.depth}` as const;
      return <Heading>{inside()}</Heading>;
    }
    case "emphasis":
      return <em>{inside()}</em>;
    case "strong":
      return <strong>{inside()}</strong>;
    case "delete":
      return <s>{inside()}</s>;
    case "inlineCode":
      return <code>{node.value}</code>;
    case "code":
      return (
        <pre>
          <code>{node.value}</code>
        </pre>
      );
    case "blockquote":
      return <blockquote>{inside()}</blockquote>;
    case "list":
      return node.ordered === true ? <ol start={node.start ?? 1}>{inside()}</ol> : <ul>{inside()}</ul>;
    case "listItem":
      return (
        <li>
          {typeof node.checked === "boolean" ? (node.checked ? "☑ " : "☐ ") : null}
          {inside()}
        </li>
      );
    case "thematicBreak":
      return <hr />;
    case "break":
      return <br />;
    case "link":
      return <Link url={node.url}>{inside()}</Link>;
    case "linkReference":
      return <Link url={shown.addresses.get(node.identifier) ?? ""}>{inside()}</Link>;
    case "image":
    case "imageReference":
      // The page fetches nothing from elsewhere: what the picture is, where it says so.
      return <em>{node.alt ?? ""}</em>;
    case "table":
      return (
        <div class="display-scroll">
          <table>
            {node.children.map((row, index) => (
              <tr key={index}>
                {row.children.map((cell, column) => {
                  const Cell = index === 0 ? "th" : "td";
                  return (
                    <Cell key={column} style={{ textAlign: node.align?.[column] ?? "start" }}>
                      {cell.children.map((child) => draw(child, shown))}
                    </Cell>
                  );
                })}
              </tr>
            ))}
          </table>
        </div>
      );
    case "html":
      // Shown as it is written, but for comments.
      return node.value.startsWith("<!--") ? null : <code>{node.value}</code>;
    case "definition":
    case "footnoteDefinition":
    case "footnoteReference":
    case "yaml":
      return null;
    default:
      return inside();
  }
}

/** Formulas are hidden from the parser as words of these letters between dollars. */
const hidden = /\$[\uE000\s>]*\uE000[\uE000\s>]*\$/g;

/** Formulas are shown as they are written. */
function textWithFormulas(
  node: Text,
  { source, formulas }: MarkdownSource,
): (string | { formula: string })[] {
  const range = rangeOf(node);
  const inside = formulas.filter(({ start }) => start >= range.start && start < range.end);
  const parts: (string | { formula: string })[] = [];
  let done = 0;
  for (const match of node.value.matchAll(hidden)) {
    const formula = inside.shift();
    if (formula === undefined) break;
    parts.push(node.value.slice(done, match.index), {
      formula: asWritten(match[0], source.slice(formula.start, formula.end)),
    });
    done = match.index + match[0].length;
  }
  return [...parts, node.value.slice(done)];
}

/** Without the marks of quotations that its lines begin with: the parser has left these out of what is hidden. */
function asWritten(hiddenText: string, formula: string): string {
  const hiddenLines = hiddenText.split(/\r\n|\n|\r/);
  return formula
    .split(/\r\n|\n|\r/)
    .map((line, index) => line.slice(Math.max(0, line.length - (hiddenLines[index]?.length ?? line.length))))
    .join("\n");
}

function Link({ url, children }: { readonly url: string; readonly children: ComponentChild }) {
  if (!followed.test(url)) return <span>{children}</span>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
