import type { FastifyReply, FastifyRequest } from "fastify";
import type { Auth } from "./create-auth";

/** What better-auth may see of a request. Not who asks: addresses are none of its business. */
const passedHeaders = [
  "cookie",
  "origin",
  "referer",
  "user-agent",
  "sec-fetch-site",
  "sec-fetch-mode",
  "sec-fetch-dest",
];

/** Hands a request to one of better-auth's endpoints: `path` below `/api/auth`, with a body that has been checked. */
export function forward(
  auth: Auth,
  publicUrl: string,
  request: FastifyRequest,
  path: string,
  body?: object,
): Promise<Response> {
  const headers = new Headers({ host: request.host });
  for (const name of passedHeaders) {
    const value = request.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  if (body === undefined)
    return auth.handle(new Request(new URL(`/api/auth${path}`, publicUrl), { headers }));
  headers.set("content-type", "application/json");
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  return auth.handle(new Request(new URL(`/api/auth${path}`, publicUrl), init));
}

/** Its cookies, on our reply. */
export function copyCookies(response: Response, reply: FastifyReply): void {
  for (const cookie of response.headers.getSetCookie()) reply.header("set-cookie", cookie);
}

/** The `Cookie` header with which the browser will come back, to see who has signed in just now. */
export function cookieHeaderOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0] ?? "")
    .join("; ");
}
