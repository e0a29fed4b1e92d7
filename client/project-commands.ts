// What can be done in an open project, as the palette lists it and shortcuts do it.

import {
  ArrowLeft,
  ArrowRight,
  Columns2,
  Download,
  FilePlus,
  FolderPlus,
  FolderUp,
  HardDriveDownload,
  House,
  NotebookPen,
  PanelBottom,
  PanelLeft,
  Power,
  PowerOff,
  Printer,
  RotateCcw,
  Search,
  Share2,
  SquareTerminal,
  SunMoon,
  TextSearch,
  Upload,
  UserPen,
  X,
} from "lucide-preact";
import { rootId } from "#core/project/project.ts";
import { chooseFiles } from "#ui/files/transfers.ts";
import { toggleTheme } from "#ui/kit/theme.ts";
import type { Command } from "#ui/workspace/commands.ts";
import type { LiveSession } from "#ui/workspace/live-session.ts";
import { exportNotebook, importNotebooks } from "./jupyter-commands.ts";
import type { WorkspaceParts } from "./workspace-parts.ts";

export function commandsOf(parts: WorkspaceParts): readonly Command[] {
  const { model, files, live, terminals, session } = parts;
  const active = model.active.value;
  const printed = active === undefined ? undefined : session.project.entry(active);
  const inSidebar = (run: () => void) => () => {
    model.show("sidebar", true);
    run();
  };
  return [
    {
      id: "commands",
      label: "Commands",
      icon: Search,
      shortcut: "Mod-K",
      run: () => (model.overlay.value = "commands"),
    },
    {
      id: "files",
      label: "Open a file",
      icon: Search,
      shortcut: "Mod-P",
      run: () => (model.overlay.value = "files"),
    },
    {
      id: "search",
      label: "Search in files",
      icon: TextSearch,
      shortcut: "Mod-Shift-F",
      run: () => parts.openSearch(),
    },
    ...(live.writable
      ? [
          {
            id: "new-file",
            label: "New file",
            icon: FilePlus,
            run: inSidebar(() => files.beginCreate("text")),
          },
          {
            id: "new-notebook",
            label: "New notebook",
            icon: NotebookPen,
            run: inSidebar(() => files.beginCreate("notebook")),
          },
          {
            id: "new-folder",
            label: "New folder",
            icon: FolderPlus,
            run: inSidebar(() => files.beginCreate("dir")),
          },
          { id: "upload", label: "Upload files", icon: Upload, run: () => files.upload(false) },
          { id: "upload-folder", label: "Upload a folder", icon: FolderUp, run: () => files.upload(true) },
          {
            id: "import-jupyter",
            label: "Import Jupyter notebooks (.ipynb)",
            icon: NotebookPen,
            run: () => chooseFiles(false, (chosen) => void importNotebooks(parts, [...chosen])),
          },
        ]
      : []),
    ...(!parts.canRun
      ? []
      : [
          // The machine's menu is not in a narrow window.
          {
            id: "restart-machine",
            label: "Start or restart this machine",
            icon: Power,
            run: () => void restartMachine(live),
          },
          {
            id: "stop-machine",
            label: "Stop this machine",
            icon: PowerOff,
            run: () => void stopMachine(live),
          },
          {
            id: "reset-machine",
            label: "Reset this machine",
            icon: RotateCcw,
            run: () => (model.overlay.value = "reset"),
          },
          {
            id: "new-terminal",
            label: "New terminal",
            icon: SquareTerminal,
            shortcut: "Ctrl-`",
            overTerminal: true,
            run: () => {
              terminals.open();
              model.show("bottom", true);
            },
          },
        ]),
    {
      id: "sidebar",
      label: "Show or hide the files",
      icon: PanelLeft,
      shortcut: "Mod-B",
      run: () => model.toggle("sidebar"),
    },
    {
      id: "bottom",
      label: "Show or hide the terminals",
      icon: PanelBottom,
      shortcut: "Mod-J",
      run: () => model.toggle("bottom"),
    },
    { id: "split", label: "Split right", icon: Columns2, shortcut: "Mod-\\", run: () => model.splitActive() },
    {
      id: "next-tab",
      label: "Next tab",
      icon: ArrowRight,
      shortcut: "Alt-PageDown",
      run: () => model.step(1),
    },
    {
      id: "previous-tab",
      label: "Previous tab",
      icon: ArrowLeft,
      shortcut: "Alt-PageUp",
      run: () => model.step(-1),
    },
    { id: "close", label: "Close this tab", icon: X, shortcut: "Alt-W", run: () => model.closeActive() },
    ...(printed === undefined
      ? []
      : [
          {
            id: "print",
            label: printed.kind === "notebook" ? "Print notebook" : "Print file",
            icon: Printer,
            run: () => print(),
          },
        ]),
    {
      id: "download",
      label: "Download the project",
      icon: Download,
      run: () => void files.transfers.download(rootId),
    },
    {
      id: "export-jupyter",
      label: "Export this notebook for Jupyter (.ipynb)",
      icon: Download,
      run: () => void exportNotebook(parts),
    },
    {
      id: "offline",
      label: "Keep everything for offline",
      icon: HardDriveDownload,
      run: () => (model.overlay.value = "offline"),
    },
    { id: "share", label: "Share", icon: Share2, run: () => (model.overlay.value = "share") },
    { id: "self", label: "Your name and colour", icon: UserPen, run: () => (model.overlay.value = "self") },
    { id: "theme", label: "Light or dark", icon: SunMoon, run: toggleTheme },
    { id: "home", label: "All projects", icon: House, run: () => location.assign("/") },
  ];
}

/** What goes wrong is in the machine's state, and shown there. */
async function stopMachine({ machine }: LiveSession): Promise<void> {
  await machine?.stop().catch(() => undefined);
}

async function restartMachine(live: LiveSession): Promise<void> {
  await stopMachine(live);
  await live.machine?.start().catch(() => undefined);
}
