"use client";

import { Hourglass } from "lucide-react";
import { useTranslations } from "next-intl";
import { useSyncExternalStore } from "react";
import { challengeStatus } from "@/app/_data/challenge/solve-challenge";

/** Says why a request takes a second longer, while it does. Below the heads of the panes: they stay in sight. */
export function ChallengeStatus() {
  const t = useTranslations("challenge");
  const isSolving = useSyncExternalStore(challengeStatus.subscribe, challengeStatus.isSolving, () => false);
  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 top-40 z-50 flex justify-center px-4">
      {isSolving && (
        <p className="flex items-center gap-3 rounded-panel border border-line-2 bg-popover px-4 py-2 text-fg-2 text-ui shadow-float">
          <Hourglass size={16} aria-hidden="true" className="shrink-0" />
          {t("solving")}
        </p>
      )}
    </div>
  );
}
