import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type ChainRecord, genesisHash, nextHash, recordHash, voterCommitment } from "./chain-hash";

const record: ChainRecord = {
  board: "blind",
  castAt: "2026-01-02T03:04:05.006Z",
  count: 1,
  externalId: null,
  modelA: "é",
  modelB: "y",
  outcome: "both_bad",
  policy: "uniform",
  propensity: 0.1,
  seq: 1,
  source: null,
  turnCount: 2,
  voterCommitment: "00",
  voterKind: "human",
};

describe("the chain's hashes", () => {
  it("are those that anyone can compute from the canonical JSON", () => {
    const canonical =
      '{"board":"blind","castAt":"2026-01-02T03:04:05.006Z","count":1,"externalId":null,"modelA":"é","modelB":"y","outcome":"both_bad","policy":"uniform","propensity":0.1,"seq":1,"source":null,"turnCount":2,"voterCommitment":"00","voterKind":"human"}';
    const own = createHash("sha256").update(canonical, "utf8").digest();
    expect(recordHash(record)).toEqual(own);
    const chained = createHash("sha256")
      .update(Buffer.concat([Buffer.alloc(32), own]))
      .digest();
    expect(nextHash(genesisHash, own)).toEqual(chained);
  });

  it("do not depend on the order of keys, and change with every field", () => {
    const reversed = Object.fromEntries(Object.entries(record).reverse()) as ChainRecord;
    expect(recordHash(reversed)).toEqual(recordHash(record));
    const changes: Partial<ChainRecord>[] = [
      { board: "judge" },
      { castAt: null },
      { count: 2 },
      { externalId: "1" },
      { modelA: "e" },
      { modelB: "z" },
      { outcome: "tie" },
      { policy: null },
      { propensity: 0.2 },
      { seq: 2 },
      { source: "s" },
      { turnCount: null },
      { voterCommitment: "01" },
      { voterKind: "judge" },
    ];
    expect(changes.map((change) => Object.keys(change)[0])).toEqual(Object.keys(record));
    const hashes = new Set(
      [record, ...changes.map((change) => ({ ...record, ...change }))].map((row) =>
        recordHash(row).toString("hex"),
      ),
    );
    expect(hashes.size).toBe(changes.length + 1);
  });

  it("hide the voter behind the salt", () => {
    const [one, two] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];
    expect(voterCommitment(one, "v")).not.toBe(voterCommitment(two, "v"));
    expect(voterCommitment(one, "v")).not.toBe(voterCommitment(one, null));
  });
});
