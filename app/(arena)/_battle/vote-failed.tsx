"use client";

import { TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
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
  const isFinal = vote.reason === "visitor_stopped";
  const reason = t(`errors.${vote.reason}`);
  return (
    <div role="alert">
      <InlineError
        icon={<TriangleAlert size={16} aria-hidden="true" />}
        title={t("vote.failedTitle")}
        // Once more would be refused once more.
        actions={
          isFinal ? undefined : (
            <Button ref={again} variant="primary" onClick={() => onSaveAgain(vote.outcome)}>
              {t("vote.again")}
            </Button>
          )
        }
      >
        {isFinal ? reason : t("vote.failedBody", { reason, choice: t(`vote.${vote.outcome}`) })}
      </InlineError>
    </div>
  );
}
