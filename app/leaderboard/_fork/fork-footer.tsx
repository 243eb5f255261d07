"use client";

import { Link2 } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { formatScore } from "@/app/_components/format-number";
import { useCopy } from "@/app/_hooks/use-copy";
import { Button } from "@/app/_ui/button";
import { type ForkPin, formatPin, pinOf } from "./fork-params";
import type { Fork } from "./use-fork";

type ForkFooterProps = {
  fork: Fork;
  /** The published board has been refitted since. */
  hasNewer: boolean;
  onPin: (pin: string) => void;
  onReset: () => void;
};

/** What was done, on which data, and the link that does it again. */
export function ForkFooter({ fork, hasNewer, onPin, onReset }: ForkFooterProps) {
  const t = useTranslations("fork");
  const { said, copy } = useCopy();
  const { fitted } = fork;
  const pin = fitted === null ? null : formatPin(pinOf(fitted));

  const share = () => {
    if (pin === null) return;
    const address = new URL(window.location.href);
    address.searchParams.set("forkData", pin);
    onPin(pin);
    void copy(address.href);
  };

  return (
    <div className="border-t border-line bg-surface px-5 py-4 text-hint text-fg-2">
      <div role="status">
        <Status fork={fork} />
      </div>
      {fork.progress !== null ? (
        <Button size="bar" className="mt-2 max-sm:h-11" onClick={fork.cancel}>
          {t("cancel")}
        </Button>
      ) : fork.failure !== null ? (
        <Button size="bar" className="mt-2 max-sm:h-11" onClick={fork.refit}>
          {t("again")}
        </Button>
      ) : hasNewer ? (
        <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1">
          {t("newer")}
          <Button size="bar" className="max-sm:h-11" onClick={fork.refit}>
            {t("refit")}
          </Button>
        </p>
      ) : null}
      <div className="mt-3 flex gap-2">
        <Button
          variant="primary"
          className="flex-1 max-sm:h-11"
          aria-disabled={!fork.isCurrent}
          onClick={() => fork.isCurrent && share()}
        >
          <Link2 size={16} aria-hidden="true" />
          {said ?? t("copy")}
        </Button>
        <Button className="max-sm:h-11" onClick={onReset}>
          {t("reset")}
        </Button>
      </div>
    </div>
  );
}

function Status({ fork }: { fork: Fork }) {
  const t = useTranslations("fork");
  const locale = useLocale();
  const { fitted, progress, failure } = fork;
  if (failure !== null) return <p className="text-bad">{t(`failure.${failure}`)}</p>;
  if (progress !== null) {
    const percent = Math.round(progress.done * 100);
    return (
      <>
        <p>{t(`step.${progress.step}`)}</p>
        {progress.step === "fit" || percent === 0 ? null : (
          <progress
            aria-label={t(`step.${progress.step}`)}
            value={percent}
            max={100}
            className="mt-1 h-1 w-full accent-accent"
          />
        )}
      </>
    );
  }
  if (fitted === null) return null;
  const { fit } = fitted;
  const count = new Intl.NumberFormat(locale);
  return (
    <>
      <p>
        {t("fitted", { ms: formatScore(Math.max(1, Math.round(fitted.fitMs)), locale) })}{" "}
        {fit.isDetermined ? t(fit.converged ? "converged" : "notConverged") : t("undetermined")}{" "}
        {fit.fittedTies === fitted.choice.ties ? null : t("tiesNotFitted")}
      </p>
      <p className="mt-0.5">
        {fitted.votes === null ? null : `${t("fromVotes", { votes: fit.votes })} `}
        {fit.odd === null
          ? null
          : `${t("oddFound", { voters: count.format(fit.odd.voters), of: count.format(fit.odd.of) })} `}
        {t("data")} <span className="font-mono text-[13px]">{spaced(pinOf(fitted))}</span>
      </p>
    </>
  );
}

/** 8f2c91d0… as it is read aloud: the first eight digits of each hash, in fours. */
function spaced({ counts, votes }: ForkPin): string {
  return [counts, ...(votes === null ? [] : [votes])]
    .map((hash) => `${hash.slice(0, 4)} ${hash.slice(4, 8)}`)
    .join(" · ");
}
