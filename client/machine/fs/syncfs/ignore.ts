// Which paths of a project are not shared: patterns as in .gitignore. Knows no file system.

/** Where a project has no .conchignore: what tools make anew on every machine, and the swap files of vim and nano. */
export const defaultIgnore = "node_modules/\n.venv/\n__pycache__/\ntarget/\n.cache/\ndist/\n.*.sw[a-px]\n";

interface Rule {
  readonly pattern: RegExp;
  readonly directoriesOnly: boolean;
  readonly negated: boolean;
}

export class Ignore {
  readonly #rules: readonly Rule[];

  constructor(text: string) {
    this.#rules = text.split(/\r?\n/).flatMap((line) => parseRule(line) ?? []);
  }

  /** `path` has no leading slash. The last rule that fits decides. */
  matches(path: string, isDirectory: boolean): boolean {
    let ignored = false;
    for (const { pattern, directoriesOnly, negated } of this.#rules) {
      if (ignored === negated && (!directoriesOnly || isDirectory) && pattern.test(path)) ignored = !negated;
    }
    return ignored;
  }
}

function parseRule(line: string): Rule | undefined {
  let glob = line.replace(/(?<!\\)\s+$/, "");
  if (glob === "" || glob.startsWith("#")) return undefined;
  const negated = glob.startsWith("!");
  if (negated) glob = glob.slice(1);
  const directoriesOnly = glob.endsWith("/");
  if (directoriesOnly) glob = glob.slice(0, -1);
  const anchored = glob.includes("/");
  if (glob.startsWith("/")) glob = glob.slice(1);
  if (glob === "") return undefined;
  return {
    pattern: new RegExp(`^${anchored ? "" : "(?:.*/)?"}${globToRegExp(glob)}$`, "su"),
    directoriesOnly,
    negated,
  };
}

function globToRegExp(glob: string): string {
  let pattern = "";
  for (let index = 0; index < glob.length; index++) {
    const rest = glob.slice(index);
    if (rest.startsWith("**/")) {
      pattern += "(?:.*/)?";
      index += 2;
    } else if (rest.startsWith("**")) {
      pattern += ".*";
      index += 1;
    } else if (rest.startsWith("*")) pattern += "[^/]*";
    else if (rest.startsWith("?")) pattern += "[^/]";
    else {
      const set = /^\[([!^]?)((?:\\.|[^\]\\])+)\]/su.exec(rest);
      if (set === null) {
        const literal =
          rest.startsWith("\\") && rest.length > 1 ? ((index += 1), rest.charAt(1)) : rest.charAt(0);
        pattern += escapeLiteral(literal);
      } else {
        pattern += `[${set[1] === "" ? "" : "^"}${(set[2] ?? "").replace(/[[\]\\^]/g, "\\$&")}]`;
        index += set[0].length - 1;
      }
    }
  }
  return pattern;
}

function escapeLiteral(character: string): string {
  return /[$()*+.?[\\\]^{|}/]/.test(character) ? `\\${character}` : character;
}
