import type { AdminExclusions, VoteEvidence } from "@/lib/protocol";
import { table } from "./table";

type Exclusion = AdminExclusions["exclusions"][number];
type Vote = Exclusion["firstVotes"][number];
type Measured = Extract<Exclusion["evidence"], { kind: "anomaly" | "campaign" }>;

/** The one thing that a line of a list can say: what the whole rests on, else its first vote's evidence, else the note. */
export function evidenceInShort({ evidence, firstVotes, note }: Exclusion): string {
  const [first] = firstVotes;
  return wordsOf(evidence) || (first === undefined ? "" : wordsOf(first.evidence)) || note;
}

/** All of it, for a terminal. */
export function describeExclusion(act: Exclusion): string {
  const by = act.ruleVersion === null ? act.by : `the rules, version ${act.ruleVersion}`;
  const effect = act.effect.map(
    ({ model, points }) => `${model} ${points > 0 ? "+" : ""}${points.toFixed(1)}`,
  );
  const rows = act.firstVotes.map((vote: Vote) => [
    ...[vote.voteId, vote.at, `${vote.modelA} · ${vote.modelB}`, vote.outcome, vote.visitorId],
    wordsOf(vote.evidence) || null,
  ]);
  const more = act.votes > rows.length ? `The first ${rows.length} of ${act.votes} votes:\n` : "";
  return [
    `${act.reason}: ${act.votes} votes, decided by ${by}.\n`,
    ...[wordsOf(act.evidence)].filter((words) => words !== "").map((words) => `${words}\n`),
    ...(act.note === "" ? [] : [`Note: ${act.note}\n`]),
    `Largest moves of the board: ${effect.join(", ") || "none"}.\n`,
    act.reversal === null ? "In force.\n" : `Taken back by ${act.reversal.by}: ${act.reversal.note}\n`,
    `\n${more}`,
    table(["vote", "at", "a · b", "outcome", "visitor", "evidence"], rows),
  ].join("");
}

const like = {
  uniform: "clicking at random",
  contrarian: "always choosing the weaker model",
  all_ties: "always calling a tie",
  one_side_a: "always choosing side A",
  one_side_b: "always choosing side B",
  favours: "letting one model always win",
} as const;

/** Of an act, or of one of its votes. */
function wordsOf(evidence: Exclusion["evidence"] | VoteEvidence): string {
  switch (evidence.kind) {
    case "none":
      return "";
    case "unread":
      return evidence.json;
    case "visitor":
      return `Every vote of the visitor ${evidence.visitorId}.`;
    case "quarantined":
      return `Later votes of the ${evidence.subject} ${evidence.subjectId}, which was in quarantine.`;
    case "anomaly":
    case "campaign":
      return measuredWords(evidence);
    case "too_fast":
      return `${evidence.sinceEnd} ms after the end (at least ${evidence.minAfterMs}); ${evidence.characters} characters in ${evidence.sinceBegin} ms (at most ${evidence.maxCharactersPerSecond} a second)`;
    case "identity_leak": {
      const how = evidence.how === "mention" ? "names a model in play" : "says who it is";
      return `answer ${evidence.side.toUpperCase()}, turn ${evidence.turn + 1}, ${how}: "${evidence.match}"`;
    }
    case "duplicate_prompt":
      return `the prompt had ${evidence.ownVotesBefore} votes of this visitor (at most ${evidence.perVisitor}) and ${evidence.votesBefore} of all (at most ${evidence.overall})`;
  }
}

function measuredWords(evidence: Measured): string {
  const { leading, subject, subjectId, logE, among } = evidence;
  const model = leading?.model == null ? "" : ` (${leading.model})`;
  const most = leading === null ? "" : `, most of all like ${like[leading.kind]}${model}`;
  const odds = `10^${(Math.floor((logE / Math.LN10) * 10) / 10).toFixed(1)}`;
  const head = `The votes of the ${subject} ${subjectId} are ${odds} times likelier from somebody who does not judge the answers than from any honest voter${most}.`;
  if (evidence.kind === "anomaly")
    return `${head} It stood out among ${among}; of such decisions at most ${evidence.alpha * 100} % are expected to be wrong.`;
  return `${head} Many push ${evidence.model}; the chance that this one is honest is ${(evidence.chanceHonest * 100).toFixed(2)} %.`;
}
