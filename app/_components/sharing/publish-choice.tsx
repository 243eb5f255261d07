"use client";

import { useTranslations } from "next-intl";
import { useEffect, useId, useState } from "react";
import { type ApiErrorCode, toApiError } from "@/app/_data/api-error";
import { publicationApi } from "@/app/_data/publication-api";
import { cn } from "@/app/_ui/cn";
import type { PublicationView } from "@/lib/protocol";

type PublishChoiceProps = {
  battleId: string;
  className?: string;
  /** Told whenever the server has stored a choice. */
  onChanged?: (isGiven: boolean) => void;
};

/** The box that publishes a battle's text with the vote data: unticked until its visitor ticks it, and saved as it is pressed. */
export function PublishChoice({ battleId, className, onChanged }: PublishChoiceProps) {
  const t = useTranslations();
  const boxId = useId();
  const noteId = useId();
  const [choice, setChoice] = useState<PublicationView | null>(null);
  /** What was pressed and is not stored yet. */
  const [pressed, setPressed] = useState<boolean | null>(null);
  const [error, setError] = useState<ApiErrorCode | null>(null);

  useEffect(() => {
    const abort = new AbortController();
    publicationApi.choice(battleId, abort.signal).then(setChoice, (failure: unknown) => {
      if (!abort.signal.aborted) setError(toApiError(failure).code);
    });
    return () => abort.abort();
  }, [battleId]);

  async function choose(isGiven: boolean, hidesFinds = false) {
    setPressed(isGiven);
    setError(null);
    try {
      const stored = await publicationApi.choose(battleId, { isGiven, hidesFinds });
      setChoice(stored);
      onChanged?.(stored.isGiven);
    } catch (failure) {
      setError(toApiError(failure).code);
    } finally {
      setPressed(null);
    }
  }

  const isOn = pressed ?? choice?.isGiven ?? false;
  const finds = choice?.finds.reduce((sum, { count }) => sum + count, 0) ?? 0;
  const isHeldBack = choice?.isGiven === true && finds > 0 && !choice.hidesFinds;

  return (
    <div className={cn("flex min-w-0 flex-col gap-0.5 text-hint", className)}>
      <span className="flex items-center gap-2.5">
        <input
          id={boxId}
          type="checkbox"
          checked={isOn}
          // An unticked box would say that nothing is published, before anybody knows.
          disabled={choice === null && error === null}
          aria-describedby={noteId}
          onChange={(event) => pressed === null && void choose(event.target.checked)}
          className="size-4 shrink-0 accent-accent"
        />
        <label htmlFor={boxId} className="py-1 text-fg-2">
          {t("consent.publish")}
        </label>
      </span>
      <p id={noteId} role="status" className="pl-[26px] text-fg-3 empty:hidden">
        {pressed === null ? null : t("consent.saving")}
        {pressed === null && error !== null ? (
          <span className="text-bad">{t("consent.failed", { reason: t(`errors.${error}`) })}</span>
        ) : null}
        {pressed === null && error === null && isHeldBack ? (
          <>
            {t("consent.heldBack", { count: finds })}{" "}
            <button
              type="button"
              className="min-h-6 underline underline-offset-2 hover:text-fg"
              onClick={() => void choose(true, true)}
            >
              {t("consent.hide")}
            </button>
          </>
        ) : null}
        {pressed === null && error === null && choice?.isGiven === true && !isHeldBack
          ? t(choice.hidesFinds && finds > 0 ? "consent.givenHidden" : "consent.given", { count: finds })
          : null}
      </p>
    </div>
  );
}
