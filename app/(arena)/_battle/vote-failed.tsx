"use client";

import { TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { SignInForMore } from "@/app/_components/problem-notice";
import { RateLimitWords, useSecondsUntil } from "@/app/_components/rate-limit-words";
import { Button } from "@/app/_ui/button";
import { InlineError } from "@/app/_ui/inline-error";
import type { Outcome } from "@/lib/protocol";
import type { VoteState } from "./arena-state";

type VoteFailedProps = {
  vote: Extract<VoteState, { phase: "failed" }>;
  onSaveAgain: (outcome: Outcome) => void;
};

export function VoteFailed({ vote, onSaveAgain }: VoteFailedProps) {
  const t = useTranslations();
  const again = useRef<HTMLButtonElement>(null);
  useEffect(() => again.current?.focus(), []);
  const { code, retryAt, limit } = vote.problem;
  const seconds = useSecondsUntil(retryAt);
  const isWaiting = seconds !== null && seconds > 0;
  const isFinal = code === "visitor_stopped";
  const reason =
    seconds === null ? t(`errors.${code}`) : <RateLimitWords problem={vote.problem} seconds={seconds} />;
  return (
    <div role="alert">
      <InlineError
        icon={<TriangleAlert size={16} aria-hidden="true" />}
        title={t("vote.failedTitle")}
        // Once more would be refused once more.
        actions={
          isFinal ? undefined : (
            <>
              <Button
                ref={again}
                variant="primary"
                aria-disabled={isWaiting}
                onClick={() => !isWaiting && onSaveAgain(vote.outcome)}
              >
                {t("vote.again")}
              </Button>
              {isWaiting && limit?.scope === "visitor" ? <SignInForMore /> : null}
            </>
          )
        }
      >
        {isFinal
          ? reason
          : t.rich("vote.failedBody", { reason: () => reason, choice: t(`vote.${vote.outcome}`) })}
      </InlineError>
    </div>
  );
}
