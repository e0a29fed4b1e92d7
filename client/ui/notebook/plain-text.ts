// Output as the text of a file: every line of it, without escape sequences; what is shown is its name. Pure.

import { outputParts } from "#core/notebook/output/display.ts";

const sequences =
  // oxlint-disable-next-line no-control-regex -- escape sequences
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])/g;

export function plainText(output: string): string {
  return outputParts(output)
    .map((part) => (typeof part === "string" ? part.replaceAll(sequences, "") : `[${part.name}]`))
    .join("")
    .replaceAll("\r\n", "\n");
}
