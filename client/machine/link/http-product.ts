// The built guest over HTTP.

import { concatBytes } from "#core/base/bytes.ts";
import { productIndexFile } from "#machine/fs/packfs/product.ts";
import type { ProductSource } from "#machine/product-source.ts";

// Declared here because the machine's type world has neither the DOM's library nor Node's.
interface ByteStream {
  getReader(): { read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array }> };
  pipeThrough(stream: ByteTransform): ByteStream;
}
interface ByteTransform {
  readonly readable: ByteStream;
  readonly writable: unknown;
}
declare const TransformStream: new (transformer: {
  transform: (piece: Uint8Array, controller: { enqueue(piece: Uint8Array): void }) => void;
}) => ByteTransform;
declare const DecompressionStream: new (format: "gzip") => ByteTransform;
interface HttpResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly body: ByteStream | null;
}
declare function fetch(address: string): Promise<HttpResponse>;

const unreachable =
  "The server cannot be reached, so Linux cannot be fetched. Try again when you are online.";

/** `base` ends with a slash. */
export function httpProductSource(base: string): ProductSource {
  const open = async (file: string, onProgress?: (bytes: number) => void): Promise<ByteStream> => {
    const response = await fetch(base + file).catch((cause: unknown) => {
      throw new Error(unreachable, { cause });
    });
    if (response.status === 404 && file === productIndexFile)
      throw new Error("This server has no Linux to offer: its guest is not built (`npm run build:guest`).");
    if (!response.ok || response.body === null)
      throw new Error(
        `The server did not give a part of Linux (${file}, status ${response.status}). Try again.`,
      );
    const counter = new TransformStream({
      transform: (piece, controller) => {
        onProgress?.(piece.length);
        controller.enqueue(piece);
      },
    });
    return response.body.pipeThrough(counter);
  };
  return {
    read: async (file, onProgress) => readAll(await open(file, onProgress)),
    unpack: async (file, onProgress) =>
      readAll((await open(file, onProgress)).pipeThrough(new DecompressionStream("gzip"))),
  };
}

async function readAll(stream: ByteStream): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new Error(unreachable, { cause });
    });
    if (value !== undefined) pieces.push(value);
    if (done) return concatBytes(pieces);
  }
}
