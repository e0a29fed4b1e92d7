// The built guest over HTTP.

import { concatBytes } from "#core/base/bytes.ts";
import { productIndexFile } from "#machine/fs/packfs/product.ts";
import type { ProductSource } from "#machine/product-source.ts";

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
  readonly body: ByteStream | null;
}
declare function fetch(address: string): Promise<HttpResponse>;

/** For what ends a transfer that had begun, too. */
class Unreachable extends Error {
  constructor(cause: unknown) {
    super("The server cannot be reached, so Linux cannot be fetched. Try again when you are online.", {
      cause,
    });
  }
}

/** `base` ends with a slash. */
export function httpProductSource(base: string): ProductSource {
  const open = async (file: string, onProgress?: (bytes: number) => void): Promise<ByteStream> => {
    const response = await fetch(base + file).catch((cause: unknown) => {
      throw new Unreachable(cause);
    });
    if (response.status === 404 && file === productIndexFile)
      throw new Error("This server has no Linux to offer: its guest is not built (`npm run build:guest`).");
    if (!response.ok || response.body === null)
      throw new Error(
        `The server did not give a part of Linux (${file}, status ${response.status}). Try again.`,
      );
    const reader = response.body.getReader();
    return new ReadableStream({
      pull: async (controller) => {
        const { done, value } = await reader.read().catch((cause: unknown) => {
          throw new Unreachable(cause);
        });
        if (value !== undefined) {
          onProgress?.(value.length);
          controller.enqueue(value);
        }
        if (done) controller.close();
      },
    });
  };
  return {
    read: async (file, onProgress) => readAll(await open(file, onProgress)),
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

async function readAll(stream: ByteStream): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (value !== undefined) pieces.push(value);
    if (done) return concatBytes(pieces);
  }
}
