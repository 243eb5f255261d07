import { describe, expect, it } from "vitest";
import { requestedScenario, type Scenario, scenarioNames, scenarios, scenarioText } from "./scenarios";

describe("scenarios", () => {
  it.each(scenarioNames)("%s is made of whole characters, and its fault comes before its end", (name) => {
    const scenario: Scenario = scenarios[name];
    for (const piece of scenario.pieces) expect(piece !== "" && piece.isWellFormed()).toBe(true);
    const { fault } = scenario;
    if (fault !== undefined && "afterPieces" in fault) {
      expect(fault.afterPieces).toBeGreaterThan(0);
      expect(fault.afterPieces).toBeLessThan(scenario.pieces.length);
    }
  });

  it("cover what tests need", () => {
    expect(scenarioText("cjk")).toMatch(/你好.*👩‍👩‍👧‍👦/u);
    expect(scenarioText("empty")).toBe("");
    expect(scenarioText("long").length).toBeGreaterThan(5000);
    for (const mark of ["## ", "| --- |", "```python", "$A = ", "- first", "> "]) {
      expect(scenarioText("markdown")).toContain(mark);
    }
  });
});

describe("requestedScenario", () => {
  it("reads the directive and nothing else", () => {
    expect(requestedScenario("please [[mock:slow]] now")).toBe("slow");
    expect(requestedScenario("[[mock:unknown]]")).toBeNull();
    expect(requestedScenario("[[mock:toString]]")).toBeNull();
    expect(requestedScenario("mock:slow")).toBeNull();
  });
});
