// The built guest over HTTP.

import { concatBytes } from "#core/base/bytes.ts";
import { productIndexFile } from "#machine/fs/packfs/product.ts";
import type { ProductSource } from "#machine/product-source.ts";

// Declared here because the machine's type world has neither the DOM's library nor Node's.
interface HttpResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly body: {
    getReader(): { read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array }> };
  } | null;
}
declare function fetch(address: string): Promise<HttpResponse>;

const unreachable =
  "The server cannot be reached, so Linux cannot be fetched. Try again when you are online.";

/** `base` ends with a slash. */
export function httpProductSource(base: string): ProductSource {
  return {
    read: async (file, onProgress) => {
      const response = await fetch(base + file).catch((cause: unknown) => {
        throw new Error(unreachable, { cause });
      });
      if (response.status === 404 && file === productIndexFile)
        throw new Error("This server has no Linux to offer: its guest is not built (`npm run build:guest`).");
      if (!response.ok || response.body === null)
        throw new Error(
          `The server did not give a part of Linux (${file}, status ${response.status}). Try again.`,
        );
      const pieces: Uint8Array[] = [];
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read().catch((cause: unknown) => {
          throw new Error(unreachable, { cause });
        });
        if (value !== undefined) {
          pieces.push(value);
          onProgress?.(value.length);
        }
        if (done) return concatBytes(pieces);
      }
    },
  };
}
