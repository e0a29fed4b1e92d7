// Files between the project and the person's own disk: one file or a folder out, files, folders and archives in.

import { signal } from "@preact/signals";
import type { BlobStore } from "#core/project/blobs.ts";
import { rootId } from "#core/project/project.ts";
import type { NodeId, Project } from "#core/project/project.ts";
import { explainFileError, explainFileErrors, type FileProblem } from "#ui/kit/file-errors.ts";
import { beginJob } from "#ui/kit/jobs.tsx";
import type { JobHandle } from "#ui/kit/jobs.tsx";
import { saveFile } from "#ui/kit/save-file.ts";
import { toast } from "#ui/kit/toasts.tsx";
import { isArchiveName, packTar, unpackTar } from "./archive.ts";
import { TarError } from "./tar.ts";
import { upload } from "./upload.ts";
import type { Picked, PickedFiles } from "./upload.ts";

/** An archive that was brought here: unpack it, or keep it as the file that it is? */
export interface ArchiveOffer {
  readonly picked: Picked;
  readonly directory: NodeId;
}

export interface TransfersOptions {
  readonly project: Project;
  readonly blobs: BlobStore;
  readonly projectName: () => string;
  /** Shows what has arrived. */
  readonly reveal: (id: NodeId) => void;
}

export class Transfers {
  readonly offer = signal<ArchiveOffer | undefined>(undefined);
  readonly #options: TransfersOptions;

  constructor(options: TransfersOptions) {
    this.#options = options;
  }

  /** A file as it is, a folder as a tar archive. */
  async download(id: NodeId): Promise<void> {
    const { project, blobs, projectName } = this.#options;
    const entry = project.entry(id);
    if (entry === undefined) return;
    const name = id === rootId ? safeName(projectName()) : entry.name;
    if (entry.kind === "dir")
      await this.#job(`Packing ${name}`, name, async (job) => {
        saveFile(await packTar(project, blobs, id, name, job), `${name}.tar`);
      });
    else
      await this.#job(`Fetching ${name}`, name, async (job) => {
        const bytes = await project.readBytes(id, blobs);
        if (!job.signal.aborted) saveFile(new Blob([new Uint8Array(bytes)]), name);
      });
  }

  /** Brings files in; an archive by itself is asked about first. */
  async bring({ files, problems }: PickedFiles, directory: NodeId): Promise<void> {
    tellProblems(problems);
    const [only] = files;
    if (only !== undefined && files.length === 1 && isArchiveName(only.path))
      this.offer.value = { picked: only, directory };
    else await this.keep(files, directory);
  }

  async keep(picked: readonly Picked[], directory: NodeId): Promise<void> {
    if (picked.length === 0) return;
    const { project, blobs, reveal } = this.#options;
    const what = picked.length === 1 ? (picked[0]?.path ?? "") : `${picked.length} files`;
    await this.#job(`Adding ${what}`, what, async (job) => {
      const { written, problems } = await upload(project, blobs, directory, picked, job);
      const [first] = written;
      if (first !== undefined) reveal(first.id);
      if (written.length === 1) toast({ message: `“${first?.name ?? ""}” added` });
      else if (written.length > 1) toast({ message: `${written.length} files added` });
      tellProblems(problems);
    });
  }

  async unpack(archive: Blob, name: string, directory: NodeId): Promise<void> {
    const { project, blobs, reveal } = this.#options;
    await this.#job(`Unpacking ${name}`, name, async (job) => {
      const { files, first, problems } = await unpackTar(project, blobs, directory, archive, job);
      if (first !== undefined) reveal(first);
      toast({ message: `“${name}” unpacked: ${files} ${files === 1 ? "file" : "files"}` });
      tellProblems(problems);
    });
  }

  /** Unpacks an archive that is in the project, beside itself. */
  async unpackEntry(id: NodeId): Promise<void> {
    const { project, blobs } = this.#options;
    const entry = project.entry(id);
    if (entry === undefined) return;
    try {
      const bytes = await project.readBytes(id, blobs);
      await this.unpack(new Blob([new Uint8Array(bytes)]), entry.name, entry.parent);
    } catch (error) {
      toast({ message: explainFileError(error, entry.name), problem: true });
    }
  }

  async #job(label: string, name: string, work: (job: JobHandle) => Promise<void>): Promise<void> {
    const job = beginJob(label);
    try {
      await work(job);
    } catch (error) {
      if (job.signal.aborted) toast({ message: `${label}: stopped` });
      else
        toast({
          message:
            error instanceof TarError
              ? `“${name}” cannot be unpacked: ${error.message}.`
              : explainFileError(error, name),
          problem: true,
        });
    } finally {
      job.end();
    }
  }
}

function tellProblems(problems: readonly FileProblem[]): void {
  if (problems.length > 0) toast({ message: explainFileErrors(problems), problem: true });
}

/** A project's name as a file's. */
function safeName(name: string): string {
  const safe = name.replaceAll(/[/\\:*?"<>|\p{Cc}]/gu, "-").trim();
  return safe === "" || safe.startsWith(".") ? "project" : safe;
}

/** Asks the person for files, or for a folder. */
export function chooseFiles(folder: boolean, onChosen: (files: FileList) => void): void {
  const field = document.createElement("input");
  field.type = "file";
  field.multiple = true;
  field.webkitdirectory = folder;
  field.addEventListener("change", () => {
    if (field.files !== null && field.files.length > 0) onChosen(field.files);
  });
  field.click();
}
