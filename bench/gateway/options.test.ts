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
    [{ scenarios: "whole-1,none" }, "--scenarios"],
    [{ rounds: "0" }, "--rounds"],
    [{ seconds: "3600" }, "--seconds"],
    [{ "log-level": "loud" }, "--log-level"],
    [{ portkey: "/nowhere" }, "--portkey: @portkey-ai/gateway is not installed"],
  ])("name what is wrong: %j", async (values, message) => {
    await expect(readGatewayOptions(values)).rejects.toThrow(message);
  });
});
