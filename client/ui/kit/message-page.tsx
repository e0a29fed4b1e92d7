// A page that says one thing: what happened, what is safe, what to do.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Logo } from "./logo.tsx";
import "./message-page.css";

export interface MessagePageProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly actions?: ComponentChildren;
}

export function MessagePage({ title, children, actions }: MessagePageProps) {
  useEffect(() => {
    document.title = `${title.replace(/\.$/, "")} · Conch`;
  }, [title]);
  return (
    <main class="kit-message-page">
      <div role="alert">
        <Logo size={28} />
        <h1>{title}</h1>
        {children}
      </div>
      {actions === undefined ? null : <div class="kit-message-actions">{actions}</div>}
    </main>
  );
}
