import { describe, expect, it } from "vitest";
import { promptRequestSchema } from "@/lib/protocol";
import { suggestionsFor } from ".";

describe("suggestionsFor", () => {
  it.each([
    ["en", false],
    ["en", true],
    ["zh", false],
    ["zh", true],
  ] as const)("%s, demo models only: %s", (locale, isDemoOnly) => {
    const groups = suggestionsFor(locale, isDemoOnly);
    expect(groups).toHaveLength(6);
    const all = groups.flatMap((group) => group.suggestions);
    expect(all).toHaveLength(18);
    expect(new Set(all.map((suggestion) => suggestion.title)).size).toBe(18);
    for (const { title, prompt } of all) {
      // One line of a column of 288 px.
      expect(title.length, title).toBeLessThanOrEqual(40);
      const request = { prompt, idempotencyKey: "01890000-0000-7000-8000-000000000001" };
      expect(promptRequestSchema.safeParse(request).success).toBe(true);
    }
  });
});
