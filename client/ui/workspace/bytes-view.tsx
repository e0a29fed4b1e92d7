// A file that is no text: what it is, how large, and the picture where it is one.

import { useSignal } from "@preact/signals";
import { Download } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { extension } from "#core/base/path.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import type { Entry, Project } from "#core/project/project.ts";
import { Button } from "#ui/kit/button.tsx";
import { FileIcon } from "#ui/kit/file-icon.tsx";
import { Skeleton } from "#ui/kit/skeleton.tsx";

const pictures: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".avif": "image/avif",
  ".bmp": "image/bmp",
  ".ico": "image/x-icon",
};

/** "1.4 MB": powers of 1000, as file managers write them. */
function sizeWords(bytes: number): string {
  if (bytes === 1) return "1 byte";
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ["kB", "MB", "GB"] as const;
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? "GB"}`;
}

type Content =
  | { readonly kind: "loading" }
  | { readonly kind: "shown"; readonly url: string }
  | { readonly kind: "failed"; readonly reason: string };

export interface BytesViewProps {
  readonly project: Project;
  readonly blobs: BlobStore;
  readonly entry: Entry;
  /** Changes when the content does. */
  readonly hash: string;
  readonly onDownload: () => void;
}

export function BytesView({ project, blobs, entry, hash, onDownload }: BytesViewProps) {
  const type = pictures[extension(entry.name)];
  const content = useSignal<Content>({ kind: "loading" });
  const measured = useSignal("");
  useEffect(() => {
    if (type === undefined) return undefined;
    let url: string | undefined;
    let current = true;
    const load = async (): Promise<void> => {
      const bytes = await project.readBytes(entry.id, blobs);
      if (!current) return;
      url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type }));
      content.value = { kind: "shown", url };
    };
    load().catch(() => {
      if (current)
        content.value = {
          kind: "failed",
          reason: "The picture could not be fetched. It comes back when the server can be reached.",
        };
    });
    return () => {
      current = false;
      if (url !== undefined) URL.revokeObjectURL(url);
    };
  }, [project, blobs, entry.id, hash, type, content]);

  const suffix = extension(entry.name).slice(1);
  const kind = suffix === "" ? "Binary file" : `${suffix.toUpperCase()} file`;
  return (
    <div class="bytes-view">
      {type === undefined ? (
        <FileIcon kind="bytes" name={entry.name} />
      ) : content.value.kind === "shown" ? (
        <img
          src={content.value.url}
          alt={entry.name}
          onLoad={(event) =>
            (measured.value = `${event.currentTarget.naturalWidth} × ${event.currentTarget.naturalHeight}`)
          }
          onError={() =>
            (content.value = { kind: "failed", reason: "This is no picture that a browser can show." })
          }
        />
      ) : content.value.kind === "failed" ? (
        <p role="alert">{content.value.reason}</p>
      ) : (
        <Skeleton lines={4} label="Loading the picture" />
      )}
      <p class="bytes-facts">
        {[kind, sizeWords(entry.size), measured.value].filter((part) => part !== "").join(" · ")}
      </p>
      <Button icon={Download} onClick={onDownload}>
        Download
      </Button>
    </div>
  );
}
