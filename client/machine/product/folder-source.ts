// The built guest in a folder, for machines in Node.

import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip as zlibGunzip } from "node:zlib";
import { productIndexFile, unpackedSuffix } from "./product-index.ts";
import type { ProductSource } from "./product-source.ts";

/** In a thread of its own, and four times as fast as Node's DecompressionStream. */
const gunzip = promisify<Uint8Array, { chunkSize: number }, Buffer>(zlibGunzip);

/** What is unpacked at a time: a snapshot has some 20 MB. */
const unpackedPieceBytes = 4 << 20;

/** `folder` is the one with guest.json. */
export function folderSource(folder: string): ProductSource {
  const readPart = async (file: string, onProgress?: (bytes: number) => void): Promise<Buffer> => {
    const data = await readFile(join(folder, file)).catch((error: unknown) => {
      const hint =
        file === productIndexFile
          ? "The guest is not built"
          : `The built guest in ${folder} is damaged (${file})`;
      throw new Error(`${hint}: run \`npm run build:guest\`.`, { cause: error });
    });
    onProgress?.(data.length);
    return data;
  };
  return {
    // Copied: small files share a buffer with others.
    read: async (file, onProgress) => new Uint8Array(await readPart(file, onProgress)),
    unpack: async (file, onProgress) => {
      const unpacked = await readAtOnce(join(folder, file + unpackedSuffix)).catch(() => undefined);
      if (unpacked !== undefined) {
        onProgress?.(unpacked.length);
        return unpacked;
      }
      const packed = await readPart(file, onProgress);
      const { buffer, byteOffset, length } = await gunzip(packed, { chunkSize: unpackedPieceBytes });
      return new Uint8Array(buffer as ArrayBuffer, byteOffset, length);
    },
  };
}

/** In one operation of its own thread: `readFile` comes back to this one, which is busy, for each piece. */
async function readAtOnce(path: string): Promise<Uint8Array<ArrayBuffer>> {
  await using file = await open(path);
  const bytes = new Uint8Array((await file.stat()).size);
  const { bytesRead } = await file.read(bytes);
  if (bytesRead < bytes.length) throw new Error(`${path} ended early`);
  return bytes;
}
