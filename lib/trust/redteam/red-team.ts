import { defaultSettings } from "@/lib/settings";
import { campaignOptions } from "../integrity/quarantine-subjects";
import { type Attack, attacks } from "./attacks";
import { type Defences, type SimulationResult, simulate } from "./simulate";
import { makeWorld } from "./world";

export type RedTeamOptions = {
  seed: number;
  /** Only attacks whose name holds this. */
  only?: string;
  /** Votes on the board before an attack. Default 3,000. */
  before?: number;
  models?: number;
  /** Cuts attacks short. */
  maxDays?: number;
};

export type AttackReport = {
  name: string;
  means: string;
  /** Points by which it moved the target, against the same honest votes without it. */
  moved: { without: number; with: number };
  votes: { stored: number; counted: number };
  cookies: { all: number; quarantined: number };
  /** Of the honest voters and votes during the attack. */
  falsePositives: { voters: number; votes: number };
  isCampaignSeen: boolean;
};

export type HonestReport = {
  seed: number;
  voters: number;
  quarantined: number;
  votes: number;
  excluded: number;
};

/** The site's own rules, as they are set where nobody has changed them. */
export function defaultDefences(): Defences {
  const { integrity, limits } = defaultSettings();
  return {
    rules: {
      speed: { minAfterMs: integrity.minVoteMs, maxCharactersPerSecond: integrity.maxCharactersPerSecond },
      duplicates: { perVisitor: integrity.samePromptPerVisitor, overall: integrity.samePromptOverall },
    },
    alpha: integrity.falseDiscoveryRate,
    campaigns: campaignOptions,
    votesPerHour: { visitor: limits.visitor.votesPerHour, network: limits.network.votesPerHour },
  };
}

const crowd = { perVoter: 12, perNetwork: 3 } as const;

/** Every attack with the defences and without. Pure, and the same for the same seed. */
export function* redTeam(options: RedTeamOptions): Generator<AttackReport> {
  const { seed, only = "", before = 3_000, models = 16, maxDays = Number.POSITIVE_INFINITY } = options;
  const world = makeWorld({ models, spread: 20 * models });
  const defences = defaultDefences();
  const quiet = new Map<string, SimulationResult>();
  for (const given of attacks.filter(({ name }) => name.includes(only))) {
    const attack: Attack = { ...given, days: Math.min(given.days, maxDays) };
    const honest = { ...crowd, before, perDay: attack.honestPerDay };
    const base = { world, honest, days: attack.days, seed };
    const key = `${attack.days} ${attack.honestPerDay}`;
    const clean = quiet.get(key) ?? simulate({ ...base, attack: null, defences: null });
    quiet.set(key, clean);
    const open = simulate({ ...base, attack, defences: null });
    const guarded = simulate({ ...base, attack, defences });
    yield {
      ...{ name: attack.name, means: attack.means },
      moved: { without: open.score - clean.score, with: guarded.score - clean.score },
      votes: guarded.attackVotes,
      cookies: guarded.attackers,
      falsePositives: {
        voters: guarded.honestVoters.quarantined / guarded.honestVoters.all,
        votes: 1 - guarded.honestVotes.counted / guarded.honestVotes.cast,
      },
      isCampaignSeen: guarded.campaigns.includes(world.target),
    };
  }
}

/** Honest voters alone: how many the defences take for attackers. */
export function honestOnly(seed: number, votes = 8_000, models = 16): HonestReport {
  const world = makeWorld({ models, spread: 20 * models });
  const honest = { ...crowd, perVoter: 20, before: votes, perDay: 400 };
  const result = simulate({ world, honest, days: 1, seed, attack: null, defences: defaultDefences() });
  return {
    ...{ seed, voters: result.honestVoters.all, quarantined: result.honestVoters.quarantined },
    ...{ votes: result.honestVotes.cast, excluded: result.honestVotes.cast - result.honestVotes.counted },
  };
}
