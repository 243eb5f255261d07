import { useLocale, useTranslations } from "next-intl";
import { formatShare } from "@/app/_components/format-number";
import { cn } from "@/app/_ui/cn";
import type { HeadToHead } from "@/lib/protocol";

/** The votes between the two as one bar in the order of the vote bar. The sides carry no colour: greys and their words. */
export function DirectRecord({ found }: { found: HeadToHead }) {
  const t = useTranslations("h2h");
  const locale = useLocale();
  const { direct } = found.overall;
  if (direct.votes === 0) return <p className="text-fg-2">{t("noDirect")}</p>;
  const count = new Intl.NumberFormat(locale);
  const parts = [
    { key: "a", label: t("wins", { name: found.a.displayName }), votes: direct.wins, ground: "bg-fg-2" },
    { key: "tie", label: t("ties"), votes: direct.ties, ground: "bg-line-2" },
    { key: "bad", label: t("bothBad"), votes: direct.bothBad, ground: "bg-line" },
    { key: "b", label: t("wins", { name: found.b.displayName }), votes: direct.losses, ground: "bg-fg-3" },
  ];
  return (
    <>
      <div aria-hidden="true" className="flex h-6 gap-px overflow-hidden rounded-control">
        {parts.map(({ key, votes, ground }) =>
          votes === 0 ? null : (
            <span key={key} className={cn("min-w-1", ground)} style={{ flexGrow: votes }} />
          ),
        )}
      </div>
      <dl className="mt-3 text-ui">
        {parts.map(({ key, label, votes, ground }) => (
          <div key={key} className="flex h-[34px] items-center gap-2.5 border-b border-line">
            <dt className="flex min-w-0 items-center gap-2.5">
              <span aria-hidden="true" className={cn("size-2.5 shrink-0 rounded-[2px]", ground)} />
              <span className="truncate">{label}</span>
            </dt>
            <dd className="number ml-auto shrink-0">
              <span className="font-medium">{count.format(votes)}</span>
              <span className="ml-2 inline-block min-w-11 text-right text-hint text-fg-3">
                {formatShare(votes / direct.votes)}
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
