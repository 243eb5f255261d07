import { expect, it } from "vitest";
import { titleOf } from "./title-of";

it("makes one line of the beginning, and cuts between what a reader calls characters", () => {
  expect(titleOf("  Sort\n\nthese   numbers ")).toBe("Sort these numbers");
  expect(titleOf("x".repeat(60))).toBe("x".repeat(60));
  expect(titleOf(`${"x".repeat(59)} y z`)).toBe(`${"x".repeat(59)}…`);
  const family = "👩‍👩‍👧‍👦";
  expect(titleOf(family.repeat(61))).toBe(`${family.repeat(60)}…`);
});
