import { describe, expect, it } from "vitest";
import { hashToken, isTokenOf, makeToken, prefixOf } from "./secret-token";

describe("secret tokens", () => {
  it("have a prefix that is found again, and a hash that fits only the whole", () => {
    const token = makeToken("sk-arena-");
    expect(token.text).toMatch(/^sk-arena-[0-9a-f]{12}[\w-]{43}$/);
    expect(prefixOf("sk-arena-", token.text)).toBe(token.prefix);
    expect(isTokenOf(token.hash, token.text)).toBe(true);
    expect(isTokenOf(token.hash, `${token.prefix}${"A".repeat(43)}`)).toBe(false);
    expect(isTokenOf(token.hash.subarray(1), token.text)).toBe(false);
  });

  it("never repeat", () => {
    expect(new Set(Array.from({ length: 200 }, () => makeToken("jt-arena-").text)).size).toBe(200);
  });

  it("are told from everything else without a look at the database", () => {
    const { text } = makeToken("sk-arena-");
    for (const other of [
      "",
      "sk-other",
      text.slice(1),
      `${text}x`,
      text.replace("sk-", "jt-"),
      `sk-arena-${"Z".repeat(55)}`,
    ]) {
      expect(prefixOf("sk-arena-", other)).toBeNull();
    }
  });

  it("hash as SHA-256 does", () => {
    expect(hashToken("abc").toString("hex")).toMatch(/^ba7816bf8f01cfea414140de5dae2223/);
  });
});
