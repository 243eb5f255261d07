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
  return (
    <div role="alert">
      <InlineError
        icon={<TriangleAlert size={16} aria-hidden="true" />}
        title={t("vote.failedTitle")}
        actions={
          <Button ref={again} variant="primary" onClick={() => onSaveAgain(vote.outcome)}>
            {t("vote.again")}
          </Button>
        }
      >
        {t("vote.failedBody", { reason: t(`errors.${vote.reason}`), choice: t(`vote.${vote.outcome}`) })}
      </InlineError>
    </div>
  );
}
