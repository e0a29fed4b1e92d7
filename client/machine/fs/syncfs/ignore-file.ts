// The project's .conchignore, or the default where there is none, as it is now.

import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import { rootId } from "#core/project/project.ts";
import type { Project, ProjectChange } from "#core/project/project.ts";
import { defaultIgnore, Ignore } from "./ignore.ts";

const fileName = ".conchignore";

export class IgnoreFile {
  readonly #project: Project;
  readonly #blobs: BlobStore;
  #rules: Ignore | undefined;

  constructor(project: Project, blobs: BlobStore) {
    this.#project = project;
    this.#blobs = blobs;
  }

  matches(path: string, isDirectory: boolean): boolean {
    this.#rules ??= this.#read();
    return this.#rules.matches(path, isDirectory);
  }

  changed({ directories, contents }: ProjectChange): void {
    const id = this.#project.names(rootId).get(fileName);
    if (directories.has(rootId) || (id !== undefined && contents.has(id))) this.#rules = undefined;
  }

  #read(): Ignore {
    const entry = this.#project.lookup(rootId, fileName);
    const bytes = entry?.kind === "text" ? this.#project.readBytes(entry.id, this.#blobs) : undefined;
    return new Ignore(bytes instanceof Uint8Array ? decodeUtf8Lossy(bytes) : defaultIgnore);
  }
}
