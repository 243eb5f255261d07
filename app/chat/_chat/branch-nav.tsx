"use client";

import { ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslations } from "next-intl";
import { IconButton } from "@/app/_ui/icon-button";
import type { BranchPlace } from "@/lib/message-tree";

type BranchNavProps = { place: BranchPlace; isBusy: boolean; onSelect: (messageId: string) => void };

/** ‹ 2 / 3 ›: the alternatives to one message. */
export function BranchNav({ place, isBusy, onSelect }: BranchNavProps) {
  const t = useTranslations("chat.message");
  const { index, count, previousId, nextId } = place;
  if (count < 2) return null;
  const to = (id: string | null) => id !== null && !isBusy && onSelect(id);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form fields; this groups two buttons and a place.
    <div role="group" aria-label={t("branches")} className="flex items-center text-fg-3">
      <IconButton
        label={isBusy ? t("busy") : t("previous")}
        aria-disabled={previousId === null || isBusy}
        onClick={() => to(previousId)}
        className="!w-6"
      >
        <ChevronLeft size={16} />
      </IconButton>
      <span className="number px-1 text-hint whitespace-nowrap">
        {t("place", { index: index + 1, count })}
      </span>
      <IconButton
        label={isBusy ? t("busy") : t("next")}
        aria-disabled={nextId === null || isBusy}
        onClick={() => to(nextId)}
        className="!w-6"
      >
        <ChevronRight size={16} />
      </IconButton>
    </div>
  );
}
