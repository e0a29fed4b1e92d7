// Draws displays into the lines of an output, which are no components.

import { render } from "preact";
import type { ShowDisplay } from "../screen-view.ts";
import { DisplayView, type OutputBlobs } from "./display-view.tsx";

/** Drawn at once in a notebook: a program that shows something in a loop must not stop the page. */
const drawnAtOnce = 60;

export function showDisplays(blobs: OutputBlobs): ShowDisplay {
  let drawn = 0;
  return (element, item) => {
    render(<DisplayView item={item} blobs={blobs} asked={drawn >= drawnAtOnce} />, element);
    drawn += 1;
    return () => {
      drawn -= 1;
      render(null, element);
    };
  };
}
