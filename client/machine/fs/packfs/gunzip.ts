// gzip and sha256 from the runtime itself: browsers' workers and Node have the same two globals.

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
declare const crypto: {
  readonly subtle: { digest(algorithm: "SHA-256", data: Uint8Array): Promise<ArrayBuffer> };
};

/** Rejects where the bytes are no gzip. */
export async function gunzip(packed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export async function sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
