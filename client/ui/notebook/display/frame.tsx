// A page that a program shows, in a frame that can reach nothing: the Worker serves an empty document of an opaque
// origin (core/notebook/output/display-frame.ts), which is handed the page, and tells how high it is.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { displayFramePath, isFrameHeight, type FrameContent } from "#core/notebook/output/display-frame.ts";
import { theme, token } from "#ui/kit/theme.ts";

/** Pixels: until the page has told, and at most; then it scrolls. */
const firstHeight = 160;
const largestHeight = 560;
/** ms. A frame that is silent for so long has not been served. */
const patience = 8_000;

export interface DisplayFrameProps {
  readonly html: string;
  readonly name: string;
}

export function DisplayFrame({ html, name }: DisplayFrameProps) {
  // In another theme it is another document.
  return <Frame key={theme.value} html={html} name={name} />;
}

function Frame({ html, name }: DisplayFrameProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const height = useSignal<number | undefined>(undefined);
  const silent = useSignal(false);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", ({ data }: { readonly data: unknown }) => {
      if (isFrameHeight(data)) height.value = data;
    });
    port1.start();
    // Once: a page that goes elsewhere, or loads itself anew, is not served again.
    const onLoad = (): void => {
      const content: FrameContent = {
        html,
        scheme: theme.peek(),
        ink: token("ink"),
        accent: token("accent-strong"),
        line: token("line-strong"),
      };
      // Its origin is opaque, so it has no name to send to; the document is ours, or it could not have loaded.
      element.contentWindow?.postMessage(content, "*", [port2]);
    };
    element.addEventListener("load", onLoad, { once: true });
    element.src = displayFramePath;
    const timer = setTimeout(() => (silent.value = height.peek() === undefined), patience);
    return () => {
      clearTimeout(timer);
      element.removeEventListener("load", onLoad);
      port1.close();
    };
  }, [html, height, silent]);
  return (
    <>
      {silent.value && height.value === undefined ? (
        <p role="alert" class="display-problem">
          {name} cannot be shown while the server cannot be reached: it is drawn in a separate page.
        </p>
      ) : null}
      <iframe
        ref={frame}
        class="display-frame"
        title={name}
        sandbox="allow-scripts"
        referrerpolicy="no-referrer"
        style={{
          height: `${Math.min(height.value ?? firstHeight, largestHeight)}px`,
          // On paper nobody can scroll.
          "--whole": `${height.value ?? firstHeight}px`,
        }}
      />
    </>
  );
}
