import { createHmac, timingSafeEqual } from "node:crypto";
import { parseCookie, stringifySetCookie } from "cookie";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";

/**
 * A visitor needs no account: a signed cookie holds a random id and nothing else. The signature keeps visitors from
 * choosing ids, which would let them vote in battles of others.
 */
const cookieName = "visitor";
const maxAgeSeconds = 365 * 24 * 60 * 60;

export type VisitorCookies = {
  /** The visitor of a `Cookie` header; null when there is none or its signature is wrong. */
  read(cookieHeader: string | undefined): string | null;
  /** A new visitor and the `Set-Cookie` header that makes the browser keep it. */
  create(): { visitorId: string; setCookie: string };
  /** The `Set-Cookie` header that makes the browser forget its visitor. */
  clear(): string;
};

export function createVisitorCookies(options: { secret: string; isSecure: boolean }): VisitorCookies {
  const sign = (visitorId: string) =>
    createHmac("sha256", options.secret).update(`visitor:${visitorId}`).digest("base64url");

  const attributes = {
    name: cookieName,
    httpOnly: true,
    sameSite: "lax",
    secure: options.isSecure,
    path: "/",
  } as const;

  return {
    read(cookieHeader) {
      const value = cookieHeader === undefined ? undefined : parseCookie(cookieHeader)[cookieName];
      const [visitorId, signature, ...rest] = value?.split(".") ?? [];
      if (visitorId === undefined || signature === undefined || rest.length > 0) return null;
      const expected = Buffer.from(sign(visitorId));
      const given = Buffer.from(signature);
      if (expected.length !== given.length || !timingSafeEqual(expected, given)) return null;
      return z.uuid().safeParse(visitorId).success ? visitorId : null;
    },
    create() {
      const visitorId = uuidv7();
      const value = `${visitorId}.${sign(visitorId)}`;
      return { visitorId, setCookie: stringifySetCookie({ ...attributes, value, maxAge: maxAgeSeconds }) };
    },
    clear: () => stringifySetCookie({ ...attributes, value: "", maxAge: 0 }),
  };
}
