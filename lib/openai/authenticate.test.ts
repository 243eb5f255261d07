import type { IncomingHttpHeaders } from "node:http";
import { describe, expect, it } from "vitest";
import type { ApiCaller, VerifyKey } from "@/lib/accounts";
import { AppError } from "@/lib/errors";
import { type AuthenticateOptions, createAuthenticate } from "./authenticate";

const caller = { kind: "key", keyId: "1", ownerLabel: "lab" } as ApiCaller;

/** Knows one key at once, one after a look, and one that was revoked. */
const verifyKey: VerifyKey = (key) => {
  if (key === "sk-arena-used") return caller;
  if (key === "sk-arena-new") return Promise.resolve(caller);
  if (key === "sk-arena-gone")
    throw new AppError("invalid_api_key", { message: "This API key was revoked." });
  return null;
};

function ask(
  keys: string[],
  options: AuthenticateOptions,
  headers: IncomingHttpHeaders,
  remote = "127.0.0.1",
) {
  const raw = { socket: { remoteAddress: remote } };
  const request = { headers: { host: "127.0.0.1:3000", ...headers }, raw };
  return createAuthenticate(keys, options)(request as Parameters<ReturnType<typeof createAuthenticate>>[0]);
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const invalid = expect.objectContaining({ code: "invalid_api_key" });

describe("who calls", () => {
  it("is known without a promise for a key in use, with one for a key that has to be read", async () => {
    expect(ask([], { verifyKey }, bearer("sk-arena-used"), "10.0.0.1")).toEqual({ caller });
    const found = ask([], { verifyKey }, bearer("sk-arena-new"), "10.0.0.1");
    expect(found).toBeInstanceOf(Promise);
    expect(await found).toEqual({ caller });
  });

  it("is the environment for its keys, without scopes and limits", () => {
    expect(ask(["key-1"], { verifyKey }, bearer("key-1"), "10.0.0.1")).toMatchObject({
      caller: { kind: "environment", keyId: null, limits: { requestsPerDay: null } },
    });
    // The two kinds of key count beside each other.
    expect(ask(["key-1"], { verifyKey }, bearer("sk-arena-used"), "10.0.0.1")).toEqual({ caller });
  });

  it("is nobody on this machine without a key, or with one that is none", () => {
    expect(ask([], { verifyKey }, {})).toEqual({ caller: null });
    expect(ask([], { verifyKey }, bearer("none-needed"))).toEqual({ caller: null });
  });

  it("is refused on this machine too with a key that was revoked", () => {
    expect(() => ask([], { verifyKey }, bearer("sk-arena-gone"))).toThrow("revoked");
  });

  it.each<[string, string[], AuthenticateOptions, IncomingHttpHeaders, string?]>([
    ["from elsewhere", [], {}, {}, "192.168.1.7"],
    ["through a proxy on this machine", [], {}, { "x-forwarded-proto": "https" }],
    ["where a key is asked for", ["key-1"], {}, {}],
    ["where the site forbids it", [], { isKeylessAllowed: () => false }, {}],
    ["with an unknown key from elsewhere", ["key-1"], {}, bearer("key-2"), "192.168.1.7"],
    ["by a page whose name leads here", [], {}, { host: "rebound.example" }],
  ])("is refused without a key %s", (_name, keys, options, headers, remote) => {
    let thrown: unknown;
    try {
      ask(keys, { verifyKey, ...options }, headers, remote);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toEqual(invalid);
  });
});
