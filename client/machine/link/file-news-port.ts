// News of files of Linux on their way from the machine's worker to its page, beside what the two say otherwise.

import type { FileNews } from "#machine/product/file-news.ts";

interface Port {
  postMessage(message: unknown, transfer: never[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

interface NewsMessage {
  readonly fileNews?: FileNews;
}

export function sendFileNews(scope: Port, fileNews: FileNews): void {
  scope.postMessage({ fileNews } satisfies NewsMessage, []);
}

export function hearFileNews(worker: Port, listener: (news: FileNews) => void): void {
  worker.addEventListener("message", ({ data }) => {
    const { fileNews } = (data ?? {}) as NewsMessage;
    if (fileNews !== undefined) listener(fileNews);
  });
}
