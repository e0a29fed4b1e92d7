// How it stands with the room, as the interface shows it.

/** The connection; the table of states in SPEC.md says which state is shown as which. */
export type ConnectionStatus =
  | { readonly kind: "connecting" }
  | { readonly kind: "online" }
  /** `since`: milliseconds since 1970. */
  | { readonly kind: "offline"; readonly since: number }
  /** `startedOver`: the server's project is another one by now, and what was here has been put aside. */
  | { readonly kind: "refused"; readonly reason: string; readonly startedOver?: true };

/** Whether the server writes down what it gets; `reason` is a sentence. */
export type StorageStatus = { readonly ok: true } | { readonly ok: false; readonly reason: string };
