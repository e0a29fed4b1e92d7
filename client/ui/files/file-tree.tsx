// The tree of the project's files: mouse, keys and drops. What they do is in files-model.ts.

import { useSignal } from "@preact/signals";
import {
  ChevronRight,
  ClipboardCopy,
  ClipboardPaste,
  CircleAlert,
  Download,
  Ellipsis,
  FilePlus,
  FolderPlus,
  FolderUp,
  NotebookPen,
  PackageOpen,
  Pencil,
  Scissors,
  Search,
  Trash2,
  Upload,
} from "lucide-preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { rootId } from "#core/project/project.ts";
import type { Entry, NodeId } from "#core/project/project.ts";
import { Avatar } from "#ui/kit/avatar.tsx";
import type { AvatarPerson } from "#ui/kit/avatar.tsx";
import { IconButton } from "#ui/kit/button.tsx";
import { FileIcon } from "#ui/kit/file-icon.tsx";
import { openMenu } from "#ui/kit/menu.tsx";
import type { MenuItem } from "#ui/kit/menu.tsx";
import { Skeleton } from "#ui/kit/skeleton.tsx";
import { isArchiveName } from "./archive.ts";
import type { FilesModel } from "./files-model.ts";
import { NameField } from "./name-field.tsx";
import { TrashList } from "./trash-list.tsx";
import { UnpackDialog } from "./unpack-dialog.tsx";
import "./files.css";

/** The drag type of an entry, so that tabs may take it too. */
const nodeType = "application/x-conch-node";

export interface FileTreeProps {
  readonly model: FilesModel;
  /** False until the project has been read. */
  readonly ready: boolean;
  /** The file in front, marked in the tree. */
  readonly active: NodeId | undefined;
  /** Colleagues by the file they are in. */
  readonly present: ReadonlyMap<NodeId, readonly AvatarPerson[]>;
  readonly onSearch: () => void;
}

export function FileTree({ model, ready, active, present, onSearch }: FileTreeProps) {
  const dropTarget = useSignal<NodeId | undefined>(undefined);
  const tree = useRef<HTMLDivElement>(null);
  const rows = model.rows.value;
  const entryRows = rows.flatMap((row) => (row.kind === "entry" ? [row] : []));
  const focusedId = entryRows.some((row) => row.entry.id === model.focused.value)
    ? model.focused.value
    : (entryRows.find((row) => row.entry.id === active) ?? entryRows[0])?.entry.id;

  // Focus follows the model only while it is in the tree (or was, on a row that has just gone).
  useLayoutEffect(() => {
    const element = tree.current;
    if (element === null || model.naming.value !== undefined) return;
    if (focusedId === undefined) {
      // The last row has gone: the keyboard stays at what makes the next one.
      if (model.focusWanted)
        element.parentElement?.querySelector<HTMLElement>('button[aria-label="New file"]')?.focus();
      model.focusWanted = false;
      return;
    }
    const inTree = element.contains(document.activeElement) && document.activeElement?.tagName !== "INPUT";
    const row = element.querySelector<HTMLElement>(`[data-id="${CSS.escape(focusedId)}"]`);
    if ((inTree || model.focusWanted) && row !== document.activeElement) row?.focus();
    model.focusWanted = false;
  }, [focusedId, rows, model]);

  useEffect(() => {
    if (active !== undefined) model.reveal(active);
  }, [active, model]);

  const directoryOf = (entry: Entry | undefined): NodeId =>
    entry === undefined ? rootId : entry.kind === "dir" ? entry.id : entry.parent;

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement) return;
    if (handleTreeKey(event, model, focusedId)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  const onDragOver = (event: DragEvent, entry?: Entry): void => {
    if (!model.writable) return;
    const types = event.dataTransfer?.types ?? [];
    if (!types.includes(nodeType) && !types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    dropTarget.value = directoryOf(entry);
  };

  const onDrop = (event: DragEvent, entry?: Entry): void => {
    const transfer = event.dataTransfer;
    dropTarget.value = undefined;
    if (transfer === null || !model.writable) return;
    event.preventDefault();
    event.stopPropagation();
    const id = transfer.getData(nodeType);
    if (id !== "") model.move(id, directoryOf(entry));
    else void model.drop(transfer, directoryOf(entry));
  };

  return (
    <div class="files">
      <div class="files-head">
        <h2>Files</h2>
        <IconButton
          icon={Search}
          size="small"
          label="Search in files"
          shortcut="Mod-Shift-F"
          onClick={onSearch}
        />
        {model.writable ? (
          <>
            <IconButton
              icon={FilePlus}
              size="small"
              label="New file"
              onClick={() => model.beginCreate("text")}
            />
            <IconButton
              icon={NotebookPen}
              size="small"
              label="New notebook"
              onClick={() => model.beginCreate("notebook")}
            />
            <IconButton
              icon={FolderPlus}
              size="small"
              label="New folder"
              onClick={() => model.beginCreate("dir")}
            />
          </>
        ) : null}
        <IconButton
          icon={Ellipsis}
          size="small"
          label="More about files"
          menu
          onClick={(event) => {
            if (event.currentTarget instanceof Element)
              openMenu({
                at: event.currentTarget,
                align: "end",
                label: "More about files",
                items: transferItems(model, model.targetDirectory()),
              });
          }}
        />
      </div>
      {ready ? null : <Skeleton lines={5} label="Loading files" />}
      {ready && rows.length === 0 ? <p class="files-empty">No files yet. Drop some here.</p> : null}
      <div
        class={dropTarget.value === rootId ? "files-tree files-drop" : "files-tree"}
        role="tree"
        aria-label="Files"
        aria-busy={!ready}
        ref={tree}
        onKeyDown={onKeyDown}
        onDragOver={(event) => onDragOver(event)}
        onDragLeave={() => (dropTarget.value = undefined)}
        onDrop={(event) => onDrop(event)}
        onContextMenu={(event) => {
          event.preventDefault();
          openMenu({
            at: { x: event.clientX, y: event.clientY },
            label: "Files",
            items: [...newItems(model, rootId), ...transferItems(model, rootId)],
          });
        }}
      >
        {rows.map((row) => {
          if (row.kind === "new")
            return (
              <div
                class="files-row"
                key="new"
                style={{ paddingLeft: `${indent(row.level)}px` }}
                role="treeitem"
                aria-label={[newLabels[row.what], model.namingError.value ?? []].flat().join(": ")}
                aria-level={row.level}
              >
                <span class="files-twist" />
                <FileIcon kind={row.what} name={row.what === "notebook" ? "x.nb.md" : ""} />
                <NameField model={model} value="" label={newLabels[row.what]} />
              </div>
            );
          if (row.kind === "more")
            return (
              <div
                role="treeitem"
                aria-label={`${row.hidden} more`}
                aria-level={row.level}
                key={`more ${row.directory}`}
              >
                <button
                  type="button"
                  class="files-row files-more"
                  style={{ paddingLeft: `${indent(row.level) + 20}px` }}
                  onClick={() => model.showMore(row.directory)}
                >
                  {row.hidden} more
                </button>
              </div>
            );
          const { entry } = row;
          const renaming = model.naming.value?.kind === "rename" && model.naming.value.id === entry.id;
          const classes = ["files-row"];
          if (entry.id === active) classes.push("files-active");
          if (entry.id === model.cut.value) classes.push("files-cut");
          if (entry.kind === "dir" && dropTarget.value === entry.id) classes.push("files-drop");
          return (
            <div
              class={classes.join(" ")}
              key={entry.id}
              role="treeitem"
              aria-label={[entry.name, renaming ? (model.namingError.value ?? []) : []].flat().join(": ")}
              aria-level={row.level}
              aria-expanded={row.expanded}
              aria-selected={entry.id === active}
              aria-setsize={row.setSize}
              aria-posinset={row.position}
              aria-description={entryWords(entry, model, present.get(entry.id))}
              tabIndex={entry.id === focusedId ? 0 : -1}
              data-id={entry.id}
              data-region-focus={entry.id === focusedId ? true : undefined}
              style={{ paddingLeft: `${indent(row.level)}px` }}
              draggable={model.writable && !renaming}
              onClick={(event) => {
                if (renaming) return;
                model.focused.value = entry.id;
                event.currentTarget.focus();
                model.open(entry, false);
              }}
              onDblClick={() => {
                if (entry.kind !== "dir" && !renaming) model.open(entry, true);
              }}
              onFocus={() => (model.focused.value = entry.id)}
              onContextMenu={(event) => {
                event.preventDefault();
                event.stopPropagation();
                model.focused.value = entry.id;
                showMenu(model, entry, { x: event.clientX, y: event.clientY });
              }}
              onDragStart={(event) => {
                event.dataTransfer?.setData(nodeType, entry.id);
                if (event.dataTransfer !== null) event.dataTransfer.effectAllowed = "move";
              }}
              onDragOver={(event) => onDragOver(event, entry)}
              onDrop={(event) => onDrop(event, entry)}
            >
              <span class={row.expanded === true ? "files-twist files-twist-open" : "files-twist"}>
                {row.expanded === undefined ? null : <ChevronRight size={14} aria-hidden="true" />}
              </span>
              <FileIcon kind={entry.kind} name={entry.name} expanded={row.expanded === true} />
              {renaming ? (
                <NameField model={model} value={entry.name} label={`New name of ${entry.name}`} />
              ) : (
                <span class="files-name">{entry.name}</span>
              )}
              {entry.name === entry.wantedName ? null : (
                <span class="files-conflict" data-tip={conflictWords(entry)}>
                  <CircleAlert size={14} aria-hidden="true" />
                </span>
              )}
              {present
                .get(entry.id)
                ?.slice(0, 3)
                .map((person) => (
                  <Avatar person={person} size={14} key={person.name} decorative title={person.name} />
                ))}
            </div>
          );
        })}
      </div>
      <TrashList model={model} />
      <UnpackDialog transfers={model.transfers} />
    </div>
  );
}

const newLabels = {
  text: "Name of the new file",
  dir: "Name of the new folder",
  notebook: "Name of the new notebook",
};

/** Why a file is shown by another name than it was given. */
function conflictWords(entry: Entry): string {
  return `Two people gave the name “${entry.wantedName}” at once. Both files are kept; rename this one to end it.`;
}

/** What a row shows beside its name, for whoever hears it. */
function entryWords(
  entry: Entry,
  model: FilesModel,
  present: readonly AvatarPerson[] | undefined,
): string | undefined {
  const words = [
    ...(entry.name === entry.wantedName ? [] : [conflictWords(entry)]),
    ...(entry.id === model.cut.value ? ["Cut, to be pasted elsewhere."] : []),
    ...(present === undefined || present.length === 0
      ? []
      : [`Here: ${present.map((person) => person.name).join(", ")}.`]),
  ];
  return words.length === 0 ? undefined : words.join(" ");
}

function indent(level: number): number {
  return 8 + (level - 1) * 14;
}

function newItems(model: FilesModel, directory: NodeId): MenuItem[] {
  if (!model.writable) return [];
  return [
    { label: "New file", icon: FilePlus, run: () => model.beginCreate("text", directory) },
    { label: "New notebook", icon: NotebookPen, run: () => model.beginCreate("notebook", directory) },
    { label: "New folder", icon: FolderPlus, run: () => model.beginCreate("dir", directory) },
  ];
}

function transferItems(model: FilesModel, directory: NodeId): MenuItem[] {
  const download: MenuItem = {
    label: "Download the project (tar)",
    icon: Download,
    run: () => void model.transfers.download(rootId),
  };
  if (!model.writable) return [download];
  return [
    { label: "Upload files", icon: Upload, run: () => model.upload(false, directory) },
    { label: "Upload a folder", icon: FolderUp, run: () => model.upload(true, directory) },
    download,
  ];
}

function jupyterItems(model: FilesModel, entry: Entry): MenuItem[] {
  const change = model.jupyter(entry);
  if (change === undefined) return [];
  return change === "import"
    ? [{ label: "Make a notebook of it", icon: NotebookPen, run: () => model.fromJupyter(entry) }]
    : [{ label: "Export for Jupyter", icon: NotebookPen, run: () => model.toJupyter(entry) }];
}

function showMenu(model: FilesModel, entry: Entry, at: Element | { x: number; y: number }): void {
  const create = newItems(model, entry.kind === "dir" ? entry.id : entry.parent);
  openMenu({
    at,
    label: entry.name,
    items: [
      ...create,
      ...(create.length > 0 ? (["separator"] as const) : []),
      {
        label: "Copy path",
        icon: ClipboardCopy,
        run: () => void navigator.clipboard.writeText(model.project.path(entry.id)),
      },
      ...(entry.kind === "symlink"
        ? []
        : [
            {
              label: entry.kind === "dir" ? "Download (tar)" : "Download",
              icon: Download,
              run: () => void model.transfers.download(entry.id),
            },
          ]),
      ...jupyterItems(model, entry),
      ...(model.writable && entry.kind !== "dir" && isArchiveName(entry.name)
        ? [
            {
              label: "Unpack",
              icon: PackageOpen,
              run: () => void model.transfers.unpackEntry(entry.id),
            },
          ]
        : []),
      ...(model.writable
        ? ([
            "separator",
            { label: "Cut, to move it", icon: Scissors, shortcut: "Mod-X", run: () => model.cutEntry(entry) },
            ...(model.cut.value === undefined
              ? []
              : [
                  {
                    label: entry.kind === "dir" ? `Paste into ${entry.name}` : "Paste beside it",
                    icon: ClipboardPaste,
                    shortcut: "Mod-V",
                    run: () => model.paste(),
                  },
                ]),
            { label: "Rename", icon: Pencil, shortcut: "F2", run: () => model.beginRename(entry.id) },
            {
              label: "Move to trash",
              icon: Trash2,
              shortcut: "Delete",
              danger: true,
              run: () => model.trash(entry.id),
            },
          ] as const)
        : []),
    ],
  });
}

/** The keys of a tree (WAI-ARIA), and of files. True: taken. */
function handleTreeKey(event: KeyboardEvent, model: FilesModel, focusedId: NodeId | undefined): boolean {
  const rows = model.rows.value.flatMap((row) => (row.kind === "entry" ? [row] : []));
  const index = rows.findIndex((row) => row.entry.id === focusedId);
  const row = rows[index];
  const go = (to: number): true => {
    const target = rows[Math.max(0, Math.min(to, rows.length - 1))];
    if (target !== undefined) model.focused.value = target.entry.id;
    return true;
  };
  const mod = event.ctrlKey || event.metaKey;
  if (mod && event.key === "x" && row !== undefined) {
    model.cutEntry(row.entry);
    return true;
  }
  if (mod && event.key === "v" && model.cut.value !== undefined) {
    model.paste();
    return true;
  }
  if (mod || event.altKey || row === undefined) return false;
  switch (event.key) {
    case "ArrowDown":
      return go(index + 1);
    case "ArrowUp":
      return go(index - 1);
    case "Home":
      return go(0);
    case "End":
      return go(rows.length - 1);
    case "ArrowRight":
      if (row.expanded === false) model.toggle(row.entry.id, true);
      else if (row.expanded === true && (rows[index + 1]?.level ?? 0) > row.level) go(index + 1);
      return true;
    case "ArrowLeft":
      if (row.expanded === true) model.toggle(row.entry.id, false);
      else if (row.entry.parent !== rootId) model.focused.value = row.entry.parent;
      return true;
    case "Enter":
      model.open(row.entry, true);
      return true;
    case " ":
      model.open(row.entry, false);
      return true;
    case "F2":
      model.beginRename(row.entry.id);
      return true;
    case "Delete":
      model.trash(row.entry.id);
      return true;
    case "Escape":
      if (model.cut.value === undefined) return false;
      model.cut.value = undefined;
      return true;
    case "ContextMenu":
    case "F10": {
      if (event.key === "F10" && !event.shiftKey) return false;
      const element = document.querySelector(`[role=treeitem][data-id="${CSS.escape(row.entry.id)}"]`);
      if (element !== null) showMenu(model, row.entry, element);
      return true;
    }
    default: {
      if (event.key.length !== 1) return false;
      const letter = event.key.toLowerCase();
      const after = [...rows.slice(index + 1), ...rows.slice(0, index + 1)];
      const found = after.find((other) => other.entry.name.toLowerCase().startsWith(letter));
      if (found !== undefined) model.focused.value = found.entry.id;
      return true;
    }
  }
}
