// Files of Linux that a program waits for, as lines of progress; those that cannot be had, as messages.

import { splitParent } from "#core/base/path.ts";
import type { FileNews } from "#machine/product/file-news.ts";
import { beginJob, type JobHandle } from "#ui/kit/jobs.tsx";
import { sizeWords } from "#ui/kit/size-words.ts";
import { toast } from "#ui/kit/toasts.tsx";

export class FileNewsLines {
  readonly #jobs = new Map<string, JobHandle>();

  readonly show = (news: FileNews): void => {
    const { path } = news;
    switch (news.kind) {
      case "fetching": {
        const { loaded, total } = news;
        if (loaded >= total) return this.#end(path);
        const [, name] = splitParent(path);
        let job = this.#jobs.get(path);
        if (job === undefined)
          // Whoever wants it can stop waiting: Ctrl-C, as for anything that takes long.
          this.#jobs.set(path, (job = beginJob(`Fetching ${name} (${sizeWords(total)})`, false)));
        job.progress(loaded / total);
        return;
      }
      case "missing":
        this.#end(path);
        toast({ message: news.sentence, problem: true });
        return;
      default:
        news satisfies never;
    }
  };

  /** The machine has gone. */
  clear(): void {
    for (const path of this.#jobs.keys()) this.#end(path);
  }

  #end(path: string): void {
    this.#jobs.get(path)?.end();
    this.#jobs.delete(path);
  }
}
