"use client";

import { useTranslations } from "next-intl";
import { useSyncExternalStore } from "react";
import { challengeStatus } from "@/app/_data/challenge/solve-challenge";

/** Says why a request takes a second longer, while it does. */
export function ChallengeStatus() {
  const t = useTranslations("challenge");
  const isSolving = useSyncExternalStore(challengeStatus.subscribe, challengeStatus.isSolving, () => false);
  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 bottom-4 z-50 flex justify-center px-4">
      {isSolving && (
        <p className="rounded-panel border border-line-2 bg-popover px-4 py-2 text-fg-2 text-ui shadow-float">
          {t("solving")}
        </p>
      )}
    </div>
  );
}
