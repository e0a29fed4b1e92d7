// The Markdown that is read: CommonMark with GitHub's extensions, and one mistake of the parser mended. Knows no tree.

import { gfm } from "micromark-extension-gfm";

type Extension = ReturnType<typeof gfm>;
type Construct = NonNullable<NonNullable<Extension["document"]>[string]>;
type Tokenizer = Extract<Construct, { tokenize: unknown }>["tokenize"];
type Context = ThisParameterType<Tokenizer>;

export const githubSyntax = gfm();

/**
 * Only a paragraph keeps a list from beginning with an empty item or another number than 1. micromark asks whether
 * anything at all is open, which indented code is too, and so is what stands before a quotation that begins in this
 * line: micromark-core-commonmark 2.0.4, lib/list.js. Never matches: the parser's own list is tried next.
 */
const listBehindNoParagraph: Construct = {
  name: "listBehindNoParagraph",
  tokenize(_effects, _ok, nok) {
    if (this.interrupt === true && (opensContainer(this) || endsWithIndentedCode(this)))
      this.interrupt = false;
    return nok;
  },
};

export const markdownSyntax: Extension[] = [
  githubSyntax,
  {
    document: Object.fromEntries(
      "*+-0123456789".split("").map((letter) => [letter.charCodeAt(0), listBehindNoParagraph]),
    ),
  },
];

/** Whether a quotation or a list has begun in this line. */
function opensContainer({ events }: Context): boolean {
  const last = events.findLast(
    ([event, token]) => token.type === "chunkFlow" || (event === "enter" && token._container === true),
  );
  return last !== undefined && last[1].type !== "chunkFlow";
}

function endsWithIndentedCode({ events }: Context): boolean {
  const flow = events.findLast(([, token]) => token.type === "chunkFlow")?.[1]._tokenizer;
  return flow?.currentConstruct?.name === "codeIndented";
}
