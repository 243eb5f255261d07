import { expect, it } from "vitest";
import { keepSourceUrls } from "./source-urls";

it("the address of a source stays its own in a bundle two folders below the root", () => {
  expect(keepSourceUrls("lib/launcher/project-root.ts", 'f(new URL("../..", import.meta.url))')).toBe(
    'f(new URL("../..", new URL("../../lib/launcher/project-root.ts", import.meta.url).href))',
  );
  expect(keepSourceUrls("lib/db/a.ts", "createRequire(import.meta.url)")).toBe(
    'createRequire(new URL("../../lib/db/a.ts", import.meta.url).href)',
  );
});

it("a thread's compiled program takes the place of its source", () => {
  const text = 'new Worker(new URL("./start-thread.mjs", import.meta.url), {})';
  expect(keepSourceUrls("lib/leaderboard/background-work.ts", text)).toBe(
    'new Worker(new URL("./leaderboard-thread.js", import.meta.url), {})',
  );
});

it("a thread that nobody compiles is a fault, not a slow start", () => {
  const text = 'new Worker(new URL("./other.mjs", import.meta.url))';
  expect(() => keepSourceUrls("lib/chat/a.ts", text)).toThrow("lib/chat/a.ts starts a thread");
});
