// gzip from the runtime itself: browsers' workers and Node have the same globals.

// Declared here because the machine's type world has neither the DOM's library nor Node's.
declare class DecompressionStream {
  constructor(format: "gzip");
  readonly readable: ByteStream;
  readonly writable: unknown;
}
interface ByteStream {
  pipeThrough(stream: DecompressionStream): ByteStream;
}
declare class Blob {
  constructor(parts: readonly Uint8Array[]);
  stream(): ByteStream;
}
declare class Response {
  constructor(body: ByteStream);
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Rejects where the bytes are no gzip. */
export async function gunzip(packed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
