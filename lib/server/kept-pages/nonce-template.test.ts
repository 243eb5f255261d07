import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newNonce } from "../security-headers";
import { fillGzip, fillPlain, toNonceTemplate } from "./nonce-template";

describe("a page with its nonce taken out", () => {
  it("has another one in every place and nothing else changed, compressed or not", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 400 }), { maxLength: 12 }), (texts) => {
        const [made, answered] = [newNonce(), newNonce()];
        const template = toNonceTemplate(Buffer.from(texts.join(made)), made);
        const expected = texts.join(answered);
        expect(fillPlain(template, answered).toString()).toBe(expected);
        expect(gunzipSync(fillGzip(template, answered)).toString()).toBe(expected);
      }),
    );
  });

  it("is about as small as if it were compressed as a whole", () => {
    const nonce = newNonce();
    const row = '<tr><td class="number px-3">1</td><td>model</td></tr>'.repeat(3_000);
    const page = Buffer.from(`<script nonce="${nonce}">1</script>${row}<script nonce="${nonce}">2</script>`);
    expect(fillGzip(toNonceTemplate(page, nonce), nonce).length).toBeLessThan(page.length / 50);
  });
});
