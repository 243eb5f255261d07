import { describe, expect, it } from "vitest";
import type { Reason, VoteReasons } from "@/lib/protocol";
import { createReasonsSaver, type SaveState } from "./reasons-saver";

const reasons = (...names: Reason[]): VoteReasons => ({ reasons: names, comment: "" });

/** A server that answers when it is told to. */
function server() {
  const sent: VoteReasons[] = [];
  const answers: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const states: SaveState[] = [];
  const { save, flush } = createReasonsSaver(
    (given) => {
      sent.push(given);
      return new Promise<void>((resolve, reject) => answers.push({ resolve, reject }));
    },
    (state) => states.push(state),
  );
  const answer = async (how: "resolve" | "reject" = "resolve") => {
    const next = answers.shift();
    if (how === "resolve") next?.resolve();
    else next?.reject(new Error("lost"));
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { sent, states, save, flush, answer };
}

describe("what is said of a vote", () => {
  it("is sent one after another, and what comes meanwhile only as it is in the end", async () => {
    const { sent, states, save, answer } = server();
    save(reasons("clarity"));
    save(reasons("clarity", "code"));
    save(reasons("code"));
    expect(sent).toEqual([reasons("clarity")]);
    await answer();
    expect(sent).toEqual([reasons("clarity"), reasons("code")]);
    expect(states).toEqual(["saving"]);
    await answer();
    expect(states).toEqual(["saving", "saved"]);
  });

  it("is sent at once where the page goes, and once", async () => {
    const { sent, save, flush, answer } = server();
    save(reasons("clarity"));
    save(reasons("code"));
    flush();
    expect(sent).toEqual([reasons("clarity"), reasons("code")]);
    flush();
    await answer();
    await answer();
    expect(sent).toHaveLength(2);
  });

  it("is told as not saved where the last call failed, and can be saved again", async () => {
    const { sent, states, save, answer } = server();
    save(reasons("length"));
    await answer("reject");
    expect(states).toEqual(["saving", "failed"]);
    save(reasons("length"));
    await answer();
    expect(sent).toHaveLength(2);
    expect(states.at(-1)).toBe("saved");
  });
});
