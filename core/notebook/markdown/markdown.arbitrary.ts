// Random Markdown for property tests: pieces that meet in unlucky ways rather than random letters.

import * as fc from "fast-check";

const pieces = [
  "word",
  "two words",
  "# Title",
  "## *Sub* `code`",
  "Setext\n===",
  "line one\nline two",
  "hard  \nbreak",
  "hard\\\nbreak",
  "- item",
  "- [ ] open\n- [x] done",
  "* star\n  * nested",
  "1. one\n2. two",
  "7) seven",
  "-",
  "- a\n\n  b",
  "- ```sh\n  x\n  ```",
  "> quote\n> more",
  ">",
  "> - list in quote",
  "---",
  "***",
  "```sh\necho hi\n```",
  '```python {id=p1 name="x y"}\nprint(1)\n```',
  "```wasm {name=w}\ntool.wasm a\n```",
  "~~~~ bash\n```\n~~~~",
  "```js\nlet a = 1\n```",
  "```sh {run=false}\nx\n```",
  "```sh\nopen",
  "~~~",
  "```",
  "    indented code",
  "  ```sh\n  in\n   two\n  ```  ",
  "<div>",
  "</div>",
  "<!-- cell -->",
  "<!-- open",
  "-->",
  "text <b>html</b>",
  "<https://a.example>",
  "https://b.example",
  '[link](http://c.example "title")',
  "[ref]",
  "[ref]: http://d.example",
  "![image](x.png)",
  "[^1]",
  "[^1]: note",
  "| a | b |\n|---|---|\n| 1 | 2 |",
  "**bold** *it* ~~no~~ ***both***",
  "_under_ **bold *in* bold**",
  "`` a ` b ``",
  "a * b * c",
  "1\\. no list",
  "&amp; &nbsp;x",
  "\\*not\\*",
  "[x](",
  "**",
  "[]()",
  "trailing   ",
  "\ttab",
  "emoji 🐚",
  "e\u0301",
  "\uFEFF",
  "\u00A0",
  "$x$",
  "{=markdown}",
  "```{=markdown}\nraw\n```",
  "a\u2028b",
  "\u0000",
];
const gaps = ["\n", "\n\n", "\n\n\n", "", " ", "\n  \n", "\r\n", "\r\n\r\n", "\n> ", "\n  ", "\n    "];

export const anyMarkdown: fc.Arbitrary<string> = fc
  .array(fc.tuple(fc.constantFrom(...pieces), fc.constantFrom(...gaps)), { maxLength: 12 })
  .map((parts) => parts.map(([piece, gap]) => piece + gap).join(""));

/** What an author writes: whole blocks with empty lines between. */
export const plainMarkdown: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ...pieces.filter((piece) => !["```sh\nopen", "<!-- open", "-->", "\u0000", "\uFEFF"].includes(piece)),
    ),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  .map((parts) => `${parts.join("\n\n")}\n`);
