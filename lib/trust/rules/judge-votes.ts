import type { ExclusionReason, Outcome } from "@/lib/protocol";
import type { BoardChances } from "../anomaly/board-chances";
import { addToEvidence, type EvidenceState, startEvidence } from "../anomaly/evidence";
import type { IdentityLeak } from "./identity-leak";
import { isTooFast, type SpeedRule, type VoteTiming } from "./vote-speed";

export type Subject = "visitor" | "network";

/** A vote as the rules see it. */
export type VoteFacts = {
  id: string;
  visitorId: string;
  /** The day's hash of its network, hex; null where it is not known. */
  network: string | null;
  modelAId: string;
  modelBId: string;
  outcome: Outcome;
  /** Of a battle in which the models were not named, and differ. Only such votes tell of voters. */
  isBlind: boolean;
  /** Null where it was not measured. */
  timing: VoteTiming | null;
  /** Null where there is no prompt to compare. */
  promptHash: string | null;
  leak: IdentityLeak | null;
};

export type SubjectRecord = { state: EvidenceState; isQuarantined: boolean };

export type IntegrityRules = {
  speed: SpeedRule;
  duplicates: { perVisitor: number; overall: number };
};

export type Knowledge = {
  /** Of a fit without any of the votes that are judged. */
  chances: BoardChances;
  /** Models that may be favoured. */
  modelCount: number;
  /** Votes on equal prompts within the window, before those that are judged: by hash, and by hash and visitor. */
  promptVotes: ReadonlyMap<string, number>;
  /** By `subjectKey`. */
  subjects: ReadonlyMap<string, SubjectRecord>;
};

export type Verdict = {
  voteId: string;
  reason: ExclusionReason;
  evidence: Record<string, unknown>;
  /** Whose quarantine leaves the vote out. */
  quarantine: { subject: Subject; subjectId: string } | null;
};

export type Judgement = {
  verdicts: Verdict[];
  /** Subjects whose evidence has changed. */
  subjects: Map<string, SubjectRecord>;
};

export const subjectKey = (subject: Subject, id: string): string => `${subject}:${id}`;
export const visitorPromptKey = (hash: string, visitorId: string): string => `${hash} ${visitorId}`;

/**
 * Looks at votes in the order in which they were cast. Pure: the same votes and the same knowledge give the same judgement.
 * A vote may be left out for several reasons. Votes that another rule leaves out say nothing about their voter.
 */
export function judgeVotes(votes: readonly VoteFacts[], known: Knowledge, rules: IntegrityRules): Judgement {
  const verdicts: Verdict[] = [];
  const subjects = new Map<string, SubjectRecord>();
  const promptVotes = new Map(known.promptVotes);
  const recordOf = (key: string): SubjectRecord =>
    subjects.get(key) ??
    known.subjects.get(key) ?? { state: startEvidence(known.modelCount), isQuarantined: false };

  for (const vote of votes) {
    const found = [
      ...judgeSpeed(vote, rules.speed),
      ...judgeLeak(vote),
      ...judgeDuplicate(vote, promptVotes, rules.duplicates),
    ];
    verdicts.push(...found);
    if (!vote.isBlind) continue;
    const own: [Subject, string, ExclusionReason][] = [["visitor", vote.visitorId, "anomalous_voter"]];
    if (vote.network !== null) own.push(["network", vote.network, "network_burst"]);
    for (const [subject, subjectId, reason] of own) {
      const key = subjectKey(subject, subjectId);
      const record = recordOf(key);
      if (record.isQuarantined)
        verdicts.push({ voteId: vote.id, reason, evidence: {}, quarantine: { subject, subjectId } });
      if (found.length > 0) continue;
      subjects.set(key, { ...record, state: addToEvidence(record.state, vote, known.chances) });
    }
  }
  return { verdicts, subjects };
}

function judgeSpeed({ id, timing }: VoteFacts, rule: SpeedRule): Verdict[] {
  if (timing === null || !isTooFast(timing, rule)) return [];
  return [{ voteId: id, reason: "too_fast", evidence: { ...timing, ...rule }, quarantine: null }];
}

function judgeLeak({ id, leak, isBlind }: VoteFacts): Verdict[] {
  if (leak === null || !isBlind) return [];
  return [{ voteId: id, reason: "identity_leak", evidence: { ...leak }, quarantine: null }];
}

function judgeDuplicate(
  { id, promptHash, visitorId }: VoteFacts,
  promptVotes: Map<string, number>,
  limits: IntegrityRules["duplicates"],
): Verdict[] {
  if (promptHash === null) return [];
  const ownKey = visitorPromptKey(promptHash, visitorId);
  const [overall, own] = [promptVotes.get(promptHash) ?? 0, promptVotes.get(ownKey) ?? 0];
  promptVotes.set(promptHash, overall + 1).set(ownKey, own + 1);
  if (overall < limits.overall && own < limits.perVisitor) return [];
  const evidence = { votesBefore: overall, ownVotesBefore: own, ...limits };
  return [{ voteId: id, reason: "duplicate_prompt", evidence, quarantine: null }];
}
