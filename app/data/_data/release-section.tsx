import { ChevronRight, Download } from "lucide-react";
import { useFormatter, useTranslations } from "next-intl";
import { Cell, DataTable, HeadCell, RowHead } from "@/app/_components/data-table";
import { ScrollRegion } from "@/app/_components/scroll-region";
import type { ReleaseView } from "@/lib/protocol";

type ReleaseSectionProps = { release: ReleaseView; isNewest?: boolean };

/** One release: what is in it, and its files with sizes and hashes. Older ones are folded. */
export function ReleaseSection({ release, isNewest = false }: ReleaseSectionProps) {
  const t = useTranslations("data");
  const format = useFormatter();
  const hrefOf = (file: string) =>
    `/api/data/releases/${encodeURIComponent(release.name)}/files/${encodeURIComponent(file)}`;
  const facts = [
    format.dateTime(new Date(release.createdAt), { dateStyle: "medium" }),
    t("votes", { count: release.votes }),
    t("texts", { count: release.texts }),
    release.licence ?? t("noLicence"),
  ];
  return (
    <details open={isNewest} className="group mt-4 rounded-panel border border-line">
      <summary className="flex cursor-pointer list-none items-center gap-3 rounded-panel px-4 py-3 hover:bg-surface">
        <ChevronRight
          size={16}
          aria-hidden="true"
          className="shrink-0 text-fg-3 transition-transform duration-[120ms] group-open:rotate-90"
        />
        <span className="min-w-0">
          <span className="block font-semibold break-all">{release.name}</span>
          <span className="number text-hint text-fg-3">{facts.join(" · ")}</span>
        </span>
      </summary>
      <div className="border-t border-line px-4 pb-4">
        <ScrollRegion label={t("filesOf", { release: release.name })}>
          <DataTable caption={t("filesOf", { release: release.name })}>
            <thead>
              <tr>
                <HeadCell>{t("file")}</HeadCell>
                <HeadCell isRight>{t("size")}</HeadCell>
                <HeadCell>SHA-256</HeadCell>
              </tr>
            </thead>
            <tbody>
              {release.files.map(({ name, bytes, sha256 }) => (
                <tr key={name}>
                  <RowHead className="whitespace-nowrap">
                    <a
                      href={hrefOf(name)}
                      className="inline-flex items-center gap-2 rounded-badge align-middle underline-offset-4 hover:underline"
                    >
                      <Download size={14} aria-hidden="true" className="text-fg-3" />
                      {name}
                    </a>
                    {name === "README.md" ? (
                      <span className="ml-2 align-middle text-hint text-fg-3">{t("card")}</span>
                    ) : null}
                  </RowHead>
                  <Cell isRight>{formatBytes(bytes, format)}</Cell>
                  <Cell className="font-mono text-small text-fg-2">
                    {sha256 === null ? (
                      <span className="font-sans text-hint text-fg-3">{t("holdsHashes")}</span>
                    ) : (
                      <span title={sha256}>{sha256.slice(0, 24)}…</span>
                    )}
                  </Cell>
                </tr>
              ))}
            </tbody>
          </DataTable>
        </ScrollRegion>
        <dl className="mt-4 grid gap-x-6 gap-y-1 text-hint sm:grid-cols-[auto_minmax(0,1fr)]">
          <dt className="text-fg-3">{t("boards")}</dt>
          <dd>{release.boards.join(", ") || t("noBoards")}</dd>
          <dt className="text-fg-3">{t("chain")}</dt>
          <dd className="font-mono text-small break-all">{`${release.chain.seq}:${release.chain.hash}`}</dd>
        </dl>
      </div>
    </details>
  );
}

/** In the largest unit that keeps a digit before the point, as file managers write sizes. */
function formatBytes(bytes: number, format: ReturnType<typeof useFormatter>): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return format.number(value, {
    ...{ style: "unit", unit: units[step], unitDisplay: step === 0 ? "long" : "short" },
    maximumFractionDigits: step === 0 || value >= 100 ? 0 : 1,
  });
}
