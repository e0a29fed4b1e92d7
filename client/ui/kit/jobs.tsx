// What takes more than a second: named, with how far it is, and a way to stop it. Shown with the messages.

import { signal } from "@preact/signals";
import { X } from "lucide-preact";
import { IconButton } from "./button.tsx";

/** Milliseconds before a job is worth a line. */
const quietTime = 1000;

export interface JobHandle {
  /** Aborted when the person stops the job. */
  readonly signal: AbortSignal;
  /** From 0 to 1, with what is being done now where that is worth a word. */
  progress(part: number, label?: string): void;
  end(): void;
}

interface Job {
  readonly id: number;
  readonly label: string;
  readonly percent: number;
  readonly stop: (() => void) | undefined;
}

const jobs = signal<readonly Job[]>([]);
let lastId = 0;

/** Begins a job. `stoppable`: the person may end it. Whoever begins one ends it. */
export function beginJob(label: string, stoppable = true): JobHandle {
  lastId += 1;
  const controller = new AbortController();
  let job: Job = {
    id: lastId,
    label,
    percent: 0,
    stop: stoppable ? () => controller.abort(new JobStopped()) : undefined,
  };
  let shown = false;
  let ended = false;
  const show = (): void => {
    jobs.value = jobs.value.map((other) => (other.id === job.id ? job : other));
  };
  const timer = setTimeout(() => {
    shown = true;
    jobs.value = [...jobs.value, job];
  }, quietTime);
  return {
    signal: controller.signal,
    progress: (part, now = job.label) => {
      const percent = Math.max(0, Math.min(100, Math.floor(100 * part)));
      if (ended || (percent === job.percent && now === job.label)) return;
      job = { ...job, label: now, percent };
      if (shown) show();
    },
    end: () => {
      ended = true;
      clearTimeout(timer);
      jobs.value = jobs.value.filter((other) => other.id !== job.id);
    },
  };
}

/** The reason that a stopped job's signal has. */
class JobStopped extends Error {}

/** No part of the messages that are read out: a percentage that counts up would never let the reader come to an end. */
export function JobList() {
  return (
    <>
      {jobs.value.map((job) => (
        <div class="kit-toast kit-job" key={job.id}>
          <span class="kit-job-label">{job.label}</span>
          <span class="kit-job-percent">{job.percent} %</span>
          {job.stop === undefined ? null : (
            <IconButton icon={X} size="small" label={`Stop: ${job.label}`} onClick={job.stop} />
          )}
          <span
            class="kit-job-bar"
            role="progressbar"
            aria-label={job.label}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={job.percent}
          >
            <span style={{ width: `${job.percent}%` }} />
          </span>
        </div>
      ))}
    </>
  );
}
