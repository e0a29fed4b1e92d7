// The index of a product: what the build hands to machines, as one file beside the files that it names.
// All of one product belongs together: snapshot and fid table name inode numbers that the manifest gave.

export const productIndexFile = "guest.json";

/** Ends the name of an unpacked copy of a gzip file, for machines that read the product from their own disk. */
export const unpackedSuffix = ".unpacked";

/** A file of the product, its name relative to the index. */
export interface ProductFile {
  readonly file: string;
  readonly bytes: number;
}

export interface ProductIndex {
  readonly format: "conch-guest";
  readonly version: 1;
  /** Hash of everything that a running machine depends on: two products with one id are interchangeable. */
  readonly id: string;
  /**
   * Hash of the image's inodes and what is in them: what was changed of one image fits every product with the same.
   * Products of one image may differ in their kernel, their snapshot and their packs.
   */
  readonly image: string;
  /** Memory of the snapshot's machine; a cold boot may take another size. */
  readonly memoryBytes: number;
  /** Largest 9P message, as the kernel mounted its root. */
  readonly msize: number;
  readonly cmdline: string;
  readonly kernel: ProductFile;
  readonly bios: ProductFile;
  /** gzip, as SPEC.md beside this file has it. */
  readonly manifest: ProductFile;
  /** Packs lie at `packs`/HASH. */
  readonly packs: string;
  /** Packs that a first session touches, in that order: worth fetching once the prompt stands. */
  readonly hotPacks: readonly string[];
  /** What restoring needs; absent where the guest was built without a snapshot. */
  readonly snapshot?: {
    /** gzip of v86's state. */
    readonly state: ProductFile;
    /** JSON for the machine that restores: fid table, overlay, agent. */
    readonly host: ProductFile;
  };
  readonly licences: ProductFile;
}

/** Throws a sentence where the text is no index that this code can use. */
export function readProductIndex(text: string): ProductIndex {
  const product = JSON.parse(text) as Partial<ProductIndex>;
  if (product.format !== "conch-guest" || product.version !== 1)
    throw new Error("the guest was built for another version of Conch: run `npm run build:guest`");
  const needed = [
    "id",
    "image",
    "memoryBytes",
    "msize",
    "cmdline",
    "kernel",
    "bios",
    "manifest",
    "packs",
    "hotPacks",
  ] as const;
  for (const name of needed)
    if (product[name] === undefined) throw new Error(`the guest's index is damaged: it has no ${name}`);
  return product as ProductIndex;
}
