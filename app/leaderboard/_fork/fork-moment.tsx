"use client";

import { History } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { Button } from "@/app/_ui/button";
import { Notice } from "@/app/_ui/notice";
import type { Leaderboard } from "@/lib/protocol";
import { type ForkPin, isOf, pinOf } from "./fork-params";
import type { Fork } from "./use-fork";

type ForkMomentProps = {
  /** What the link asks for. */
  pin: ForkPin;
  fork: Fork;
  /** The published board, where it is of the same votes. */
  newest: Leaderboard | null;
  onNow: () => void;
};

/** Says that the figures are those of a link, how old its votes are, and whether they are exactly those that it was made of. */
export function ForkMoment({ pin, fork, newest, onNow }: ForkMomentProps) {
  const t = useTranslations("fork.moment");
  const locale = useLocale();
  const { fitted } = fork;
  if (fork.failure !== "unknown" && (fitted === null || !fork.isCurrent)) return null;
  const isExact = fitted !== null && isOf(pin, pinOf(fitted));
  const texts: string[] = [];
  if (fork.failure === "unknown") texts.push(t("unknown"));
  else if (fitted !== null && pin.editions !== null) {
    const { countedAt, votes } = fitted.pairs;
    // Fewer, where votes were left out since.
    const since = newest === null ? null : Math.max(0, newest.votes - votes);
    if (isExact && newest?.inputsHash === fitted.pairs.inputsHash) return null;
    const time =
      countedAt === null
        ? ""
        : new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(
            new Date(countedAt),
          );
    texts.push(countedAt === null || since === null ? t("asOfVotes", { votes }) : t("asOf", { time, since }));
  }
  if (fork.failure === null && !isExact) texts.push(t(pin.editions === null ? "moved" : "inexact"));
  return (
    <div role="status" className="mb-3">
      <Notice
        icon={<History size={16} aria-hidden="true" />}
        action={
          <Button size="bar" className="shrink-0 max-sm:h-11" onClick={onNow}>
            {t("now")}
          </Button>
        }
      >
        {texts.join(" ")}
      </Notice>
    </div>
  );
}
