// The states of a participant's connection and every transition between them (table in core/room/SPEC.md). Pure: each
// transition returns the next state, and one that a state does not have returns the state as it is.

/** Whether the room has everything that the participant has changed. */
type EditState =
  /** Every edit that arrived is stored, or in the batch that is about to be. */
  | { readonly kind: "current" }
  /** The room may lack edits. No mark is answered before the next step 2; `mark` is the last one that waits for it. */
  | { readonly kind: "behind"; readonly mark?: number };

type LivenessState =
  | { readonly kind: "heard" }
  /** It was silent and has been asked for a sign, at this time in milliseconds since 1970. */
  | { readonly kind: "asked"; readonly at: number };

export type ConnectionState =
  | { readonly kind: "joined"; readonly edits: EditState; readonly liveness: LivenessState }
  /** The room has closed it: nothing more is taken or sent. It is forgotten at the end of the present task. */
  | { readonly kind: "closing" }
  /** The room has forgotten it. */
  | { readonly kind: "ended" };

export function joined(behind: boolean): ConnectionState {
  return { kind: "joined", edits: { kind: behind ? "behind" : "current" }, liveness: { kind: "heard" } };
}

/** The room lacks, or may lack, an edit of this participant. */
export function missEdits(state: ConnectionState): ConnectionState {
  if (state.kind !== "joined" || state.edits.kind === "behind") return state;
  return { ...state, edits: { kind: "behind" } };
}

/** A mark cannot be answered yet; it replaces an earlier one, which it includes. */
export function holdMark(state: ConnectionState, mark: number): ConnectionState {
  return state.kind === "joined" ? { ...state, edits: { kind: "behind", mark } } : state;
}

/** A step 2 has brought what the room lacked. `mark` can be answered once that is stored. */
export function catchUp(state: ConnectionState): {
  readonly state: ConnectionState;
  readonly mark: number | undefined;
} {
  if (state.kind !== "joined" || state.edits.kind === "current") return { state, mark: undefined };
  return { state: { ...state, edits: { kind: "current" } }, mark: state.edits.mark };
}

/** It is asked for a sign; once more where the room itself was late to read the answer. */
export function ask(state: ConnectionState, at: number): ConnectionState {
  return state.kind === "joined" ? { ...state, liveness: { kind: "asked", at } } : state;
}

/** It has given a sign. */
export function hear(state: ConnectionState): ConnectionState {
  if (state.kind !== "joined" || state.liveness.kind === "heard") return state;
  return { ...state, liveness: { kind: "heard" } };
}

/** The room closes it. */
export function close(state: ConnectionState): ConnectionState {
  return state.kind === "joined" ? { kind: "closing" } : state;
}

/** Its socket has ended, or the room has finished closing it. */
export function end(): ConnectionState {
  return { kind: "ended" };
}
