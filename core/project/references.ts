// Which blobs a document needs. Whoever deletes what is not needed must not know less than those who write: so every
// SHA-256 anywhere in a node counts, in whatever key or value it stands, and only the texts of files do not.

import * as Y from "yjs";

const hashes = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;

/** Lower-case hexadecimal hashes. */
export function referencedBlobs(doc: Y.Doc): ReadonlySet<string> {
  const found = new Set<string>();
  const read = (value: unknown): void => {
    if (typeof value === "string") {
      if (value.length >= 64) for (const [hash] of value.matchAll(hashes)) found.add(hash);
    } else if (value instanceof Y.Text || value instanceof Y.XmlFragment || value instanceof Uint8Array) {
      // What people and programs write, which is nobody's address.
    } else if (value instanceof Y.Map) {
      for (const [key, inner] of value.entries()) {
        read(key);
        read(inner);
      }
    } else if (value instanceof Y.Array) {
      for (const inner of value) read(inner);
    } else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        read(key);
        read(inner);
      }
    }
  };
  for (const node of doc.getMap("nodes").values()) read(node);
  return found;
}
