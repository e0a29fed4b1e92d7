import { expect, it } from "vitest";
import * as Y from "yjs";
import { MemoryBlobStore } from "./blobs.ts";
import { Project, rootId } from "./project.ts";
import { referencedBlobs } from "./references.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(`\0${text}`);
}

it("[BLOB-5] names live contents, former ones, the trash, and runs' outputs; not what texts say", () => {
  const doc = new Y.Doc();
  const project = new Project(doc);
  const blobs = new MemoryBlobStore();
  const [live, former, trashed, output, shown, unneeded, inText] = [
    "live",
    "former",
    "trashed",
    "output",
    "shown",
    "unneeded",
    "in a text",
  ].map((text) => blobs.put(bytes(text)));
  if (!live || !former || !trashed || !output || !shown || !unneeded || !inText) throw new Error("no blobs");
  const file = project.createBytes(rootId, "a", former);
  project.writeBytes(file.id, bytes("live"), blobs);
  project.trash(project.createBytes(rootId, "b", trashed).id, "Ana");
  project.createText(rootId, "c.txt", inText.hash);
  const notebook = project.notebook(project.createNotebook(rootId, "n", "```sh\nls\n```\n").id);
  const [cell] = notebook?.cells ?? [];
  if (notebook === undefined || cell === undefined) throw new Error("no cell");
  notebook.setRun(cell.id, {
    id: "run",
    by: { id: "a", name: "Ana", color: "#000000" },
    client: 1,
    machine: "Ana's machine",
    sourceHash: "00",
    started: 1,
    state: "done",
    channel: "run",
    output: {
      head: `\u001b]6973;display;${shown.hash};5;image/png;a.png\u0007`,
      tail: "",
      omitted: 5,
      blob: output,
    },
  });
  const found = referencedBlobs(doc);
  for (const { hash } of [live, former, trashed, output, shown]) expect(found).toContain(hash);
  for (const { hash } of [unneeded, inText]) expect(found).not.toContain(hash);
});
