// The sidebar's search: a field, three switches, and what was found, by file. A click opens it there.

import { useSignal } from "@preact/signals";
import { CaseSensitive, ChevronRight, Regex, WholeWord, X } from "lucide-preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { NodeId } from "#core/project/project.ts";
import { Button, IconButton } from "#ui/kit/button.tsx";
import { FileIcon } from "#ui/kit/file-icon.tsx";
import { isComposing } from "#ui/kit/keys.ts";
import type { FileResult, Place, SearchModel, SearchState } from "./search-model.ts";
import "./search.css";

/** Files drawn at first, and added each time one asks: more in one task would hold up the page. */
const mostFiles = 40;
/** Lines of one file at first. */
const mostLines = 20;

export interface SearchPanelProps {
  readonly model: SearchModel;
  readonly onOpen: (file: NodeId, place: Place) => void;
  readonly onClose: () => void;
}

export function SearchPanel({ model, onOpen, onClose }: SearchPanelProps) {
  const input = useRef<HTMLInputElement>(null);
  const most = useSignal(mostFiles);
  const request = model.focusRequest.value;
  useLayoutEffect(() => input.current?.select(), [request]);
  const query = model.query.value;
  const results = model.results.value;
  const shown = results.slice(0, most.value);
  return (
    <div
      class="search"
      role="search"
      aria-label="Search in files"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || isComposing(event)) return;
        event.stopPropagation();
        if (model.state.value.kind === "searching") model.stop();
        else onClose();
      }}
    >
      <div class="search-head">
        <h2>Search</h2>
        <IconButton icon={X} size="small" label="Back to the files" onClick={onClose} />
      </div>
      <div class="search-field">
        <input
          ref={input}
          type="search"
          aria-label="Search in all files"
          placeholder="Search in all files"
          value={query.text}
          spellcheck={false}
          autoComplete="off"
          onInput={(event) => {
            most.value = mostFiles;
            model.ask({ text: event.currentTarget.value });
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !isComposing(event)) void model.search();
          }}
        />
        <IconButton
          icon={CaseSensitive}
          size="small"
          label="Match case"
          pressed={query.matchCase}
          onClick={() => model.ask({ matchCase: !query.matchCase })}
        />
        <IconButton
          icon={WholeWord}
          size="small"
          label="Whole words"
          pressed={query.wholeWord}
          onClick={() => model.ask({ wholeWord: !query.wholeWord })}
        />
        <IconButton
          icon={Regex}
          size="small"
          label="Regular expression"
          pressed={query.regex}
          onClick={() => model.ask({ regex: !query.regex })}
        />
      </div>
      <div
        class="search-state"
        role="status"
        aria-label="Search"
        aria-busy={model.state.value.kind === "searching"}
      >
        <span class={model.state.value.kind === "problem" ? "search-problem" : undefined}>
          {stateWords(model.state.value, model.count.value, results.length)}
        </span>
        {model.state.value.kind === "searching" ? (
          <Button kind="quiet" onClick={() => model.stop()}>
            Stop
          </Button>
        ) : null}
      </div>
      <div class="search-results">
        {shown.map((result) => (
          <FileGroup key={result.file} model={model} result={result} onOpen={onOpen} />
        ))}
        {shown.length < results.length ? (
          <Button kind="quiet" onClick={() => (most.value += mostFiles)}>
            {`Show more of ${results.length - shown.length} files`}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function FileGroup(props: {
  readonly model: SearchModel;
  readonly result: FileResult;
  readonly onOpen: SearchPanelProps["onOpen"];
}) {
  const { model, result, onOpen } = props;
  const open = useSignal(true);
  const all = useSignal(false);
  const entry = model.project.entry(result.file);
  if (entry === undefined) return null;
  const folder = model.project.path(entry.parent);
  const lines = all.value ? result.matches : result.matches.slice(0, mostLines);
  return (
    <section class="search-file" aria-label={entry.name}>
      <button
        type="button"
        class="search-name"
        aria-expanded={open.value}
        data-tip={model.project.path(entry.id)}
        onClick={() => (open.value = !open.value)}
      >
        <ChevronRight size={14} aria-hidden="true" class={open.value ? "search-open" : undefined} />
        <FileIcon kind={entry.kind} name={entry.name} />
        <span class="search-label">{entry.name}</span>
        <span class="search-folder">{folder}</span>
        <span class="search-count">{result.matches.length}</span>
      </button>
      {open.value ? (
        <ul>
          {lines.map((place, index) => (
            <li key={index}>
              <button type="button" class="search-line" onClick={() => onOpen(result.file, place)}>
                <span class="search-where">
                  {place.cell === undefined ? place.line : `cell ${place.cell.number}`}
                </span>
                <span class="search-text">
                  {place.before}
                  <mark>{place.hit}</mark>
                  {place.after}
                </span>
              </button>
            </li>
          ))}
          {lines.length < result.matches.length ? (
            <li>
              <button type="button" class="search-line search-all" onClick={() => (all.value = true)}>
                {result.matches.length - lines.length} more
              </button>
            </li>
          ) : null}
        </ul>
      ) : null}
    </section>
  );
}

function stateWords(state: SearchState, count: number, files: number): string {
  const found =
    count === 0
      ? "Nothing found"
      : `${count} ${count === 1 ? "match" : "matches"} in ${files} ${files === 1 ? "file" : "files"}`;
  switch (state.kind) {
    case "idle":
      return "";
    case "searching":
      return `Searching… ${Math.floor((100 * state.done) / Math.max(1, state.total))} %`;
    case "done":
      return count === 0 ? `${found}.` : found;
    case "stopped":
      return `Stopped. ${found} so far.`;
    case "enough":
      return `The first ${count} matches. Search for something closer.`;
    case "problem":
      return state.reason;
    default:
      return state satisfies never;
  }
}
