import { expect, it } from "vitest";
import { complainAboutNode } from "./node-version";

it.each(["v20.19.0", "v20.20.2", "v22.0.0", "v24.1.0"])("%s will do", (version) => {
  expect(complainAboutNode(version)).toBeNull();
});

it.each(["v18.20.4", "v20.18.3", "v19.9.0"])("%s is too old, and is named", (version) => {
  expect(complainAboutNode(version)).toBe(
    `Chat Arena needs Node 20.19 or newer, and this is Node ${version.slice(1)}.`,
  );
});
