// Where a colleague is, in words, from their awareness state. Pure: is handed what the project calls things.

/** The awareness field `where`, as participants write it. */
export interface Where {
  /** Node id of the file in front. */
  readonly file?: string;
  /** Cell id, in a notebook. */
  readonly cell?: string;
  /** Title of the terminal that has the focus. */
  readonly terminal?: string;
}

export function readWhere(state: unknown): Where {
  const where = (state as { readonly where?: unknown } | null | undefined)?.where;
  if (typeof where !== "object" || where === null) return {};
  const { file, cell, terminal } = where as Record<string, unknown>;
  return {
    ...(typeof file === "string" ? { file } : {}),
    ...(typeof cell === "string" ? { cell } : {}),
    ...(typeof terminal === "string" ? { terminal } : {}),
  };
}

/** "in welcome.nb.md", "in a terminal"; undefined where they tell nothing. */
export function whereabouts(where: Where, fileName: (id: string) => string | undefined): string | undefined {
  if (where.terminal !== undefined) return "in a terminal";
  const name = where.file === undefined ? undefined : fileName(where.file);
  return name === undefined ? undefined : `in ${name}`;
}

/** "machine running", where it is worth a word. */
export function machineWords(state: unknown): string | undefined {
  const machine = (state as { readonly machine?: unknown } | null | undefined)?.machine;
  switch (machine) {
    case "starting":
      return "machine starting";
    case "running":
      return "machine running";
    default:
      return undefined;
  }
}
