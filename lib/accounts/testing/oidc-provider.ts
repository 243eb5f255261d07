import { createSign, generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type OidcPerson = { sub: string; email: string; email_verified: boolean; name: string };

/**
 * A small OpenID Connect provider: discovery, keys, and a token endpoint that gives a signed ID token for whoever is
 * `person`. The part that a browser does at the authorization endpoint is {@link OidcProvider.consent}.
 */
export type OidcProvider = {
  issuer: string;
  person: OidcPerson;
  /** What the provider sends the browser back to, for the address that it was sent to. */
  consent(authorizationUrl: string): string;
  close(): Promise<void>;
};

const clientId = "arena";

export async function startOidcProvider(person: OidcPerson): Promise<OidcProvider> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const nonces = new Map<string, string>();
  let issuer = "";
  const provider = { person };

  const idToken = (nonce: string | undefined): string => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, aud: clientId, iat: now, exp: now + 300, nonce, ...provider.person };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const signed = `${part({ alg: "RS256", kid: "1", typ: "JWT" })}.${part(claims)}`;
    return `${signed}.${createSign("RSA-SHA256").update(signed).sign(privateKey, "base64url")}`;
  };

  const server = createServer(async (request, response) => {
    const answer = (body: object) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(body));
    };
    if (request.url === "/.well-known/openid-configuration") {
      answer({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        id_token_signing_alg_values_supported: ["RS256"],
      });
    } else if (request.url === "/jwks") {
      answer({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "1", alg: "RS256", use: "sig" }] });
    } else if (request.url === "/token") {
      let text = "";
      for await (const chunk of request) text += String(chunk);
      const code = new URLSearchParams(text).get("code") ?? "";
      if (!nonces.has(code)) {
        response.statusCode = 400;
        answer({ error: "invalid_grant" });
      } else {
        answer({
          access_token: "at",
          token_type: "Bearer",
          expires_in: 300,
          id_token: idToken(nonces.get(code)),
        });
      }
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    issuer,
    get person() {
      return provider.person;
    },
    set person(next) {
      provider.person = next;
    },
    consent(authorizationUrl) {
      const { searchParams } = new URL(authorizationUrl);
      const code = `code-${nonces.size}`;
      nonces.set(code, searchParams.get("nonce") ?? "");
      const back = new URL(searchParams.get("redirect_uri") ?? "");
      back.search = new URLSearchParams({ code, state: searchParams.get("state") ?? "" }).toString();
      return back.pathname + back.search;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
