import { describe, expect, it } from "vitest";
import { keylessRule, warnAtStart } from "./first-run";

const open = { ARENA_KEYLESS_LOOPBACK: undefined, ARENA_API_KEYS: [], TRUST_PROXY: 0 };

describe("keyless use", () => {
  it("ends with the first key, while the site runs", () => {
    let hasKeys = false;
    const isAllowed = keylessRule(open, { hasKeys: () => hasKeys });
    expect(isAllowed()).toBe(true);
    hasKeys = true;
    expect(isAllowed()).toBe(false);
  });

  it("is never there beside keys of the environment or a proxy, and always as the operator says", () => {
    const rule = (changes: Partial<Parameters<typeof keylessRule>[0]>, hasKeys = false) =>
      keylessRule({ ...open, ...changes }, { hasKeys: () => hasKeys })();
    expect(rule({ ARENA_API_KEYS: ["key"] })).toBe(false);
    expect(rule({ TRUST_PROXY: 1 })).toBe(false);
    expect(rule({ TRUST_PROXY: ["10.0.0.0/8"] })).toBe(false);
    expect(rule({ ARENA_KEYLESS_LOOPBACK: true, TRUST_PROXY: 1, ARENA_API_KEYS: ["key"] }, true)).toBe(true);
    expect(rule({ ARENA_KEYLESS_LOOPBACK: false })).toBe(false);
  });
});

describe("at its start a site", () => {
  async function warnings(host: string, isKeylessAllowed: boolean, canWorkersJoin: boolean | Error) {
    const told: string[] = [];
    await warnAtStart({
      env: { HOST: host },
      isKeylessAllowed: () => isKeylessAllowed,
      accounts: {
        canWorkersJoin: async () => {
          if (canWorkersJoin instanceof Error) throw canWorkersJoin;
          return canWorkersJoin;
        },
      },
      logger: { warn: (_fields: object, message: string) => void told.push(message) } as never,
    });
    return told;
  }

  it.each(["0.0.0.0", "::", "10.1.1.1", "arena.example"])("warns of keyless use on %s", async (host) => {
    expect(await warnings(host, true, true)).toEqual([expect.stringContaining("without a key")]);
    expect(await warnings(host, false, true)).toEqual([]);
  });

  it.each(["127.0.0.1", "127.8.0.1", "::1", "localhost"])("says nothing on %s", async (host) => {
    expect(await warnings(host, true, true)).toEqual([]);
  });

  it("says that no worker can register, or that it cannot tell", async () => {
    expect(await warnings("127.0.0.1", false, false)).toEqual([
      expect.stringContaining("no worker can register"),
    ]);
    expect(await warnings("127.0.0.1", false, new Error("away"))).toEqual([
      expect.stringContaining("not known whether workers can register"),
    ]);
  });
});
