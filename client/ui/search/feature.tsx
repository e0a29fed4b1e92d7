// Search as a feature of the workspace: a view of the sidebar, a command.

import { TextSearch } from "lucide-preact";
import type { Project } from "#core/project/project.ts";
import type { Feature, Shell } from "#ui/kit/feature.ts";
import { WorkerEngine } from "./search-engine.ts";
import { SearchModel } from "./search-model.ts";
import { SearchPanel } from "./search-panel.tsx";

export interface SearchOptions {
  readonly shell: Shell;
  readonly project: Project;
  /** The sidebar's view that is behind the search. */
  readonly behind: string;
}

export function searchFeature({ shell, project, behind }: SearchOptions): Feature {
  const engine = new WorkerEngine();
  const model = new SearchModel(project, engine);
  return {
    commands: () => [
      {
        id: "search",
        label: "Search in files",
        icon: TextSearch,
        shortcut: "Mod-Shift-F",
        run: () => {
          shell.showSidebar("search");
          model.focusRequest.value = {};
        },
      },
    ],
    sidebar: {
      name: "search",
      draw: () => (
        <SearchPanel
          model={model}
          onOpen={(file, { line, cell }) =>
            shell.openAt({ file, ...(cell === undefined ? { line } : { cell: cell.id }) })
          }
          onClose={() => {
            model.stop();
            shell.showSidebar(behind);
          }}
        />
      ),
    },
    dispose: () => {
      model.dispose();
      engine.dispose();
    },
  };
}
