import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAppError } from "@/lib/errors";
import { cleanImage } from "./clean-image";
import { chunk, jpeg, png, segment, webp } from "./test-support";

const secret = "GPS 52.52 N";
const refusal = (code: string) => expect.objectContaining({ code });

describe("cleanImage", () => {
  it("keeps a JPEG's picture and takes off EXIF, XMP, comments, previews and what follows", () => {
    const profile = segment(0xe2, Buffer.from("ICC_PROFILE\0\x01\x01colours", "latin1"));
    const file = jpeg({
      extra: [
        segment(0xe1, Buffer.from(`Exif\0\0${secret}`)),
        segment(0xe0, Buffer.from(`JFXX\0${secret}`)),
        segment(0xed, Buffer.from(secret)),
        segment(0xe2, Buffer.from(`MPF\0${secret}`)),
        segment(0xfe, Buffer.from(secret)),
        profile,
      ],
    });
    const cleaned = cleanImage(Buffer.concat([file, Buffer.from(secret)]));
    expect(cleaned).toMatchObject({ contentType: "image/jpeg", width: 40, height: 30 });
    expect(cleaned.bytes.toString("latin1")).not.toContain(secret);
    expect(cleaned.bytes).toEqual(jpeg({ extra: [profile] }));
  });

  it("keeps a PNG's pixels and takes off texts, times, EXIF and what follows", () => {
    const extra = ["tEXt", "iTXt", "tIME", "eXIf", "acTL"].map((type) => chunk(type, Buffer.from(secret)));
    const cleaned = cleanImage(Buffer.concat([png({ extra }), Buffer.from(secret)]));
    expect(cleaned).toMatchObject({ contentType: "image/png", width: 40, height: 30 });
    expect(cleaned.bytes).toEqual(png());
  });

  it("keeps a WebP's picture, takes off EXIF and XMP, and no longer announces them", () => {
    const cleaned = cleanImage(webp());
    expect(cleaned).toMatchObject({ contentType: "image/webp", width: 40, height: 30 });
    expect(cleaned.bytes.toString("latin1")).not.toContain(secret);
    expect(cleaned.bytes.readUInt32LE(4)).toBe(cleaned.bytes.length - 8);
    expect(cleaned.bytes[20]).toBe(0);
    expect(cleanImage(cleaned.bytes).bytes).toEqual(cleaned.bytes);
  });

  it.each([
    ["JPEG", jpeg({ width: 30_000 })],
    ["PNG", png({ width: 1, height: 100_000 })],
    ["WebP", webp({ width: 16_000 })],
  ])("refuses a %s that would unpack to a great size, from its header alone", (_, file) => {
    expect(() => cleanImage(file)).toThrow(refusal("image_too_large"));
  });

  it("refuses a WebP whose picture is larger than its canvas, and one that moves", () => {
    expect(() => cleanImage(webp({ inner: 4_000 }))).toThrow(refusal("unsupported_image"));
    expect(() => cleanImage(webp({ flags: 0x02 }))).toThrow(refusal("unsupported_image"));
  });

  it.each([
    ["SVG", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"],
    ["GIF", "GIF89a\x01\x00\x01\x00"],
    ["HTML", "<!doctype html><script>alert(1)</script>"],
    ["nothing", ""],
  ])("refuses %s", (_, text) => {
    expect(() => cleanImage(Buffer.from(text, "latin1"))).toThrow(refusal("unsupported_image"));
  });

  it("refuses whatever was cut off, and never fails in any other way", () => {
    const files = [jpeg(), png(), webp()];
    for (const file of files) {
      for (let end = 0; end < file.length; end += 1) {
        expect(() => cleanImage(file.subarray(0, end)), `${end} bytes`).toThrow(refusal("unsupported_image"));
      }
    }
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.nat(), fc.integer({ min: 0, max: 255 }), (file, at, byte) => {
        const broken = Buffer.from(file);
        broken[at % file.length] = byte;
        try {
          cleanImage(broken);
        } catch (error) {
          if (!isAppError(error)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
