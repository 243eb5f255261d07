import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leadingZeroBits, proofText } from "@/lib/protocol";
import { findProof } from "./find-proof";
import { sha256 } from "./sha256";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("sha256", () => {
  it("gives the standard's example", () => {
    expect(hex(sha256("abc"))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("agrees with another implementation on ASCII of any length", () => {
    const ascii = fc.string({ unit: "grapheme-ascii", maxLength: 200 });
    fc.assert(
      fc.property(ascii, (text) => hex(sha256(text)) === createHash("sha256").update(text).digest("hex")),
    );
  });
});

describe("a proof", () => {
  it("has as many zero bits as were asked for, by another implementation too", () => {
    const answer = findProof("challenge.of.this.test", 10);
    const hash = createHash("sha256").update(proofText("challenge.of.this.test", answer)).digest();
    expect(leadingZeroBits(hash)).toBeGreaterThanOrEqual(10);
  });

  it.each([
    [[0xff], 0],
    [[0x01, 0xff], 7],
    [[0x00, 0x80], 8],
    [[0x00, 0x00], 16],
  ])("of %j begins with %i zero bits", (bytes, bits) => {
    expect(leadingZeroBits(Uint8Array.from(bytes))).toBe(bits);
  });
});
