import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describeEnds, openChatStream } from "../chat-stream";
import { checkVotes } from "../check-votes";
import { uniqueName } from "../rig";
import type { Scenario } from "../scenario";
import { newBallot, Visitor } from "../visitor";

const clock = fileURLToPath(new URL("../jumping-clock.mjs", import.meta.url));

/**
 * The wall clock of one of two servers jumps an hour forward, then two hours back. It is injected by a module that Node loads
 * before the server and that moves `Date` at a signal (`jumping-clock.mjs`): the machine's clock stays.
 */
export const clockJump: Scenario = {
  name: "clock-jump",
  title: "A server's clock jumps",
  isInShort: false,
  async run(rig, report) {
    const nodeArgs = ["--import", clock];
    const jumping = await rig.startServer({ nodeArgs });
    const steady = await rig.startServer();
    const names = [uniqueName("alpha"), uniqueName("beta")];
    for (const name of names) await rig.startMock(jumping, { name, scenario: "slow", slots: 64 });
    await rig.served(steady, names[1] ?? "");
    const ballots = [];
    for (const jump of ["one hour forward", "two hours back", "one hour forward"]) {
      const visitors = Array.from({ length: 4 }, () => new Visitor());
      const running = await Promise.all(visitors.map((visitor) => visitor.begin(jumping.url, "Hello")));
      const streams = Array.from({ length: 4 }, () =>
        openChatStream({ url: jumping.url, model: names[0] ?? "" }),
      );
      await delay(600);
      jumping.signal("SIGUSR2");
      await delay(50);
      const after = Array.from({ length: 4 }, () =>
        openChatStream({ url: jumping.url, model: names[1] ?? "" }),
      );
      // Begun by the server whose clock is wrong, and looked at from the other one.
      const late = visitors.map(() => new Visitor());
      const fresh = await Promise.all(late.map((visitor) => visitor.begin(jumping.url, "Hello")));
      const seen = await Promise.all(
        late.map((visitor, index) => visitor.statusOf(steady.url, fresh[index] ?? "")),
      );
      const ends = await Promise.all([...streams, ...after].map(({ end }) => end));
      report.tried(
        `${jump}: streams ${describeEnds(ends)}; battles begun then are ${[...new Set(seen)].join(", ")}`,
      );
      report.must(
        ends.every(({ kind }) => kind === "whole"),
        `${jump}: a stream was not whole`,
      );
      report.must(!fresh.includes(null), `${jump}: a battle could not be begun`);
      report.must(!seen.includes("blocked"), `${jump}: the other server declared a running answer lost`);
      for (const [index, id] of [...running, ...fresh].entries()) {
        const visitor = [...visitors, ...late][index] ?? new Visitor();
        const ballot = newBallot(id ?? "", index);
        let status = 0;
        for (let attempt = 0; attempt < 100 && status !== 200; attempt += 1) {
          status = (await visitor.vote(jumping.url, ballot)).status;
          if (status !== 200) await delay(100);
        }
        report.must(status === 200, `${jump}: a battle cannot be voted on (${status})`);
        if (status === 200) ballots.push(ballot);
      }
    }
    await checkVotes(rig, report, ballots);
  },
};
