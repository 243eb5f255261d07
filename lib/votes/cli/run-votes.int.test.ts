import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVoteSite, type VoteSite } from "../test-support";

let site: VoteSite;

beforeAll(async () => {
  site = await createVoteSite();
});
afterAll(async () => {
  await site.close();
});

describe("the command line", () => {
  it.each([
    [["import"], 2, "takes FILE"],
    [["import", "nowhere.jsonl"], 1, "--source"],
    [["import", "nowhere.jsonl", "--source", "x"], 1, "There is no file"],
    [["import", "package.json", "--source", "x"], 1, "not known"],
    [["import", "package.json", "--source", "x", "--format", "xml"], 1, "format"],
    [["verify", "--head", "1:zz"], 1, "--head"],
    [["verify", "--release", "x"], 2, "no option --release"],
    [["reproduce", "nowhere"], 1, "There is nothing at"],
    [["publish"], 2, "There is no command"],
  ])("refuses %j and says why", async (args, code, words) => {
    const { code: exit, complained } = await site.votesCli(...args);
    expect([exit, complained.includes(words) || complained]).toEqual([code, true]);
  });
});
