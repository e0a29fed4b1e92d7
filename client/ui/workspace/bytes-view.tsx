// A file that is no text for the editor: what it is, how large, and what of it can be shown.

import { useSignal } from "@preact/signals";
import { Download } from "lucide-preact";
import { useEffect } from "preact/hooks";
import type { BlobStore } from "#core/project/blobs.ts";
import type { Entry, Project } from "#core/project/project.ts";
import { Button } from "#ui/kit/button.tsx";
import { FileIcon } from "#ui/kit/file-icon.tsx";
import { Skeleton } from "#ui/kit/skeleton.tsx";
import { sizeWords } from "#ui/kit/size-words.ts";
import { headSize, hexRows, kindOfFile } from "./file-kind.ts";
import type { FileKind } from "./file-kind.ts";
import { Picture } from "./picture.tsx";

/** Bytes that are fetched only to be looked at; of a larger file, when asked to. */
const freelyFetched = 8 * 1024 * 1024;
/** Bytes shown of what nobody knows. */
const hexSize = 512;

type Content =
  | { readonly kind: "loading" }
  /** Too large to fetch unasked. */
  | { readonly kind: "waiting" }
  | { readonly kind: "shown"; readonly is: FileKind; readonly bytes: Uint8Array }
  | { readonly kind: "failed" };

export interface BytesViewProps {
  readonly project: Project;
  readonly blobs: BlobStore;
  readonly entry: Entry;
  /** Changes when the content does. */
  readonly hash: string;
  /** The server can be reached: what could not be fetched is tried again when it can. */
  readonly online: boolean;
  readonly onDownload: () => void;
}

export function BytesView({ project, blobs, entry, hash, online, onDownload }: BytesViewProps) {
  const content = useSignal<Content>({ kind: "loading" });
  const measured = useSignal("");
  const attempt = useSignal(0);
  const wanted = useSignal(entry.size <= freelyFetched);
  const failed = content.value.kind === "failed";
  useEffect(() => {
    if (online && content.peek().kind === "failed") attempt.value += 1;
  }, [online, content, attempt]);
  useEffect(() => {
    let current = true;
    if (!wanted.value) {
      content.value = { kind: "waiting" };
      return undefined;
    }
    if (content.peek().kind !== "shown") content.value = { kind: "loading" };
    const load = async (): Promise<void> => {
      const bytes = await project.readBytes(entry.id, blobs);
      if (!current) return;
      const is = kindOfFile(entry.name, bytes.length, bytes.subarray(0, headSize));
      content.value = { kind: "shown", is, bytes };
    };
    load().catch(() => {
      if (current) content.value = { kind: "failed" };
    });
    return () => {
      current = false;
    };
  }, [project, blobs, entry.id, entry.name, hash, wanted.value, attempt.value, content]);

  const shown = content.value.kind === "shown" ? content.value : undefined;
  const text = shown?.is.kind === "text" ? shown.is : undefined;
  const facts = [shown?.is.label ?? "", sizeWords(entry.size), measured.value].filter((part) => part !== "");
  return (
    <div class={text === undefined ? "bytes-view" : "bytes-view bytes-view-text"}>
      {shown === undefined ? (
        content.value.kind === "loading" ? (
          <Skeleton lines={4} label="Fetching the file" />
        ) : (
          <FileIcon kind="bytes" name={entry.name} />
        )
      ) : shown.is.kind === "picture" ? (
        <Picture
          bytes={shown.bytes}
          type={shown.is.type}
          name={entry.name}
          onSize={(size) => (measured.value = size)}
        />
      ) : shown.is.kind === "binary" ? (
        <FileIcon kind="bytes" name={entry.name} />
      ) : null}
      <p class="bytes-facts">{facts.join(" · ")}</p>
      {text === undefined ? null : <p class="bytes-facts">It is not edited here: {text.why}</p>}
      {failed ? (
        <p role="alert" class="bytes-problem">
          The content could not be fetched. Nothing is lost: it comes back when the server can be reached.
        </p>
      ) : null}
      <div class="bytes-actions">
        {failed ? <Button onClick={() => (attempt.value += 1)}>Try again</Button> : null}
        {content.value.kind === "waiting" ? (
          <Button onClick={() => (wanted.value = true)}>Look inside</Button>
        ) : null}
        <Button icon={Download} onClick={onDownload}>
          Download
        </Button>
      </div>
      {text === undefined ? null : (
        <pre class="bytes-text" tabIndex={0} aria-label={`Beginning of ${entry.name}`}>
          {text.text}
        </pre>
      )}
      {shown?.is.kind === "binary" && shown.bytes.length > 0 ? (
        <pre class="bytes-hex" tabIndex={0} aria-label={`First bytes of ${entry.name}`}>
          {hexRows(shown.bytes.subarray(0, hexSize))}
        </pre>
      ) : null}
    </div>
  );
}
