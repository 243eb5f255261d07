"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useOpenKeys } from "@/app/_components/keys-provider";
import { cn } from "@/app/_ui/cn";
import { Kbd } from "@/app/_ui/kbd";

/** Why the vote bar waits is said here, so it points to this line. */
export const composerHintId = "composer-hint";

type ComposerHintProps = { isEmptyPage: boolean; children: ReactNode };

/** One line at the lower edge of the page. On a phone it has the 22 px below the composer to itself; what needs two gets them. */
export function ComposerHint({ isEmptyPage, children }: ComposerHintProps) {
  const t = useTranslations("composer");
  const openKeys = useOpenKeys();
  return (
    <div className="flex min-h-[34px] items-center justify-between gap-6 text-small text-fg-3 max-sm:min-h-[22px] max-sm:pb-[env(safe-area-inset-bottom)]">
      <p id={composerHintId} className={cn("min-w-0 py-1", isEmptyPage ? "max-sm:pb-3" : "max-sm:py-[3px]")}>
        {children}
      </p>
      <p aria-hidden="true" className="flex shrink-0 items-center gap-3 max-md:hidden">
        <span className="flex items-center gap-1.5">
          <Kbd>Enter</Kbd> {t("enter")}
        </span>
        <span className="flex items-center gap-1.5">
          <Kbd>Shift Enter</Kbd> {t("shiftEnter")}
        </span>
        <button
          type="button"
          tabIndex={-1}
          onClick={openKeys}
          className="flex h-6 items-center gap-1.5 hover:text-fg"
        >
          <Kbd>?</Kbd> {t("allKeys")}
        </button>
      </p>
    </div>
  );
}
