import { expect, it } from "vitest";
import { OpenClaims } from "./open-claims";

it("a claim is closed once, and a copy of it never", () => {
  const claims = new OpenClaims();
  const [one, other] = [claims.take("worker", "demo", true), claims.take("worker", "demo", false)];
  expect(claims).toMatchObject({ taken: 2, size: 2 });
  expect(claims.close({ ...one })).toBe(false);
  expect([claims.close(one), claims.close(one)]).toEqual([true, false]);
  expect(claims).toMatchObject({ taken: 2, size: 1 });
  expect(claims.close(other)).toBe(true);
  expect(claims.size).toBe(0);
});
