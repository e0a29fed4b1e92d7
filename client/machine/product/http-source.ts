// The built guest over HTTP.

import { concatBytes } from "#core/base/bytes.ts";
import { productIndexFile } from "./product-index.ts";
import { Unreachable } from "./unreachable.ts";
import type { ProductSource } from "./product-source.ts";

// Declared here because the machine's type world has neither the DOM's library nor Node's.
interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array }>;
}
interface ByteStream {
  getReader(): ByteReader;
  pipeThrough(stream: { readonly readable: ByteStream; readonly writable: unknown }): ByteStream;
}
declare const ReadableStream: new (source: {
  pull: (controller: { enqueue(piece: Uint8Array): void; close(): void }) => Promise<void>;
}) => ByteStream;
declare const DecompressionStream: new (format: "gzip") => {
  readonly readable: ByteStream;
  readonly writable: unknown;
};
interface HttpResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: ByteStream | null;
}
interface Signal {
  readonly aborted: boolean;
}
declare const AbortController: new () => { readonly signal: Signal; abort(): void };
declare function fetch(
  address: string,
  init: { readonly signal: Signal; readonly cache?: "reload" },
): Promise<HttpResponse>;
declare const navigator: { readonly onLine?: boolean } | undefined;

/** For what ends a transfer that had begun, too. */
function unreachable(cause: unknown): Unreachable {
  return new Unreachable(
    "The server cannot be reached, so Linux cannot be fetched. Try again when you are online.",
    cause,
  );
}

export interface HttpProductOptions {
  /** Milliseconds before each further attempt at what a machine needs while it runs: a server may be restarting. */
  readonly retryWaits?: readonly number[];
  /** Milliseconds after which a line over which nothing comes is given up. */
  readonly silence?: number;
}

const defaultRetryWaits = [300, 1000, 2000];
const defaultSilence = 20_000;
/** Milliseconds after a failure within which it is not waited again. */
const freshFailure = 5000;

/** `base` ends with a slash. */
export function httpProductSource(base: string, options: HttpProductOptions = {}): ProductSource {
  const { retryWaits = defaultRetryWaits, silence = defaultSilence } = options;
  /** When it was last found that waiting does not help. */
  let gaveUp = 0;

  const open = async (
    file: string,
    onProgress?: (bytes: number) => void,
    fresh = false,
  ): Promise<ByteStream> => {
    const transfer = new AbortController();
    /** Rejects as unreachable where it fails or nothing comes. */
    const heard = async <T>(asked: Promise<T>): Promise<T> => {
      const timer = setTimeout(() => transfer.abort(), silence);
      try {
        return await asked;
      } catch (cause) {
        throw unreachable(cause);
      } finally {
        clearTimeout(timer);
      }
    };
    const { signal } = transfer;
    const response = await heard(fetch(base + file, fresh ? { signal, cache: "reload" } : { signal }));
    if (response.status === 404 && file === productIndexFile)
      throw new Error("This server has no Linux to offer: its guest is not built (`npm run build:guest`).");
    // What a network answers that wants people to sign in first, say.
    if (response.headers.get("Content-Type")?.startsWith("text/html") === true)
      throw unreachable(`a page came in place of ${file}`);
    if (!response.ok || response.body === null)
      throw new Error(
        `The server did not give a part of Linux (${file}, status ${response.status}). Try again.`,
      );
    const reader = response.body.getReader();
    return new ReadableStream({
      pull: async (controller) => {
        const { done, value } = await heard(reader.read());
        if (value !== undefined) {
          onProgress?.(value.length);
          controller.enqueue(value);
        }
        if (done) controller.close();
      },
    });
  };

  return {
    remote: true,
    read: async (file, onProgress, fresh) => {
      // A program that cannot be started is opened several times by its shell: only the first one waits.
      const waits = Date.now() - gaveUp < freshFailure ? [] : retryWaits;
      for (const wait of [...waits, undefined]) {
        try {
          return await readAll(await open(file, onProgress, fresh));
        } catch (error) {
          const goesOn = error instanceof Unreachable && wait !== undefined && isOnline();
          if (!goesOn) {
            if (error instanceof Unreachable) gaveUp = Date.now();
            throw error;
          }
          await new Promise<void>((resolve) => {
            setTimeout(resolve, wait);
          });
        }
      }
      throw new Error("invariant violation: the last attempt neither succeeded nor failed");
    },
    unpack: async (file, onProgress) => {
      const packed = await open(file, onProgress);
      return readAll(packed.pipeThrough(new DecompressionStream("gzip"))).catch((cause: unknown) => {
        if (cause instanceof Unreachable) throw cause;
        throw new Error(`A part of Linux arrived damaged (${file}). Reload the page to fetch it again.`, {
          cause,
        });
      });
    },
  };
}

/** False where the browser knows that it has no network: then waiting for an answer is pointless. */
function isOnline(): boolean {
  return typeof navigator === "undefined" || navigator.onLine !== false;
}

async function readAll(stream: ByteStream): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (value !== undefined) pieces.push(value);
    if (done) return concatBytes(pieces);
  }
}
