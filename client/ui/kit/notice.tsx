// A line across the page about something that stays true until the reader has done something about it.

import type { ComponentChildren } from "preact";
import "./notice.css";

export interface NoticeProps {
  readonly children: ComponentChildren;
  readonly actions?: ComponentChildren;
}

export function Notice({ children, actions }: NoticeProps) {
  return (
    <div class="kit-notice" role="alert">
      <p>{children}</p>
      {actions === undefined ? null : <div class="kit-notice-actions">{actions}</div>}
    </div>
  );
}
