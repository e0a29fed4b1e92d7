// Refusals, over HTTP and over WebSocket: the same reasons, a sentence each.

import { refusalSentences, type TokenCheck } from "#core/auth/token.ts";
import { closeCode, closeReason, type CloseCode } from "#core/room/close.ts";

export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 411 | 413 | 422 | 426 | 507;
  readonly sentence: string;
}

export const unknownProject: Refusal = { status: 404, sentence: "There is no such project." };

export function tokenRefusal(check: Extract<TokenCheck, { ok: false }>): Refusal {
  return {
    status: check.reason === "wrong-project" ? 403 : 401,
    sentence: refusalSentences[check.reason],
  };
}

export function refuse({ status, sentence }: Refusal): Response {
  return Response.json({ error: sentence }, { status, headers: { "Cache-Control": "no-store" } });
}

export function isWebSocket(request: Request): boolean {
  return request.headers.get("Upgrade")?.toLowerCase() === "websocket";
}

const closeCodes: Partial<Record<Refusal["status"], CloseCode>> = {
  401: closeCode.unauthorized,
  403: closeCode.forbidden,
  404: closeCode.unknownProject,
};

/** A socket that was refused is accepted and closed: only so can the browser see why. */
export function refuseSocket({ status, sentence }: Refusal): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(closeCodes[status] ?? closeCode.malformed, closeReason(sentence));
  return new Response(null, { status: 101, webSocket: client });
}
