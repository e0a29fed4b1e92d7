// An OpenID Connect provider on loopback, as people's employers and schools have one: real protocol, no passwords.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

export interface ProviderAccount {
  readonly name: string;
  readonly email: string;
  readonly verified: boolean;
}

export class IdentityProvider {
  readonly issuer: string;
  readonly #server: Server;
  /** Whoever signs in next, at the provider's page. */
  #next = "";

  private constructor(server: Server, issuer: string) {
    this.#server = server;
    this.issuer = issuer;
  }

  /** `redirect` is where the server under test is sent back to. */
  static async start(
    redirect: string,
    accounts: Readonly<Record<string, ProviderAccount>>,
  ): Promise<IdentityProvider> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const identity = new IdentityProvider(server, issuer);
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: "conch",
          client_secret: "a secret of the tests",
          redirect_uris: [redirect],
          grant_types: ["authorization_code"],
          response_types: ["code"],
          token_endpoint_auth_method: "client_secret_post",
        },
      ],
      claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"] },
      features: { devInteractions: { enabled: false } },
      cookies: { keys: ["tests"] },
      pkce: { required: () => true },
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
      findAccount: (_context, id) => {
        const account = accounts[id];
        return account === undefined
          ? undefined
          : {
              accountId: id,
              claims: () => ({
                sub: id,
                name: account.name,
                email: account.email,
                email_verified: account.verified,
              }),
            };
      },
    });
    const callback = provider.callback();
    const interact = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const grant = new provider.Grant({ accountId: identity.#next, clientId: "conch" });
      grant.addOIDCScope("openid profile email");
      const grantId = await grant.save();
      const result = { login: { accountId: identity.#next }, consent: { grantId } };
      await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    };
    server.on("request", (request, response) => {
      if (request.url?.startsWith("/interaction/") === true)
        interact(request, response).catch((thrown: unknown) => response.writeHead(500).end(String(thrown)));
      else void callback(request, response);
    });
    return identity;
  }

  /** The person at the keyboard. */
  use(account: string): void {
    this.#next = account;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** A browser as far as cookies and redirects go. */
export class CookieJar {
  readonly #cookies = new Map<string, Map<string, string>>();

  async fetch(address: string, init: RequestInit = {}): Promise<Response> {
    const { host } = new URL(address);
    const jar = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, jar);
    const headers = new Headers(init.headers);
    headers.set("Cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
    const response = await fetch(address, { ...init, headers, redirect: "manual" });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = cookie.split("; ");
      const [name = "", value = ""] = pair.split("=", 2);
      if (value === "" || attributes.some((each) => /^max-age=0$/i.test(each))) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Follows redirects; stops where one begins with `until`, which it returns. */
  async follow(address: string, until?: string): Promise<string> {
    let at = address;
    for (let steps = 0; steps < 20; steps++) {
      const response = await this.fetch(at);
      await response.body?.cancel();
      const to = response.headers.get("Location");
      if (to === null) return at;
      at = new URL(to, at).href;
      if (until !== undefined && at.startsWith(until)) return at;
    }
    throw new Error(`no end of redirects at ${at}`);
  }
}
