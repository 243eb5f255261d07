import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { PlotSection } from "@/app/_components/plot-section";
import type { PublishedSample } from "@/lib/protocol";

/** Battles of this model whose visitors have published their text with the vote data. */
export function PublishedSamples({ samples }: { samples: readonly PublishedSample[] }) {
  const t = useTranslations();
  const format = useFormatter();
  if (samples.length === 0) return null;
  return (
    <PlotSection title={t("published.samples")} note={t("published.samplesNote")} className="mt-10">
      <ul className="border-t border-line">
        {samples.map((sample) => (
          <li key={sample.battleId} className="border-b border-line py-2.5">
            <Link
              href={`/battles/${sample.battleId}`}
              prefetch={false}
              className="block truncate rounded-badge text-answer font-medium underline-offset-4 hover:underline"
            >
              {sample.prompt}
            </Link>
            <p className="mt-0.5 flex flex-wrap gap-x-2.5 text-hint text-fg-3">
              <span className="text-fg-2">{t(`vote.${sample.outcome}`)}</span>
              <span>
                {t("published.against", {
                  a: sample.models.a.displayName,
                  b: sample.models.b.displayName,
                })}
              </span>
              <time dateTime={sample.publishedAt}>
                {format.dateTime(new Date(sample.publishedAt), { dateStyle: "medium" })}
              </time>
            </p>
          </li>
        ))}
      </ul>
    </PlotSection>
  );
}
