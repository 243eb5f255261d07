import { describe, expect, it, vi } from "vitest";
import type { SharedBattle } from "@/lib/protocol";
import { drawPicture, pictureSize } from "./draw-picture";
import { keepPictures } from "./keep-pictures";
import { fontsFor } from "./picture-fonts";

const words = {
  site: "Chat Arena",
  fallbackTitle: "Blind battle",
  caption: "对战 · A 更好",
  winner: "Voted better",
};

function battle(prompt: string): SharedBattle {
  const answer = { text: "x", isTruncated: false, isStopped: false };
  const model = (name: string) => ({ name, displayName: name, organization: "Lab", licence: null });
  return {
    ...{ kind: "battle", board: "blind", createdAt: "2026-01-01T00:00:00.000Z" },
    vote: { outcome: "a", createdAt: "2026-01-01T00:00:00.000Z" },
    models: { a: model("heron"), b: model("stork") },
    turns: [{ prompt, images: 0, a: answer, b: answer }],
  };
}

describe("a picture", () => {
  it("is a PNG of its size, draws Chinese, and asks nobody on the network", async () => {
    const fetched = vi.spyOn(globalThis, "fetch");
    const pictures = await Promise.all(
      ["光合作用", "量子力学", "Why 🌿 does it 𝒳 rain? \u202e", "مرحبا كيف حالك", "שלום עולם"].map((prompt) =>
        drawPicture(battle(prompt), words),
      ),
    );
    expect(fetched).not.toHaveBeenCalled();
    for (const png of pictures) {
      const view = Buffer.from(png);
      expect(view.subarray(1, 4).toString("latin1")).toBe("PNG");
      expect([view.readUInt32BE(16), view.readUInt32BE(20)]).toEqual([pictureSize.width, pictureSize.height]);
    }
    // Two Chinese titles of equal length would be the same row of boxes if their signs were missing.
    expect(Buffer.from(pictures[0] ?? []).equals(Buffer.from(pictures[1] ?? []))).toBe(false);
    // What no font can draw is not drawn in part: both have the fallback's title.
    expect(Buffer.from(pictures[3] ?? []).equals(Buffer.from(pictures[4] ?? []))).toBe(true);
  }, 30_000);

  it("needs no Chinese font for Latin text, and only the files that hold its signs for Chinese", async () => {
    const names = async (text: string) => (await fontsFor(text)).fonts.map(({ name }) => name);
    expect((await names("Why does it rain?")).filter((name) => name.startsWith("Noto"))).toEqual([]);
    const chinese = (await names("光合作用")).filter((name) => name.startsWith("Noto"));
    expect(chinese.length).toBeGreaterThan(0);
    expect(chinese.length).toBeLessThanOrEqual(4);
    expect((await fontsFor("a🌿光")).drawable("a🌿光")).toBe("a光");
  });
});

describe("kept pictures", () => {
  const png = new Uint8Array(1);

  it("are drawn once, one at a time, with a tag of what they show", async () => {
    let running = 0;
    const draw = vi.fn(async () => {
      running += 1;
      expect(running).toBe(1);
      await Promise.resolve();
      running -= 1;
      return png;
    });
    const pictureOf = keepPictures(draw);
    const [one, same, other] = await Promise.all(
      ["One", "One", "Other"].map((prompt) => pictureOf(battle(prompt), words)),
    );
    expect(draw).toHaveBeenCalledTimes(2);
    expect(one?.etag).toBe(same?.etag);
    expect(one?.etag).not.toBe(other?.etag);
  });

  it("that failed are drawn again, and hold up no other", async () => {
    const draw = vi.fn().mockRejectedValueOnce(new Error("out of memory")).mockResolvedValue(png);
    const pictureOf = keepPictures(draw);
    await expect(pictureOf(battle("One"), words)).rejects.toThrow("out of memory");
    expect((await pictureOf(battle("One"), words)).png).toBe(png);
  });

  it("are no more than a few", async () => {
    const draw = vi.fn(async () => png);
    const pictureOf = keepPictures(draw);
    for (let index = 0; index < 70; index += 1) await pictureOf(battle(`Prompt ${index}`), words);
    await pictureOf(battle("Prompt 69"), words);
    expect(draw).toHaveBeenCalledTimes(70);
    await pictureOf(battle("Prompt 0"), words);
    expect(draw).toHaveBeenCalledTimes(71);
  });
});
