import { describe, expect, it } from "vitest";
import type { UsageRow } from "./read-usage";
import { csvCell, usageCsv } from "./usage-csv";

const row: UsageRow = {
  day: "2026-01-05",
  caller: "0197",
  ownerLabel: 'Lab "7", Zürich',
  keyName: "=HYPERLINK(1)",
  keyPrefix: "sk-arena-0123456789ab",
  model: "meta/llama-3",
  endpoint: "chat",
  requests: 3,
  errors: 1,
  promptTokens: 30,
  cachedTokens: 0,
  completionTokens: 12,
};

describe("usage as CSV", () => {
  it("has a header row and one row for each day and model", () => {
    expect(usageCsv([row])).toBe(
      "day,owner,key,key_name,model,endpoint,requests,errors,prompt_tokens,cached_tokens,completion_tokens\r\n" +
        `2026-01-05,"Lab ""7"", Zürich",sk-arena-0123456789ab,'=HYPERLINK(1),meta/llama-3,chat,3,1,30,0,12\r\n`,
    );
    expect(usageCsv([])).toMatch(/^day,.*tokens\r\n$/);
  });

  it.each([
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    ["\r=1", `"'\r=1"`],
    [" =1", "' =1"],
    ["a=1", "a=1"],
    ["(unknown)", "(unknown)"],
  ])("holds no formula: %j", (text, cell) => expect(csvCell(text)).toBe(cell));

  it("leaves numbers as they are, negative ones too", () => {
    expect(csvCell(-1)).toBe("-1");
    expect(csvCell(null)).toBe("");
  });
});
