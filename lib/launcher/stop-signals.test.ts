import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { listenForStop } from "./stop-signals";

it("takes what npm and the terminal send together as one, and a later one as hurry", () => {
  const source = new EventEmitter();
  let now = 5_000;
  const { stop, hurry } = listenForStop(source, () => now);
  expect(stop.aborted).toBe(false);
  source.emit("SIGINT");
  expect(stop.aborted).toBe(true);
  now += 40;
  source.emit("SIGINT");
  now += 900;
  source.emit("SIGTERM");
  expect(hurry.aborted).toBe(false);
  now += 100;
  source.emit("SIGINT");
  expect(hurry.aborted).toBe(true);
});
