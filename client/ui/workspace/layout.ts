// The arrangement of a workspace as plain data: groups of tabs side by side, sidebar and bottom panel.
// Pure functions return the next layout; nothing here knows DOM or storage.

import type { NodeId } from "#core/project/project.ts";

export interface Group {
  readonly id: number;
  readonly tabs: readonly NodeId[];
  readonly active: NodeId | undefined;
  /** Its part of the width, relative to the other groups' shares. */
  readonly share: number;
}

export interface Panel {
  readonly open: boolean;
  /** Pixels. */
  readonly size: number;
}

export interface Layout {
  /** Left to right; never empty. */
  readonly groups: readonly Group[];
  /** Id of the group that had the focus last: new tabs open there. */
  readonly focus: number;
  readonly sidebar: Panel;
  readonly bottom: Panel;
}

/** Pixels a panel may have. */
export const sidebarRange = { least: 160, most: 480 } as const;
export const bottomRange = { least: 96, most: 800 } as const;

/** Below, a group's tabs and text are of no use. */
const leastShare = 0.15;
/** More side by side than anyone can read. */
const mostGroups = 4;

export const initialLayout: Layout = {
  groups: [{ id: 1, tabs: [], active: undefined, share: 1 }],
  focus: 1,
  sidebar: { open: true, size: 240 },
  bottom: { open: false, size: 240 },
};

export function focusedGroup(layout: Layout): Group {
  const group = layout.groups.find((each) => each.id === layout.focus) ?? layout.groups[0];
  if (group === undefined) throw new Error("invariant violation: a layout without groups");
  return group;
}

/** The file in front. */
export function activeFile(layout: Layout): NodeId | undefined {
  return focusedGroup(layout).active;
}

function change(layout: Layout, id: number, next: (group: Group) => Group): Layout {
  return { ...layout, groups: layout.groups.map((group) => (group.id === id ? next(group) : group)) };
}

/** Shows a file: in its tab where the focused group has one, else in another group's, else in a new tab. */
export function openTab(layout: Layout, file: NodeId): Layout {
  const here = focusedGroup(layout);
  const home = here.tabs.includes(file) ? here : layout.groups.find((group) => group.tabs.includes(file));
  if (home !== undefined) return activate(layout, home.id, file);
  const after = here.active === undefined ? here.tabs.length : here.tabs.indexOf(here.active) + 1;
  return change(layout, here.id, (group) => ({
    ...group,
    tabs: [...group.tabs.slice(0, after), file, ...group.tabs.slice(after)],
    active: file,
  }));
}

export function activate(layout: Layout, groupId: number, file: NodeId): Layout {
  return { ...change(layout, groupId, (group) => ({ ...group, active: file })), focus: groupId };
}

export function focusGroup(layout: Layout, groupId: number): Layout {
  return layout.focus === groupId ? layout : { ...layout, focus: groupId };
}

function without(group: Group, file: NodeId): Group {
  const index = group.tabs.indexOf(file);
  if (index < 0) return group;
  const tabs = group.tabs.filter((each) => each !== file);
  const active = group.active === file ? (tabs[index] ?? tabs[index - 1]) : group.active;
  return { ...group, tabs, active };
}

export function closeTab(layout: Layout, groupId: number, file: NodeId): Layout {
  return dropEmptyGroups(change(layout, groupId, (group) => without(group, file)));
}

export function closeOthers(layout: Layout, groupId: number, file: NodeId): Layout {
  return change(layout, groupId, (group) => ({ ...group, tabs: [file], active: file }));
}

/** Moves a tab before the tab at `index` of a group, its own or another. */
export function moveTab(layout: Layout, from: number, file: NodeId, to: number, index: number): Layout {
  const source = layout.groups.find((group) => group.id === from);
  if (source === undefined || !source.tabs.includes(file)) return layout;
  const shift = from === to && source.tabs.indexOf(file) < index ? 1 : 0;
  const taken = from === to ? layout : change(layout, from, (group) => without(group, file));
  const placed = change(taken, to, (group) => {
    const others = group.tabs.filter((each) => each !== file);
    const at = Math.max(0, Math.min(index - shift, others.length));
    return { ...group, tabs: [...others.slice(0, at), file, ...others.slice(at)], active: file };
  });
  return dropEmptyGroups({ ...placed, focus: to });
}

/** Moves a tab one place to the left or right, from the last place into the group beside it. */
export function shiftTab(layout: Layout, groupId: number, file: NodeId, step: -1 | 1): Layout {
  const at = layout.groups.findIndex((group) => group.id === groupId);
  const group = layout.groups[at];
  const index = group?.tabs.indexOf(file) ?? -1;
  if (group === undefined || index < 0) return layout;
  const next = index + step;
  // moveTab counts the places before the tab is taken out.
  if (next >= 0 && next < group.tabs.length)
    return moveTab(layout, groupId, file, groupId, step === 1 ? next + 1 : next);
  const beside = layout.groups[at + step];
  if (beside === undefined) return layout;
  return moveTab(layout, groupId, file, beside.id, step === 1 ? 0 : beside.tabs.length);
}

export function canShift(layout: Layout, groupId: number, file: NodeId, step: -1 | 1): boolean {
  return shiftTab(layout, groupId, file, step) !== layout;
}

/** Shows the next or the previous tab of the focused group. */
export function stepTab(layout: Layout, step: -1 | 1): Layout {
  const { id, tabs, active } = focusedGroup(layout);
  const next = active === undefined ? undefined : tabs.at((tabs.indexOf(active) + step) % tabs.length);
  return next === undefined ? layout : activate(layout, id, next);
}

/** A group's part of the width that it shares with the one to its right, in percent. */
export function partOf(layout: Layout, index: number): number {
  const left = layout.groups[index]?.share ?? 1;
  const right = layout.groups[index + 1]?.share ?? 0;
  return Math.round((100 * left) / (left + right));
}

/** Shows a file in a new group to the right of `groupId`, which keeps its own tab of it unless `move`. */
export function splitRight(layout: Layout, groupId: number, file: NodeId, move: boolean): Layout {
  const index = layout.groups.findIndex((group) => group.id === groupId);
  const source = layout.groups[index];
  if (source === undefined || layout.groups.length >= mostGroups) return layout;
  if (move && source.tabs.length === 1 && source.tabs[0] === file) return layout;
  const id = Math.max(...layout.groups.map((group) => group.id)) + 1;
  const share = source.share / 2;
  const left = move ? without({ ...source, share }, file) : { ...source, share };
  const right: Group = { id, tabs: [file], active: file, share };
  return { ...layout, groups: layout.groups.toSpliced(index, 1, left, right), focus: id };
}

/** Moves the edge between group `index` and the next by `part` of the whole width. */
export function resizeGroups(layout: Layout, index: number, part: number): Layout {
  const left = layout.groups[index];
  const right = layout.groups[index + 1];
  if (left === undefined || right === undefined) return layout;
  const total = layout.groups.reduce((sum, group) => sum + group.share, 0);
  const both = left.share + right.share;
  const least = Math.min(leastShare * total, both / 2);
  const next = Math.max(least, Math.min(left.share + part * total, both - least));
  const groups = layout.groups.with(index, { ...left, share: next });
  return { ...layout, groups: groups.with(index + 1, { ...right, share: both - next }) };
}

export function setPanel(layout: Layout, which: "sidebar" | "bottom", panel: Partial<Panel>): Layout {
  const range = which === "sidebar" ? sidebarRange : bottomRange;
  const next = { ...layout[which], ...panel };
  const size = Math.round(Math.max(range.least, Math.min(next.size, range.most)));
  return { ...layout, [which]: { open: next.open, size } };
}

/** Forgets tabs of files that are gone. */
export function keepFiles(layout: Layout, exists: (file: NodeId) => boolean): Layout {
  if (layout.groups.every((group) => group.tabs.every(exists))) return layout;
  const groups = layout.groups.map((group) =>
    group.tabs.filter((file) => !exists(file)).reduce((next, file) => without(next, file), group),
  );
  return dropEmptyGroups({ ...layout, groups });
}

function dropEmptyGroups(layout: Layout): Layout {
  const full = layout.groups.filter((group) => group.tabs.length > 0);
  const first = layout.groups[0];
  if (full.length === layout.groups.length || first === undefined) return layout;
  const groups = full.length > 0 ? full : [{ ...first, tabs: [], active: undefined }];
  const focus = groups.some((group) => group.id === layout.focus) ? layout.focus : (groups.at(-1)?.id ?? 1);
  return { ...layout, groups, focus };
}

/** A stored layout, or undefined where it is none (or an older program's). */
export function parseLayout(json: string | null): Layout | undefined {
  if (json === null) return undefined;
  try {
    return readLayout(JSON.parse(json));
  } catch {
    return undefined;
  }
}

function readLayout(value: unknown): Layout | undefined {
  const { groups, focus, sidebar, bottom } = value as Partial<Record<keyof Layout, unknown>>;
  if (!Array.isArray(groups) || groups.length === 0 || groups.length > mostGroups) return undefined;
  const read = groups.flatMap((group: unknown) => readGroup(group) ?? []);
  if (read.length !== groups.length || new Set(read.map((group) => group.id)).size !== read.length)
    return undefined;
  const layout = { ...initialLayout, groups: read, focus: typeof focus === "number" ? focus : 1 };
  return setPanel(setPanel(layout, "sidebar", readPanel(sidebar)), "bottom", readPanel(bottom));
}

function readGroup(value: unknown): Group | undefined {
  const { id, tabs, active, share } = value as Partial<Record<keyof Group, unknown>>;
  if (typeof id !== "number" || typeof share !== "number" || !(share > 0) || !Array.isArray(tabs))
    return undefined;
  const files = [...new Set(tabs.filter((tab) => typeof tab === "string"))];
  const front = files.find((file) => file === active) ?? files[0];
  return { id, tabs: files, active: front, share };
}

function readPanel(value: unknown): Partial<Panel> {
  const { open, size } = (value ?? {}) as Partial<Record<keyof Panel, unknown>>;
  return {
    ...(typeof open === "boolean" ? { open } : {}),
    ...(typeof size === "number" && Number.isFinite(size) ? { size } : {}),
  };
}
