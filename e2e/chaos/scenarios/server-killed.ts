import { setTimeout as delay } from "node:timers/promises";
import { checkVotes, requireStored } from "../check-votes";
import { uniqueName } from "../rig";
import type { Scenario } from "../scenario";
import { type Ballot, newBallot, Visitor } from "../visitor";

const ballotsPerRound = 6;

/**
 * `kill -9` of a server while votes are on their way; the visitors ask the other server until they have their answer, as a
 * browser does. Every acknowledged vote must be there, and none twice.
 */
export const serverKilled: Scenario = {
  name: "server-killed",
  title: "A server is killed (SIGKILL) while votes are cast",
  isInShort: true,
  async run(rig, report, isShort) {
    const rounds = isShort ? 3 : 100;
    const stays = await rig.startServer();
    for (const word of ["alpha", "beta"]) {
      await rig.startMock(stays, { name: uniqueName(word), scenario: "instant", slots: 32 });
    }
    const cast: Ballot[] = [];
    let acknowledged = 0;
    let repeated = 0;
    let next = rig.startServer();
    for (let round = 0; round < rounds; round += 1) {
      const victim = await next;
      const visitors = Array.from({ length: ballotsPerRound }, () => new Visitor());
      const ballots = await Promise.all(
        visitors.map(async (visitor, index) => newBallot(await visitor.ready(stays.url), round + index)),
      );
      // From before the first vote is written to after the last one is: by answers in some rounds, by time in others.
      let open = round % (ballotsPerRound + 1);
      const kill = (): void => victim.signal("SIGKILL");
      const vote = async (visitor: Visitor, index: number): Promise<number> => {
        const answer = await voteOf(visitor, victim.url, ballots[index]);
        open -= 1;
        if (open === 0) kill();
        return answer;
      };
      const votes = visitors.map(vote);
      if (open === 0) await delay(round % 40).then(kill);
      const answers = await Promise.all(votes);
      kill();
      await victim.exited;
      next = rig.startServer({ port: Number(new URL(victim.url).port) });
      const kept = ballots.filter((_, index) => answers[index] === 200);
      acknowledged += kept.length;
      await requireStored(rig, report, kept);
      for (const [index, answer] of answers.entries()) {
        // Acknowledged ones too: a browser whose answer was lost on the way asks again.
        const again = await voteOf(visitors[index] ?? new Visitor(), stays.url, ballots[index]);
        if (answer !== 200) repeated += 1;
        report.must(again === 200, `the vote of battle ${ballots[index]?.battleId} is refused with ${again}`);
      }
      cast.push(...ballots);
    }
    await next;
    report.tried(
      `${rounds} kills under ${cast.length} votes: ${acknowledged} acknowledged by the killed server, ${repeated} asked again`,
    );
    report.must(acknowledged > 0, "no vote was acknowledged by a server that was then killed");
    await checkVotes(rig, report, cast);
  },
};

async function voteOf(visitor: Visitor, url: string, ballot: Ballot | undefined): Promise<number> {
  return ballot === undefined ? 0 : (await visitor.vote(url, ballot)).status;
}
