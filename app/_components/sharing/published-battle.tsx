import { Check } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { modelHref } from "@/app/_components/model-links";
import { Badge } from "@/app/_ui/badge";
import { cn } from "@/app/_ui/cn";
import type { SharedBattle } from "@/lib/protocol";
import { PublishedAnswer } from "./published-answer";

const sides = ["a", "b"] as const;

/** Each prompt, and below it the two answers side by side; on a phone one after the other. The vote stands at both ends. */
export function PublishedBattle({ battle }: { battle: SharedBattle }) {
  const t = useTranslations();
  const { outcome } = battle.vote;
  const strong = (chunks: ReactNode) => <strong className="font-semibold">{chunks}</strong>;
  return (
    <>
      <p className="flex items-center gap-2.5 border-t border-line px-4 py-3 sm:px-6 md:px-10">
        <Check size={16} aria-hidden="true" className="shrink-0 text-ok" />
        <span>{t.rich("published.vote", { strong, choice: t(`vote.${outcome}`) })}</span>
      </p>
      {battle.turns.map((turn, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a published battle never changes.
        <section key={index} aria-label={t("published.turn", { number: index + 1 })}>
          <div className="border-y border-line bg-surface px-4 py-3 sm:px-6 md:px-10">
            <div className="flex gap-6">
              <span className="shrink-0 pt-0.5 text-hint text-fg-3 max-sm:hidden">
                {t("published.prompt")}
              </span>
              <div className="min-w-0 flex-1">
                <p className="text-answer break-words whitespace-pre-wrap">{turn.prompt}</p>
                {turn.images === 0 ? null : (
                  <p className="mt-1 text-hint text-fg-3">{t("published.images", { count: turn.images })}</p>
                )}
              </div>
            </div>
          </div>
          <div className="grid divide-line sm:grid-cols-2 max-sm:divide-y sm:divide-x">
            {sides.map((side) => (
              <article
                key={side}
                aria-label={battle.models[side].displayName}
                className="min-w-0 px-4 pb-6 sm:px-6 md:px-10"
              >
                <h2 className="flex h-12 items-center gap-2.5">
                  <span
                    aria-hidden="true"
                    className={cn(
                      "flex size-5 shrink-0 items-center justify-center rounded-badge border font-mono text-key font-semibold",
                      outcome === side ? "border-fg bg-fg text-bg" : "border-current",
                    )}
                  >
                    {side.toUpperCase()}
                  </span>
                  <Link
                    href={modelHref(battle.models[side].name)}
                    prefetch={false}
                    className="min-w-0 truncate font-semibold underline-offset-4 hover:underline"
                  >
                    {battle.models[side].displayName}
                  </Link>
                  {outcome === side ? <Badge tone="accent">{t("published.better")}</Badge> : null}
                </h2>
                <PublishedAnswer answer={turn[side]} />
              </article>
            ))}
          </div>
        </section>
      ))}
    </>
  );
}
