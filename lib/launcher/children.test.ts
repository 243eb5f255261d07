import { expect, it } from "vitest";
import { siteUrl } from "./children";

it.each([
  ["127.0.0.1", "http://127.0.0.1:3000"],
  ["0.0.0.0", "http://127.0.0.1:3000"],
  ["::", "http://[::1]:3000"],
  ["fd00::7", "http://[fd00::7]:3000"],
  ["arena.local", "http://arena.local:3000"],
])("a site on %s is reached at %s", (host, url) => {
  expect(siteUrl(host, 3000)).toBe(url);
});
