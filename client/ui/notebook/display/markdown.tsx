// Markdown that a program shows, as elements of our own: no HTML of it reaches the page, and its links lead away
// without telling from where. Knows nothing of notebooks.

import type { Nodes, RootContent } from "mdast";
import type { ComponentChild } from "preact";
import { topLevelBlocks } from "#core/notebook/parse.ts";

/** Where a link may lead. */
const followed = /^(?:https?:|mailto:)/i;

export function MarkdownDisplay({ text }: { readonly text: string }) {
  const blocks = topLevelBlocks(text).map(({ node }) => node);
  const addresses = new Map(
    blocks.flatMap((node) => (node.type === "definition" ? [[node.identifier, node.url] as const] : [])),
  );
  return <div class="display-prose prose">{blocks.map((node) => draw(node, addresses))}</div>;
}

type Addresses = ReadonlyMap<string, string>;

function draw(node: Nodes, addresses: Addresses): ComponentChild {
  const inside = (): ComponentChild[] =>
    "children" in node
      ? (node.children as readonly RootContent[]).map((child) => draw(child, addresses))
      : [];
  switch (node.type) {
    case "text":
      return node.value;
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
      return <Link url={addresses.get(node.identifier) ?? ""}>{inside()}</Link>;
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
                      {cell.children.map((child) => draw(child, addresses))}
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

function Link({ url, children }: { readonly url: string; readonly children: ComponentChild }) {
  if (!followed.test(url)) return <span>{children}</span>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
