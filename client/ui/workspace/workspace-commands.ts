// The commands of the workspace itself: palettes, panels, tabs.

import {
  ArrowLeft,
  ArrowRight,
  Columns2,
  House,
  PanelBottom,
  PanelLeft,
  Printer,
  Search,
  SunMoon,
  X,
} from "lucide-preact";
import type { Project } from "#core/project/project.ts";
import type { Command } from "#ui/kit/feature.ts";
import { toggleTheme } from "#ui/kit/theme.ts";
import type { WorkspaceModel } from "./workspace-model.ts";

export function workspaceCommands(model: WorkspaceModel, project: Project): readonly Command[] {
  const active = model.active.value;
  const printed = active === undefined ? undefined : project.entry(active);
  return [
    {
      id: "commands",
      label: "Commands",
      icon: Search,
      shortcut: "Mod-K",
      run: () => model.openDialog("commands"),
    },
    {
      id: "files",
      label: "Open a file",
      icon: Search,
      shortcut: "Mod-P",
      run: () => model.openDialog("files"),
    },
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
    { id: "theme", label: "Light or dark", icon: SunMoon, run: toggleTheme },
    { id: "home", label: "All projects", icon: House, run: () => location.assign("/") },
  ];
}
