// Headers of every response: cross-origin isolation, which shared memory needs, and what the page may load.

const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  // Monaco, dockview and xterm set styles from script.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "media-src 'self' data: blob:",
  "connect-src 'self'",
  // v86 starts its timer from a blob.
  "worker-src 'self' blob:",
  // The frame of displays (display-frame.ts), which cannot lead anywhere else either.
  "frame-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const everywhere: Readonly<Record<string, string>> = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Content-Security-Policy": policy,
  "X-Content-Type-Options": "nosniff",
  // Links hold tokens after the #; not even the path is anybody else's business.
  "Referrer-Policy": "no-referrer",
};

export function withHeaders(response: Response): Response {
  // The answer to a WebSocket request cannot be rebuilt, and needs none of this.
  if (response.status === 101) return response;
  const result = new Response(response.body, response);
  // A document with a policy of its own may do less than the page.
  for (const [name, value] of Object.entries(everywhere))
    if (!result.headers.has(name)) result.headers.set(name, value);
  return result;
}
