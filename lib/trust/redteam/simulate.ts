import { type Random, seededRandom } from "@/lib/rating";
import { boardChances } from "../anomaly/board-chances";
import { type CampaignOptions, findCampaigns } from "../anomaly/campaigns";
import { favoursOf, leastSubjectVotes, logEvidence, votesSeen } from "../anomaly/evidence";
import { flagSubjects } from "../anomaly/flag-subjects";
import {
  type IntegrityRules,
  judgeVotes,
  type SubjectRecord,
  subjectKey,
  type VoteFacts,
  visitorPromptKey,
} from "../rules/judge-votes";
import type { Attack } from "./attacks";
import { MemoryBoard } from "./board";
import { drawHonest, type Honest, honestOutcome, type World } from "./world";

export type Defences = {
  rules: IntegrityRules;
  alpha: number;
  campaigns: CampaignOptions;
  /** Votes of one visitor, and of one network, in an hour. */
  votesPerHour: { visitor: number; network: number };
};

export type SimulationOptions = {
  world: World;
  attack: Attack | null;
  /** Null: every vote that the database takes counts. */
  defences: Defences | null;
  honest: {
    /** Votes on the board before the attack. */
    before: number;
    /** Votes on a day of it. */
    perDay: number;
    /** Votes that a voter casts over their life: geometric, with this mean. */
    perVoter: number;
    /** Voters that share one network, as in a school. */
    perNetwork: number;
  };
  /** Days without an attack. */
  days: number;
  seed: number;
};

export type SimulationResult = {
  /** Score of the target at the end. */
  score: number;
  attackVotes: { stored: number; counted: number };
  honestVotes: { cast: number; counted: number };
  honestVoters: { all: number; quarantined: number };
  attackers: { all: number; quarantined: number };
  /** Models that were seen to be pushed. */
  campaigns: string[];
};

type Cast = VoteFacts & { isHonest: boolean };

/** Votes that a sweep of the site judges at a time. */
const batchSize = 100;

/**
 * A site in memory: honest voters and one attack, through the same rules, evidence and flags as the real one. Both runs of
 * an attack, with defences and without, see the same honest votes.
 */
export function simulate({
  world,
  attack,
  defences,
  honest,
  days,
  seed,
}: SimulationOptions): SimulationResult {
  const crowd = seededRandom(seed);
  const villain = seededRandom(seed + 1);
  const board = new MemoryBoard(world.modelIds);
  const subjects = new Map<string, SubjectRecord>();
  const promptVotes = new Map<string, number>();
  const votesOf = new Map<string, Cast[]>();
  const excluded = new Set<string>();
  const voters: { id: string; network: string; habits: Honest; left: number }[] = [];
  const quarantined = new Set<string>();
  const campaigns = new Set<string>();
  const tally = { stored: 0, cast: 0, honestVoters: 0 };
  const all: Cast[] = [];
  let waiting: Cast[] = [];

  const pick = (random: Random) => {
    const a = Math.floor(random() * world.modelIds.length);
    const b = (a + 1 + Math.floor(random() * (world.modelIds.length - 1))) % world.modelIds.length;
    return { a, b, modelAId: world.modelIds[a] ?? "", modelBId: world.modelIds[b] ?? "" };
  };

  const exclude = (vote: Cast) => {
    if (excluded.has(vote.id)) return;
    excluded.add(vote.id);
    board.add(vote.modelAId, vote.modelBId, vote.outcome, -1);
  };

  const sweep = (day: number) => {
    const batch = waiting;
    waiting = [];
    if (defences === null) {
      for (const vote of batch) board.add(vote.modelAId, vote.modelBId, vote.outcome, 1);
      return;
    }
    // Before the batch is counted: the chances are of earlier votes only.
    const chances = boardChances(world.modelIds, board.pairs);
    for (const vote of batch) board.add(vote.modelAId, vote.modelBId, vote.outcome, 1);
    const known = { chances, modelCount: world.modelIds.length, promptVotes, subjects };
    const judgement = judgeVotes(batch, known, defences.rules);
    for (const [key, record] of judgement.subjects) subjects.set(key, record);
    for (const vote of batch) {
      for (const key of [`visitor:${vote.visitorId}`, `network:${vote.network}`])
        votesOf.set(key, [...(votesOf.get(key) ?? []), vote]);
      if (vote.promptHash === null) continue;
      for (const key of [vote.promptHash, visitorPromptKey(vote.promptHash, vote.visitorId)])
        promptVotes.set(key, (promptVotes.get(key) ?? 0) + 1);
    }
    const byId = new Map(batch.map((vote) => [vote.id, vote]));
    for (const { voteId } of judgement.verdicts) {
      const vote = byId.get(voteId);
      if (vote !== undefined) exclude(vote);
    }
    const quarantine = (key: string) => {
      const record = subjects.get(key);
      if (record === undefined || record.isQuarantined) return;
      subjects.set(key, { ...record, isQuarantined: true });
      for (const vote of votesOf.get(key) ?? []) exclude(vote);
      if (key.startsWith("visitor:")) quarantined.add(key);
    };
    for (const kind of ["visitor:", `network:${day}-`]) {
      const active = [...subjects].filter(([key]) => key.startsWith(kind));
      const seen = active
        .filter(([, { state }]) => votesSeen(state) >= leastSubjectVotes)
        .map(([key, { state }]) => ({ key, logE: logEvidence(state) }));
      for (const { key } of flagSubjects(seen, defences.alpha)) quarantine(key);
      const favours = active.map(([key, { state }]) => ({ key, byModel: favoursOf(state) }));
      for (const campaign of findCampaigns(favours, world.modelIds, defences.campaigns)) {
        campaigns.add(campaign.modelId);
        for (const { key } of campaign.members) quarantine(key);
      }
    }
  };

  const store = (vote: Cast, day: number) => {
    all.push(vote);
    waiting.push(vote);
    if (waiting.length >= batchSize) sweep(day);
  };

  const honestVote = (day: number) => {
    if (voters.length === 0 || crowd() < 1 / honest.perVoter) {
      tally.honestVoters += 1;
      const home = Math.floor(crowd() * Math.max(1, tally.honestVoters / honest.perNetwork));
      voters.push({
        id: `h${tally.honestVoters}`,
        network: `home${home}`,
        habits: drawHonest(crowd),
        left: 0,
      });
    }
    // The newest voters vote most, so that each has its time.
    const at = voters.length - 1 - Math.floor(crowd() ** 2 * Math.min(voters.length, 60));
    const voter = voters[Math.max(0, at)];
    if (voter === undefined) return;
    const { a, b, ...models } = pick(crowd);
    tally.cast += 1;
    store(
      {
        ...{ id: `hv${tally.cast}`, visitorId: voter.id, network: `${day}-${voter.network}`, isHonest: true },
        ...models,
        outcome: honestOutcome(world, a, b, voter.habits, crowd),
        ...{ isBlind: true, leak: null, promptHash: `honest ${tally.cast}` },
        timing: { characters: 2_000, sinceBegin: 20_000, sinceEnd: 2_000 + crowd() * 20_000 },
      },
      day,
    );
  };

  const mind: Honest = { skill: 1, ties: 1, badShare: 0.4, left: 0 };
  const attackVote = (day: number, place: number, hour: Map<string, number>) => {
    if (attack === null) return;
    const visitor = `x${place % attack.visitors}`;
    const network = `x${(place % attack.visitors) % attack.networks}`;
    const { a, b, ...models } = pick(villain);
    const meant = attack.vote({ a: models.modelAId, b: models.modelBId }, world, villain);
    if (meant === "skip") return;
    const outcome = meant === "honest" ? honestOutcome(world, a, b, mind, villain) : meant;
    if (defences !== null) {
      const [own, shared] = [hour.get(visitor) ?? 0, hour.get(network) ?? 0];
      if (own >= defences.votesPerHour.visitor || shared >= defences.votesPerHour.network) return;
      hour.set(visitor, own + 1).set(network, shared + 1);
    }
    tally.stored += 1;
    store(
      {
        ...{ id: `xv${tally.stored}`, visitorId: visitor, network: `${day}-${network}`, isHonest: false },
        ...models,
        outcome,
        ...{ isBlind: true, leak: null, promptHash: `attack ${Math.floor(villain() * attack.prompts)}` },
        timing: { characters: 2_000, sinceBegin: 8_000, sinceEnd: attack.delayMs },
      },
      day,
    );
  };

  for (let count = 0; count < honest.before; count++) honestVote(Math.floor(count / honest.perDay));
  const firstDay = Math.ceil(honest.before / honest.perDay);
  const length = attack?.days ?? days;
  let place = 0;
  for (let day = 0; day < length; day++) {
    const today = firstDay + day;
    for (let hour = 0; hour < 24; hour++) {
      const perHour = new Map<string, number>();
      const honestNow = spread(honest.perDay, hour);
      const attackNow = attack === null ? 0 : spread(attack.perDay, hour);
      for (let turn = 0; turn < Math.max(honestNow, attackNow); turn++) {
        if (turn < honestNow) honestVote(today);
        if (turn < attackNow) attackVote(today, place++, perHour);
      }
    }
    sweep(today);
  }
  sweep(firstDay + length);

  const counted = all.filter(({ id }) => !excluded.has(id));
  const quarantinedHonest = [...quarantined].filter((key) =>
    key.startsWith(subjectKey("visitor", "h")),
  ).length;
  return {
    score: board.scoreOf(world.target),
    attackVotes: {
      stored: tally.stored,
      counted: counted.filter(({ isHonest }) => !isHonest).length,
    },
    honestVotes: { cast: tally.cast, counted: counted.filter(({ isHonest }) => isHonest).length },
    honestVoters: { all: tally.honestVoters, quarantined: quarantinedHonest },
    attackers: { all: attack?.visitors ?? 0, quarantined: quarantined.size - quarantinedHonest },
    campaigns: [...campaigns].sort(),
  };
}

/** So many a day, spread over its hours without a rest. */
function spread(perDay: number, hour: number): number {
  return Math.floor((perDay * (hour + 1)) / 24) - Math.floor((perDay * hour) / 24);
}
