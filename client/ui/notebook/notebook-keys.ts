// Jupyter's keys: which command a key means, with the focus on the cell ("command") or inside it ("edit").
// Pure; who performs the commands is in notebook-view.

export type CellMode = "command" | "edit";

export type NotebookCommand =
  | "run-and-advance"
  | "run"
  | "run-and-insert"
  | "to-command-mode"
  | "edit"
  | "previous"
  | "next"
  | "first"
  | "last"
  | "insert-above"
  | "insert-below"
  | "delete"
  | "to-text"
  | "to-code"
  | "move-up"
  | "move-down"
  | "undo"
  | "interrupt"
  | "copy"
  | "cut"
  | "paste"
  | "paste-above"
  | "toggle-output"
  | "rename"
  | "menu";

export interface Key {
  readonly key: string;
  readonly shift: boolean;
  /** Ctrl, or Cmd on a Mac. */
  readonly mod: boolean;
  readonly alt: boolean;
}

/** Keys that are pressed twice, with nothing else between. */
const doubled: Readonly<Record<string, NotebookCommand>> = { d: "delete", i: "interrupt" };

const commandKeys: Readonly<Record<string, NotebookCommand>> = {
  Enter: "edit",
  ArrowUp: "previous",
  k: "previous",
  ArrowDown: "next",
  j: "next",
  Home: "first",
  End: "last",
  a: "insert-above",
  b: "insert-below",
  m: "to-text",
  y: "to-code",
  z: "undo",
  c: "copy",
  x: "cut",
  v: "paste",
  o: "toggle-output",
  F2: "rename",
  Delete: "delete",
  ContextMenu: "menu",
};

export interface KeyMeaning {
  readonly command?: NotebookCommand;
  /** The first half of a doubled key; to be passed in with the next key. */
  readonly pending?: string;
}

export function meaningOf(key: Key, mode: CellMode, pending?: string): KeyMeaning {
  if (key.key === "Enter") {
    if (key.shift && !key.mod && !key.alt) return { command: "run-and-advance" };
    if (key.mod && !key.shift && !key.alt) return { command: "run" };
    if (key.alt && !key.shift && !key.mod) return { command: "run-and-insert" };
  }
  if (mode === "edit") return key.key === "Escape" ? { command: "to-command-mode" } : {};
  if (key.alt && !key.mod && !key.shift) {
    if (key.key === "ArrowUp") return { command: "move-up" };
    if (key.key === "ArrowDown") return { command: "move-down" };
  }
  if (key.shift && key.key === "F10") return { command: "menu" };
  if (key.shift && !key.mod && !key.alt && key.key === "V") return { command: "paste-above" };
  if (key.mod || key.alt || key.shift) return {};
  const twice = doubled[key.key];
  if (twice !== undefined) return pending === key.key ? { command: twice } : { pending: key.key };
  const command = commandKeys[key.key];
  return command === undefined ? {} : { command };
}
