import { describe, expect, it } from "vitest";
import {
  chooseFit,
  type MemoryNeed,
  type MemoryRoom,
  type Placement,
  placements,
  shortageText,
} from "./memory-fit";
import { cachedFileBytesOf } from "./memory-room";

const gib = 1024 ** 3;

/** Weights of 8 GiB; a context of 1 GiB for 8192 tokens. */
async function need({ contextLengths, layers }: Placement): Promise<MemoryNeed> {
  const weightBytes = 8 * gib;
  const contextBytes = contextLengths.reduce((sum, length) => sum + (length / 8192) * gib, 0);
  const all = weightBytes + contextBytes;
  const onGpu = layers === "max" ? all : 0;
  return { ramBytes: all - onGpu, vramBytes: onGpu, weightBytes, contextBytes };
}

const room = (ram: number, vram = 0, isUnified = false): MemoryRoom => ({
  ramBytes: ram * gib,
  vramBytes: vram * gib,
  isUnified,
});
const free = { contextLength: null, trainedLengths: [32_768], isGpu: true, layers: "auto" } as const;

describe("placements", () => {
  it("go from the GPU to half of it, and from long contexts to short ones", () => {
    expect(placements({ ...free, trainedLengths: [8192] })).toEqual([
      { contextLengths: [8192], layers: "max" },
      { contextLengths: [4096], layers: "max" },
      { contextLengths: [2048], layers: "max" },
      { contextLengths: [8192], layers: "auto" },
      { contextLengths: [4096], layers: "auto" },
      { contextLengths: [2048], layers: "auto" },
    ]);
  });

  it("leave what was asked for as it is, but give no model more than it was trained for", () => {
    expect(placements({ ...free, contextLength: 6000, trainedLengths: [8192, 1024], layers: "max" })).toEqual(
      [{ contextLengths: [6000, 1024], layers: "max" }],
    );
  });

  it("know no layers without a GPU, and do not shrink a model that was trained for little", () => {
    expect(placements({ ...free, trainedLengths: [1024], isGpu: false, layers: 7 })).toEqual([
      { contextLengths: [1024], layers: 0 },
    ]);
  });
});

describe("chooseFit", () => {
  const choose = (there: MemoryRoom, options: Partial<Parameters<typeof placements>[0]> = {}) =>
    chooseFit(placements({ ...free, ...options }), need, there);

  it("takes the longest context that fits on the GPU", async () => {
    expect(await choose(room(64, 12))).toMatchObject({
      placement: { contextLengths: [32_768], layers: "max" },
    });
    expect(await choose(room(64, 10))).toMatchObject({
      placement: { contextLengths: [16_384], layers: "max" },
    });
  });

  it("spreads over both memories where the GPU alone is too small", async () => {
    expect(await choose(room(8, 4))).toMatchObject({
      kind: "fits",
      placement: { contextLengths: [32_768], layers: "auto" },
    });
  });

  it("counts one memory once where both share it", async () => {
    expect((await choose(room(9, 9, true))).placement.contextLengths).toEqual([8192]);
    expect((await choose(room(8, 8, true))).kind).toBe("short");
  });

  it("counts all models together", async () => {
    const two = { trainedLengths: [8192, 8192], contextLength: 8192, isGpu: false };
    expect((await choose(room(9.9), two)).kind).toBe("short");
    expect((await choose(room(10), two)).kind).toBe("fits");
  });

  it("says of what does not fit what is needed, what is there and what to change", async () => {
    const fit = await choose(room(4), { isGpu: false, contextLength: 8192 });
    expect(fit.kind === "short" && shortageText(fit, room(4), 4)).toBe(
      "not enough memory: 9.0 GiB are needed (weights 8.0 GiB, contexts of 4 slots with 8192 tokens each 1.0 GiB) " +
        "and 4.0 GiB are free; use fewer --slots, a shorter --context, a smaller --kv-type or a file of a smaller quantisation",
    );
    const onGpu = await choose(room(64, 0.05), { layers: "max" });
    expect(onGpu.kind === "short" && shortageText(onGpu, room(64, 0.05), 4)).toMatch(
      /^not enough GPU memory: 8\.3 GiB are needed .* and 52 MiB are free; .* fewer --gpu-layers/,
    );
  });
});

describe("cachedFileBytesOf", () => {
  it("reads both versions of memory.stat", () => {
    expect(cachedFileBytesOf("anon 5\nactive_file 10\ninactive_file 20\n")).toBe(30);
    expect(
      cachedFileBytesOf("active_file 1\ninactive_file 2\ntotal_active_file 10\ntotal_inactive_file 20\n"),
    ).toBe(30);
    expect(cachedFileBytesOf("")).toBe(0);
  });
});
