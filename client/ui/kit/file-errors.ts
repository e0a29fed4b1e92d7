// Failures of file operations in the user's words: what happened, and what to do where there is something to do.

import { FsError } from "#core/base/errno.ts";
import { fileLimitWords } from "#core/project/limits.ts";

export interface FileProblem {
  readonly path: string;
  readonly reason: unknown;
}

/** Sentences that one message has at most. */
const mostNamed = 8;

/** A line for each file of several, of which the others have arrived. At least one. */
export function explainFileErrors(problems: readonly FileProblem[]): string {
  const named = problems.slice(0, problems.length > mostNamed ? mostNamed - 1 : mostNamed);
  const lines = named.map(({ path, reason }) => explainFileError(reason, path));
  if (named.length < problems.length)
    lines.push(`${problems.length - named.length} more could not be added either.`);
  return lines.join("\n");
}

/** A sentence about `name` (a file name as shown). */
export function explainFileError(thrown: unknown, name: string): string {
  // Of a path, too, one knows the end.
  const shown = name.length > 60 ? `${name.slice(0, 24)}…${name.slice(-32)}` : name;
  if (thrown instanceof DOMException) return `The browser could not read “${shown}”: ${thrown.message}`;
  if (!(thrown instanceof FsError)) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return `“${shown}” could not be changed: ${detail}`;
  }
  switch (thrown.code) {
    case "EEXIST":
      return `There is already a “${shown}” here. Choose another name.`;
    case "ENAMETOOLONG":
      return "That name is too long: a file name has at most 255 bytes.";
    case "EILSEQ":
      return "That name holds characters that are not valid Unicode.";
    case "EINVAL":
      return name === "" || /[/\0]/.test(name) || name === "." || name === ".."
        ? "A file name needs at least one character and no slash."
        : "A folder cannot be moved into itself.";
    case "ENOENT":
    case "ESTALE":
      return `“${shown}” is no longer here: somebody may have deleted it.`;
    case "EDQUOT":
      return "This project's texts are full (32 MB). Delete or shrink some files first.";
    case "ENOSPC":
      return "This project has no room for more files. Delete some first.";
    case "EFBIG":
      return `“${shown}” is too large: ${fileLimitWords}.`;
    case "EIO":
      return `The content of “${shown}” could not be fetched. Try again when the server can be reached.`;
    default:
      return `“${shown}” could not be changed (${thrown.message}).`;
  }
}
