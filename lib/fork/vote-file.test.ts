import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { simulatedVotes } from "./test-support";
import {
  decodeVoteFile,
  encodeVoteColumns,
  encodeVoteHeader,
  type VoteColumn,
  type VoteFile,
  voteColumns,
} from "./vote-file";

function encode(votes: VoteFile): Uint8Array<ArrayBuffer> {
  const header = encodeVoteHeader(votes, votes.sha256);
  const body = encodeVoteColumns(votes);
  const file = new Uint8Array(header.length + body.length);
  file.set(header);
  file.set(body, header.length);
  return file;
}

const small = simulatedVotes({ beta: [0, 1, 2] }, { size: 101, voters: 9, seed: 1 });
const refusal = (change: (file: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>) => {
  try {
    decodeVoteFile(change(encode(small)));
  } catch (error) {
    return error instanceof Error && "code" in error ? [error.code, error.message] : error;
  }
  return "read";
};

describe("the file of votes", () => {
  it("comes back as it was written, whatever the votes and wherever it lies in memory", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 70 }),
        fc.integer({ min: 2, max: 300 }),
        fc.integer(),
        fc.integer({ min: 0, max: 9 }),
        (size, models, seed, offset) => {
          const beta = Array.from({ length: models }, () => 0);
          const votes = simulatedVotes({ beta }, { size, voters: 7, seed });
          const file = encode(votes);
          const moved = new Uint8Array(file.length + offset);
          moved.set(file, offset);
          expect(decodeVoteFile(moved.subarray(offset))).toEqual(votes);
        },
      ),
    );
  });

  it("has the layout that it documents, so that other programs can read it", () => {
    const file = Buffer.from(encode(small));
    expect(file.subarray(0, 8).toString("latin1")).toBe("ARENAVOT");
    expect(file.readUInt32LE(8)).toBe(1);
    const bodyAt = 16 + file.readUInt32LE(12);
    const header = JSON.parse(file.subarray(16, bodyAt).toString("utf8"));
    expect(header).toMatchObject({ board: "blind", size: 101, voters: 9, models: small.models });
    let at = bodyAt;
    for (const { name, type } of header.columns as { name: VoteColumn; type: string }[]) {
      const bytes = { uint8: 1, uint16: 2, uint32: 4 }[type] ?? 0;
      const read = Array.from({ length: 101 }, (_, row) => file.readUIntLE(at + row * bytes, bytes));
      expect(read).toEqual(Array.from(small[name]));
      at += Math.ceil((101 * bytes) / 8) * 8;
    }
    expect(at).toBe(file.length);
    expect(header.columns).toHaveLength(Object.keys(voteColumns).length);
  });

  it("is refused when it is cut short, of another kind or version, or holds what is not there", () => {
    const at = (name: VoteColumn): number => {
      const header = encodeVoteHeader(small, small.sha256).length;
      const names = Object.keys(voteColumns) as VoteColumn[];
      const before = names.slice(0, names.indexOf(name));
      return before.reduce((sum, one) => sum + Math.ceil(small[one].byteLength / 8) * 8, header);
    };
    const put = (name: VoteColumn, value: number) =>
      refusal((file) => {
        file[at(name)] = value;
        return file;
      });
    expect(refusal((file) => file)).toBe("read");
    for (const length of [0, 7, 15, 40, 500, encode(small).length - 1]) {
      expect(refusal((file) => file.slice(0, length))).toContain("invalid_request");
    }
    expect(refusal(() => new TextEncoder().encode('{"error": {}}, and more'))).toContain("invalid_request");
    expect(refusal((file) => file.with(8, 2) as Uint8Array<ArrayBuffer>)).toMatchObject([
      "invalid_request",
      expect.stringContaining("version"),
    ]);
    expect(put("a", 3)).toContain("invalid_request");
    expect(put("a", small.b[0] ?? 0)).toContain("invalid_request");
    expect(put("outcome", 4)).toContain("invalid_request");
    expect(put("voter", 9)).toContain("invalid_request");
    expect(put("categoryBits", 4)).toContain("invalid_request");
    expect(put("language", 2)).toContain("invalid_request");
  });
});
