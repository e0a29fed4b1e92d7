// One thing that a program shows in its output: picture, page, table, tree or text; a file to download otherwise.
// Its bytes come from the project's blobs; nothing of them becomes markup of this page.

import { useSignal } from "@preact/signals";
import { Download, Eye, FileDown } from "lucide-preact";
import { useEffect, useMemo } from "preact/hooks";
import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import type { DisplayItem } from "#core/notebook/output/display.ts";
import type { BlobRef } from "#core/notebook/output/run-record.ts";
import { Button, IconButton } from "#ui/kit/button.tsx";
import { saveFile } from "#ui/kit/save-file.ts";
import { sizeWords } from "#ui/kit/size-words.ts";
import { Skeleton } from "#ui/kit/skeleton.tsx";
import { DisplayFrame } from "./frame.tsx";
import { imageSize } from "./image-size.ts";
import { JsonDisplay } from "./json.tsx";
import { displayKind } from "./kind.ts";
import { MarkdownDisplay } from "./markdown.tsx";
import { TableDisplay } from "./table.tsx";
import "./display.css";

/** What is used of the session's blobs. */
export interface OutputBlobs {
  get(ref: BlobRef): Uint8Array | Promise<Uint8Array>;
}

export interface DisplayViewProps {
  readonly item: DisplayItem;
  readonly blobs: OutputBlobs;
  /** Drawn when somebody asks for it. */
  readonly asked: boolean;
}

export function DisplayView({ item, blobs, asked }: DisplayViewProps) {
  const waits = useSignal(asked);
  const name = item.name === "" ? item.mime : item.name;
  const kind = displayKind(item.mime, item.size);
  if (waits.value)
    return (
      <Button kind="quiet" icon={Eye} onClick={() => (waits.value = false)}>
        Show {name}
      </Button>
    );
  if (kind === "file") return <FileLine item={item} name={name} blobs={blobs} />;
  return <Fetched item={item} name={name} blobs={blobs} />;
}

interface ContentProps {
  readonly item: DisplayItem;
  readonly name: string;
  readonly blobs: OutputBlobs;
}

type Content = Uint8Array | "loading" | "failed";

function Fetched({ item, name, blobs }: ContentProps) {
  const attempt = useSignal(0);
  const content = useContent(item, blobs, attempt.value);
  if (content === "loading")
    return (
      <div class="display-loading">
        <Skeleton lines={4} label={`Fetching ${name}`} />
      </div>
    );
  if (content === "failed")
    return (
      <div class="display-problem" role="alert">
        <span>
          {name} ({sizeWords(item.size)}) cannot be fetched now: the server cannot be reached, or it was not
          saved to it.
        </span>
        <Button kind="quiet" onClick={() => (attempt.value += 1)}>
          Try again
        </Button>
      </div>
    );
  return (
    <>
      <Drawn item={item} name={name} bytes={content} />
      <span class="display-tools">
        <IconButton
          icon={Download}
          size="small"
          label={`Download ${name}`}
          onClick={() => saveFile(new Blob([new Uint8Array(content)]), name)}
        />
      </span>
    </>
  );
}

/** Resident bytes are there in the first frame, so that what is drawn again does not flicker. */
function useContent(item: DisplayItem, blobs: OutputBlobs, attempt: number): Content {
  const { hash, size } = item;
  const got = useMemo((): Uint8Array | Promise<Uint8Array> => {
    void attempt; // another one asks anew
    try {
      return blobs.get({ hash, size });
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }, [blobs, hash, size, attempt]);
  const later = useSignal<Content>("loading");
  useEffect(() => {
    if (got instanceof Uint8Array) return undefined;
    let current = true;
    later.value = "loading";
    got.then(
      (bytes) => {
        if (current) later.value = bytes;
      },
      () => {
        if (current) later.value = "failed";
      },
    );
    return () => {
      current = false;
    };
  }, [got, later]);
  return got instanceof Uint8Array ? got : later.value;
}

function Drawn({
  item,
  name,
  bytes,
}: {
  readonly item: DisplayItem;
  readonly name: string;
  readonly bytes: Uint8Array;
}) {
  const kind = displayKind(item.mime, bytes.length);
  const text = useMemo(
    () => (kind === "picture" || kind === "file" ? "" : decodeUtf8Lossy(bytes)),
    [bytes, kind],
  );
  const json = useMemo(() => (kind === "json" ? parseJson(text) : undefined), [text, kind]);
  switch (kind) {
    case "picture":
      return <Picture bytes={bytes} mime={item.mime} name={name} />;
    case "page":
      return <DisplayFrame html={text} name={name} />;
    case "markdown":
      return <MarkdownDisplay text={text} />;
    case "table":
      return <TableDisplay text={text} name={name} />;
    case "json":
      return json === undefined ? (
        <pre class="display-text">{text}</pre>
      ) : (
        <JsonDisplay value={json.value} name={name} />
      );
    case "text":
    case "file":
      return <pre class="display-text">{text}</pre>;
    default:
      return kind satisfies never;
  }
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined; // shown as the text that it is
  }
}

/** An image element runs no scripts and fetches nothing, whatever is in an SVG. */
function Picture({
  bytes,
  mime,
  name,
}: {
  readonly bytes: Uint8Array;
  readonly mime: string;
  readonly name: string;
}) {
  const broken = useSignal(false);
  const svg = mime === "image/svg+xml";
  // As data an SVG has no origin either where somebody opens it in a tab of its own.
  const address = useMemo(
    () =>
      svg
        ? `data:image/svg+xml,${encodeURIComponent(decodeUtf8Lossy(bytes))}`
        : URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: mime })),
    [bytes, mime, svg],
  );
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  const size = useMemo(() => imageSize(bytes, mime), [bytes, mime]);
  if (broken.value)
    return (
      <p role="alert" class="display-problem">
        {name} is no picture that this browser can show.
      </p>
    );
  return (
    <img class="display-picture" src={address} alt={name} {...size} onError={() => (broken.value = true)} />
  );
}

function FileLine({ item, name, blobs }: ContentProps) {
  const state = useSignal<"idle" | "fetching" | "failed">("idle");
  const download = async (): Promise<void> => {
    state.value = "fetching";
    try {
      saveFile(new Blob([new Uint8Array(await blobs.get(item))]), name);
      state.value = "idle";
    } catch {
      state.value = "failed";
    }
  };
  return (
    <div class="display-file">
      <FileDown size={16} aria-hidden="true" />
      <span class="display-file-name">{name}</span>
      <span class="display-note">
        {item.mime} · {sizeWords(item.size)}
      </span>
      <Button
        kind="quiet"
        icon={Download}
        disabled={state.value === "fetching"}
        title={`Download ${name}`}
        onClick={() => void download()}
      >
        Download
      </Button>
      {state.value === "failed" ? (
        <span role="alert" class="display-problem">
          It cannot be fetched now.
        </span>
      ) : null}
    </div>
  );
}
