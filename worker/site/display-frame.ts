// The empty document in which an HTML display is drawn. It gets its content from the page that embeds it, and can show
// it and nothing else: its origin is opaque and its policy knows no network.

/**
 * `sandbox` without `allow-same-origin`: no parent, cookies, storage, service worker, top navigation or popups, also
 * where somebody opens the address by itself. The rest leaves the content's own scripts, styles and pictures.
 */
const policy = [
  "sandbox allow-scripts",
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  "img-src data: blob:",
  "font-src data:",
  "media-src data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types default",
].join("; ");

/**
 * The first message from the embedding page is the content; after that the document only tells how high it is.
 * No policy covers WebRTC, which could send datagrams: it is taken away, and so is what could bring it back, a frame
 * with a fresh set of globals. All other frames are refused by the policy; markup for one with `srcdoc`, whether it is
 * in the content or made by its scripts, passes here, as trusted types see to.
 */
const document = `<!doctype html>
<meta charset="utf-8">
<script>
addEventListener("message", function first(event) {
  const [port] = event.ports;
  if (event.source !== parent || port === undefined) return;
  removeEventListener("message", first);
  const { html, scheme, ink, accent, line } = event.data;
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "XSLTProcessor"]) delete globalThis[name];
  const unframed = (markup) => markup.replaceAll(/srcdoc/gi, "data-srcdoc");
  globalThis.trustedTypes?.createPolicy("default", {
    createHTML: (markup, type, sink) => (/srcdoc/i.test(sink) ? "" : unframed(markup)),
    createScript: (script) => script,
    createScriptURL: (address) => address,
  });
  document.open();
  document.write(\`<!doctype html><meta charset="utf-8"><style>
:root { color-scheme: \${scheme}; color: \${ink}; font: 14px/20px system-ui, sans-serif; }
body { margin: 8px 12px; }
a { color: \${accent}; }
table { border-collapse: collapse; }
td, th { padding: 2px 8px; border: 1px solid \${line}; text-align: start; }
@media print { :root { color-scheme: light; color: CanvasText; } a { color: LinkText; } td, th { border-color: GrayText; } }
</style>\` + unframed(html));
  document.close();
  const report = () => port.postMessage(Math.ceil(document.documentElement.getBoundingClientRect().height));
  new ResizeObserver(report).observe(document.documentElement);
  report();
});
</script>
`;

export function displayFrame(): Response {
  return new Response(document, {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": policy,
      // The frame of a project that is offline comes from the browser's own store.
      "Cache-Control": "public, max-age=31536000, immutable",
      "X-DNS-Prefetch-Control": "off",
    },
  });
}
