import fc from "fast-check";
import { expect, it } from "vitest";
import { flagByEvidence } from "@/lib/rating";
import { flagSubjects } from "./flag-subjects";

it("flags whom e-BH over all subjects flags", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -5, max: 15, noNaN: true }), { maxLength: 60 }),
      fc.constantFrom(0.01, 0.05, 0.2),
      (logs, alpha) => {
        const subjects = logs.map((logE, index) => ({ key: `v${index}`, logE }));
        const all = [...flagByEvidence(logs, alpha)].map((place) => `v${place}`);
        expect(flagSubjects(subjects, alpha).map(({ key }) => key)).toEqual(all);
      },
    ),
  );
});
