"use client";

import { useLocale, useTranslations } from "next-intl";
import { shortId } from "@/app/admin/_admin/short-id";
import { useMoment } from "@/app/admin/_admin/use-moment";
import type { AdminExclusions, VoteEvidence } from "@/lib/protocol";
import { formatOdds } from "./format-odds";

export type Exclusion = AdminExclusions["exclusions"][number];
type ActEvidence = Exclusion["evidence"];
type Measured = Extract<ActEvidence, { kind: "anomaly" | "campaign" }>;

/** What a decision rests on, in words by which a person can judge it: on the whole, and vote by vote. */
export function ExclusionEvidence({ of: exclusion }: { of: Exclusion }) {
  const t = useTranslations("admin.votes");
  const moment = useMoment();
  const { evidence, firstVotes, votes } = exclusion;
  return (
    <div className="flex flex-col gap-3">
      <Words of={evidence} />
      {exclusion.note === "" ? null : <p>{t("evidence.note", { note: exclusion.note })}</p>}
      <section aria-label={t("evidence.votes")}>
        <ol className="max-h-[40dvh] divide-y divide-line overflow-y-auto rounded-panel border border-line-2">
          {firstVotes.map((vote) => (
            <li key={vote.voteId} className="px-3 py-2 text-hint">
              <p className="text-fg">
                {vote.modelA} · {vote.modelB}, {t(`outcomes.${vote.outcome}`)}
              </p>
              <p className="number text-small text-fg-3">
                {moment(vote.at)} · <span title={vote.visitorId}>{shortId(vote.visitorId)}</span>
              </p>
              <Words of={vote.evidence} />
            </li>
          ))}
        </ol>
        {votes > firstVotes.length ? (
          <p className="mt-1 text-small text-fg-3">
            {t("evidence.first", { shown: firstVotes.length, all: votes })}
          </p>
        ) : null}
      </section>
      <p className="text-small text-fg-3">
        {exclusion.ruleVersion === null
          ? t("evidence.byPerson", { by: exclusion.by })
          : t("evidence.byRule", { version: exclusion.ruleVersion })}
      </p>
    </div>
  );
}

/** Of an act, or of one of its votes. */
function Words({ of: evidence }: { of: ActEvidence | VoteEvidence }) {
  const t = useTranslations("admin.votes.evidence");
  switch (evidence.kind) {
    case "none":
      return null;
    case "unread":
      return (
        <p>
          {t("unread")} <code className="font-mono text-small break-all">{evidence.json}</code>
        </p>
      );
    case "visitor":
      return <p>{t("visitor", { visitor: shortId(evidence.visitorId) })}</p>;
    case "quarantined":
      return <p>{t(`quarantined.${evidence.subject}`, { subject: shortId(evidence.subjectId) })}</p>;
    case "anomaly":
    case "campaign":
      return <MeasuredWords of={evidence} />;
    case "too_fast":
      return (
        <p>
          {t("tooFast", {
            after: seconds(evidence.sinceEnd),
            least: seconds(evidence.minAfterMs),
            characters: evidence.characters,
            reading: seconds(evidence.sinceBegin),
            most: evidence.maxCharactersPerSecond,
          })}
        </p>
      );
    case "identity_leak":
      return (
        <p>
          {t(`leak.${evidence.how}`, { side: evidence.side.toUpperCase(), turn: evidence.turn + 1 })}{" "}
          <q className="break-words text-fg">{evidence.match}</q>
        </p>
      );
    case "duplicate_prompt":
      return (
        <p>
          {t("duplicate", {
            own: evidence.ownVotesBefore,
            perVisitor: evidence.perVisitor,
            all: evidence.votesBefore,
            overall: evidence.overall,
          })}
        </p>
      );
  }
}

function MeasuredWords({ of: evidence }: { of: Measured }) {
  const t = useTranslations("admin.votes.evidence");
  const locale = useLocale();
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumSignificantDigits: 2 });
  const { leading, logE, among, subject } = evidence;
  const odds = formatOdds(logE, locale);
  return (
    <>
      <p>
        {t(`subject.${subject}`, { subject: shortId(evidence.subjectId) })}{" "}
        {leading === null
          ? t("fits", { odds })
          : t(`like.${leading.kind}`, { odds, model: leading.model ?? "" })}
      </p>
      <p className="text-fg-3">
        {evidence.kind === "anomaly"
          ? t("anomaly", { among, share: percent.format(evidence.alpha) })
          : t("campaign", {
              model: evidence.model,
              odds: formatOdds(evidence.campaignLogE, locale),
              share: percent.format(evidence.share),
              chance: percent.format(evidence.chanceHonest),
            })}
      </p>
    </>
  );
}

const seconds = (ms: number): number => Math.round(ms / 10) / 100;
