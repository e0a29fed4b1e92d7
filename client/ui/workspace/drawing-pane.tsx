// A text file; an SVG file also as the picture that it is. A file that gets another name keeps its editor.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type * as Y from "yjs";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { Button } from "#ui/kit/button.tsx";
import { Picture } from "./picture.tsx";
import { TextPane } from "./text-pane.tsx";
import type { TextPaneProps } from "./text-pane.tsx";

/** Milliseconds after the last change before the picture is drawn anew. */
const drawDelay = 300;

export interface DrawingPaneProps extends TextPaneProps {
  /** It is a picture as well. */
  readonly drawing: boolean;
}

export function DrawingPane(props: DrawingPaneProps) {
  const { name, text, focus, drawing } = props;
  const asText = useSignal(!drawing);
  useEffect(() => {
    // Whoever comes for a line of it wants the text.
    if (focus?.line !== undefined) asText.value = true;
  }, [focus, asText]);
  return (
    <div class="drawing">
      {drawing ? (
        <div class="drawing-bar" role="group" aria-label={`Show ${name} as`}>
          <Button kind={asText.value ? "quiet" : "plain"} onClick={() => (asText.value = false)}>
            Picture
          </Button>
          <Button kind={asText.value ? "plain" : "quiet"} onClick={() => (asText.value = true)}>
            Text
          </Button>
        </div>
      ) : null}
      {asText.value || !drawing ? <TextPane {...props} /> : <Drawing name={name} text={text} />}
    </div>
  );
}

function Drawing({ name, text }: { readonly name: string; readonly text: Y.Text }) {
  const bytes = useSignal(encodeUtf8(text.toJSON()));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onText = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => (bytes.value = encodeUtf8(text.toJSON())), drawDelay);
    };
    text.observe(onText);
    return () => {
      text.unobserve(onText);
      clearTimeout(timer);
    };
  }, [text, bytes]);
  return (
    <div class="bytes-view">
      <Picture bytes={bytes.value} type="image/svg+xml" name={name} />
    </div>
  );
}
