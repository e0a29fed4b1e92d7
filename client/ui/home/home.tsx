// The first page: what Conch is, one button that makes a project, examples, and where you have been.

import { useSignal } from "@preact/signals";
import {
  ArrowRight,
  Binary,
  ChartLine,
  Cpu,
  FolderOpen,
  FolderTree,
  LogIn,
  LogOut,
  Moon,
  Plus,
  Sun,
  Waves,
  X,
} from "lucide-preact";
import type { LucideIcon } from "lucide-preact";
import { Button, IconButton } from "#ui/kit/button.tsx";
import { Logo } from "#ui/kit/logo.tsx";
import { theme, toggleTheme } from "#ui/kit/theme.ts";
import "./home.css";

interface RecentProject {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
}

interface Example {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly icon: LucideIcon;
}

/** What a project can start from; the ids are those the server knows. */
const examples: readonly Example[] = [
  { id: "welcome", title: "Welcome", text: "What Conch is, by running it.", icon: Waves },
  { id: "shell", title: "Shell and files", text: "A real shell on the files you share.", icon: FolderTree },
  { id: "program", title: "A small program", text: "Write it, build it, run it.", icon: Cpu },
  { id: "data", title: "Data and a chart", text: "From numbers to a picture.", icon: ChartLine },
  { id: "wasm", title: "WebAssembly", text: "Programs that need no Linux.", icon: Binary },
  { id: "empty", title: "An empty project", text: "For files of your own.", icon: FolderOpen },
];

export interface HomeProps {
  readonly recent: readonly RecentProject[];
  /** Makes a project and goes there; rejects with a sentence. */
  readonly onCreate: (example?: string) => Promise<void>;
  readonly onForget: (id: string) => void;
  /** Where people can sign in; without a name nobody has. */
  readonly account:
    | { readonly name: string | undefined; readonly signIn: () => void; readonly signOut: () => void }
    | undefined;
  readonly signInFailed: boolean;
}

export function Home({ recent, onCreate, onForget, account, signInFailed }: HomeProps) {
  const busy = useSignal<string | undefined>(undefined);
  const problem = useSignal<string | undefined>(
    signInFailed ? "Signing in did not work. Nothing was changed: try it again." : undefined,
  );
  const create = (example?: string): void => {
    busy.value = example ?? "new";
    problem.value = undefined;
    onCreate(example).catch((error: unknown) => {
      busy.value = undefined;
      problem.value = error instanceof Error ? error.message : String(error);
    });
  };
  const dark = theme.value === "dark";
  return (
    <div class="home">
      <header class="home-bar">
        <span class="home-brand">
          <Logo size={22} /> Conch
        </span>
        <span class="home-space" />
        {account === undefined ? null : account.name === undefined ? (
          <Button kind="quiet" icon={LogIn} onClick={account.signIn}>
            Sign in
          </Button>
        ) : (
          <>
            <span class="home-account">{account.name}</span>
            <Button kind="quiet" icon={LogOut} onClick={account.signOut}>
              Sign out
            </Button>
          </>
        )}
        <IconButton
          icon={dark ? Sun : Moon}
          label={dark ? "Light theme" : "Dark theme"}
          onClick={toggleTheme}
        />
      </header>
      <main class="home-page">
        <h1>A shared desk with real Linux on it.</h1>
        <p class="home-lead">
          One link opens the same live files for everybody. Each person brings a Linux machine of their own,
          right in their tab.
        </p>
        <div class="home-start">
          <Button kind="primary" icon={Plus} disabled={busy.value !== undefined} onClick={() => create()}>
            New project
          </Button>
          <span class="home-note">No account. The link is the key.</span>
        </div>
        {problem.value === undefined ? null : (
          <p class="home-problem" role="alert">
            {problem.value}
          </p>
        )}
        {recent.length === 0 ? null : (
          <section aria-labelledby="home-recent">
            <h2 id="home-recent">Where you have been</h2>
            <ul class="home-recent">
              {recent.map((project) => (
                <li key={project.id}>
                  <a href={`/p/${project.id}`}>
                    <span class="home-recent-name">{project.name}</span>
                    <time dateTime={new Date(project.openedAt).toISOString()}>{ago(project.openedAt)}</time>
                  </a>
                  <IconButton
                    icon={X}
                    size="small"
                    label={`Forget ${project.name}`}
                    onClick={() => onForget(project.id)}
                  />
                </li>
              ))}
            </ul>
          </section>
        )}
        <section aria-labelledby="home-examples">
          <h2 id="home-examples">Or start from</h2>
          <ul class="home-examples">
            {examples.map(({ id, title, text, icon: Icon }) => (
              <li key={id}>
                <button type="button" disabled={busy.value !== undefined} onClick={() => create(id)}>
                  <Icon size={18} strokeWidth={1.75} aria-hidden="true" />
                  <strong>{title}</strong>
                  <span>{text}</span>
                  <ArrowRight class="home-arrow" size={16} aria-hidden="true" />
                </button>
              </li>
            ))}
          </ul>
        </section>
      </main>
    </div>
  );
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

function ago(time: number): string {
  const minutes = Math.round((time - Date.now()) / 60_000);
  if (minutes > -1) return "just now";
  if (minutes > -60) return relative.format(minutes, "minute");
  if (minutes > -60 * 24) return relative.format(Math.round(minutes / 60), "hour");
  return relative.format(Math.round(minutes / 60 / 24), "day");
}
