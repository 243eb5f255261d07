import { describe, expect, it } from "vitest";
import { createVisitorCookies } from "./visitor-cookie";

const secret = "0123456789abcdef0123456789abcdef";
const cookies = createVisitorCookies({ secret, isSecure: false });

/** What a browser sends back of a `Set-Cookie` header. */
const sent = (setCookie: string) => setCookie.split(";")[0] ?? "";

describe("the visitor's cookie", () => {
  it("brings back the visitor that it was made for", () => {
    const { visitorId, setCookie } = cookies.create();
    expect(cookies.read(sent(setCookie))).toBe(visitorId);
    expect(cookies.read(`theme=dark; ${sent(setCookie)}; locale=zh`)).toBe(visitorId);
  });

  it("is out of reach for scripts and other sites, and TLS-only where the site says so", () => {
    expect(cookies.create().setCookie).toMatch(/HttpOnly.*SameSite=Lax|SameSite=Lax.*HttpOnly/);
    expect(cookies.create().setCookie).not.toContain("Secure");
    expect(createVisitorCookies({ secret, isSecure: true }).create().setCookie).toContain("Secure");
  });

  it("cannot be chosen, altered, or carried over from another site", () => {
    const [, value = ""] = sent(cookies.create().setCookie).split("=");
    const [id = "", signature = ""] = value.split(".");
    const other = cookies.create().visitorId;
    const forged = [
      `visitor=${other}.${signature}`,
      `visitor=${id}.${signature.slice(0, -1)}`,
      `visitor=${id}.${signature}.more`,
      `visitor=${id}.`,
      `visitor=${id}`,
      "visitor=.",
      "visitor=",
    ];
    for (const header of forged) expect(cookies.read(header)).toBeNull();
    expect(cookies.read(undefined)).toBeNull();
    const elsewhere = createVisitorCookies({ secret: secret.toUpperCase(), isSecure: false });
    expect(elsewhere.read(`visitor=${value}`)).toBeNull();
  });
});
