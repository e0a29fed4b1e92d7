// The edge between two areas: dragged, or moved with the arrow keys.

import { useRef } from "preact/hooks";

/** Pixels that an arrow key moves the edge by. */
const keyStep = 16;

export interface ResizerProps {
  readonly label: string;
  /** The edge itself: a vertical one moves left and right. */
  readonly orientation: "vertical" | "horizontal";
  /** Pixels since the last call; right and down are positive. */
  readonly onMove: (pixels: number) => void;
  /** Where it stands: pixels, or percent. */
  readonly value: number;
  readonly least: number;
  readonly most: number;
}

export function Resizer({ label, orientation, onMove, value, least, most }: ResizerProps) {
  const last = useRef(0);
  const vertical = orientation === "vertical";
  const position = (event: PointerEvent): number => (vertical ? event.clientX : event.clientY);
  return (
    <div
      class={`resizer resizer-${orientation}`}
      role="separator"
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={value}
      aria-valuemin={least}
      aria-valuemax={most}
      data-tip={label}
      data-key={vertical ? "← →" : "↑ ↓"}
      tabIndex={0}
      onPointerDown={(event) => {
        last.current = position(event);
        event.currentTarget.setPointerCapture(event.pointerId);
        event.preventDefault();
      }}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const now = position(event);
        if (now !== last.current) onMove(now - last.current);
        last.current = now;
      }}
      onKeyDown={(event) => {
        const back = vertical ? "ArrowLeft" : "ArrowUp";
        const forth = vertical ? "ArrowRight" : "ArrowDown";
        const step = event.key === back ? -1 : event.key === forth ? 1 : 0;
        if (step === 0) return;
        event.preventDefault();
        onMove(step * keyStep);
      }}
    />
  );
}
