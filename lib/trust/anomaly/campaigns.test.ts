import fc from "fast-check";
import { expect, it } from "vitest";
import { inSlices } from "../integrity/in-slices";
import { CampaignWatch, findCampaigns } from "./campaigns";

const options = { alpha: 0.01, maxChanceHonest: 0.05 };
const models = ["m0", "m1", "m2", "m3"];

const changes = fc.array(
  fc.record({
    key: fc.integer({ min: 0, max: 12 }).map((id) => `v${id}`),
    logs: fc.option(
      fc.dictionary(fc.constantFrom(...models), fc.double({ min: -8, max: 12, noNaN: true }), { maxKeys: 4 }),
      { freq: 4 },
    ),
  }),
  { minLength: 1, maxLength: 60 },
);

it("says after any changes what it says of the same subjects afresh", async () => {
  await fc.assert(
    fc.asyncProperty(changes, async (all) => {
      const watch = new CampaignWatch();
      const now = new Map<string, ReadonlyMap<string, number>>();
      for (const { key, logs } of all) {
        const byModel = logs === null ? null : new Map(Object.entries(logs));
        watch.set(key, byModel);
        if (byModel === null) now.delete(key);
        else now.set(key, byModel);
      }
      const afresh = findCampaigns(
        [...now].map(([key, byModel]) => ({ key, byModel })),
        models,
        options,
      );
      const kept = await inSlices(watch.find(models, options));
      expect(kept.map(({ modelId }) => modelId)).toEqual(afresh.map(({ modelId }) => modelId));
      for (const [index, campaign] of kept.entries()) {
        expect(campaign.logE).toBeCloseTo(afresh[index]?.logE ?? Number.NaN, 6);
        expect(campaign.members.map(({ key }) => key).sort()).toEqual(
          afresh[index]?.members.map(({ key }) => key).sort(),
        );
      }
    }),
    { numRuns: 60 },
  );
});

it("lets the event loop turn while it looks at many", async () => {
  const watch = new CampaignWatch();
  for (let voter = 0; voter < 20_000; voter++) watch.set(`v${voter}`, new Map(models.map((id) => [id, 3])));
  let turns = 0;
  const counting = setInterval(() => {
    turns += 1;
  }, 0);
  const found = await inSlices(
    (function* () {
      for (let time = 0; time < 12; time++) yield* watch.find(models, options);
    })(),
  );
  clearInterval(counting);
  expect(found).toBeUndefined();
  expect(turns).toBeGreaterThan(3);
});
