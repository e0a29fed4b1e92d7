// The shape of what is coming, in its size: nothing jumps when it arrives.

import "./skeleton.css";

export interface SkeletonProps {
  /** How many lines; their widths vary by themselves. */
  readonly lines: number;
  readonly label?: string;
}

const widths = ["72%", "88%", "64%", "80%", "56%", "92%"] as const;

export function Skeleton({ lines, label = "Loading" }: SkeletonProps) {
  return (
    <div class="kit-skeleton" role="status" aria-label={label} aria-busy="true">
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} style={{ width: widths[index % widths.length] ?? "80%" }} />
      ))}
    </div>
  );
}
