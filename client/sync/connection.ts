// How it stands with the room, as the interface shows it.

export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "online" }
  | { readonly kind: "offline"; readonly since: number }
  /** `startedOver`: the server's project is another one by now, and what was here has been put aside. */
  | { readonly kind: "refused"; readonly reason: string; readonly startedOver?: true };

/** Whether the server writes down what it gets; `reason` is a sentence. */
export type Storage = { readonly ok: true } | { readonly ok: false; readonly reason: string };
