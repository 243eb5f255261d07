import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { readGatewayOptions } from "./options";
import { scenarioNames } from "./scenarios";

describe("the options", () => {
  it("measure everything by default", async () => {
    expect(await readGatewayOptions({})).toMatchObject({
      scenarios: scenarioNames,
      portkey: null,
      rounds: 3,
    });
  });

  it.each([
    [{ profile: "a.cpuprofile" }, "cpu", "a.cpuprofile"],
    [{ profile: "/x/a.heapprofile" }, "allocated", "/x/a.heapprofile"],
    [{ profile: "a.heapprofile", kept: true }, "kept", "a.heapprofile"],
  ])("look at the server for what %j asks", async (values, kind, file) => {
    expect((await readGatewayOptions(values)).profile).toEqual({ kind, file: resolve(file) });
  });

  it.each([
    [{ scenarios: "whole-1,none" }, "--scenarios"],
    [{ rounds: "0" }, "--rounds"],
    [{ seconds: "3600" }, "--seconds"],
    [{ "log-level": "loud" }, "--log-level"],
    [{ profile: "server.txt" }, "--profile"],
    [{ profile: "server.cpuprofile", kept: true }, "--kept"],
    [{ portkey: "/nowhere" }, "--portkey: @portkey-ai/gateway is not installed"],
  ])("name what is wrong: %j", async (values, message) => {
    await expect(readGatewayOptions(values)).rejects.toThrow(message);
  });
});
