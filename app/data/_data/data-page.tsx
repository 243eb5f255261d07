import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { TextLink } from "@/app/_components/text-link";
import type { ReleaseView } from "@/lib/protocol";
import { CommandLine } from "./command-line";
import { LiveData } from "./live-data";
import { ReleaseSection } from "./release-section";

/** Everything that can be checked or computed again from outside: releases, what is live, and how to go about it. */
export function DataPage({ releases }: { releases: readonly ReleaseView[] }) {
  const t = useTranslations("data");
  const [newest, ...older] = releases;
  const code = (chunks: ReactNode) => <code className="font-mono text-code break-all">{chunks}</code>;
  return (
    <main id="main" className="mx-auto w-full max-w-[1440px] flex-1 px-4 pt-4 pb-12 sm:px-6 sm:pt-6">
      <h1 className="text-h1 max-sm:sr-only">{t("title")}</h1>
      <p className="max-w-160 text-fg-2 sm:mt-1">{t("lead")}</p>
      <div className="mt-8 grid gap-x-14 gap-y-10 lg:grid-cols-[minmax(0,1fr)_400px]">
        <div className="min-w-0">
          <section aria-labelledby="releases">
            <h2 id="releases" className="text-h2">
              {t("releases")}
            </h2>
            <p className="mt-0.5 text-hint text-fg-3">{t("releasesNote")}</p>
            {newest === undefined ? (
              <div className="mt-4 rounded-panel border border-line px-4 py-4">
                <p>{t("none")}</p>
                <p className="mt-1 text-hint text-fg-3">{t.rich("noneOperator", { code })}</p>
              </div>
            ) : (
              <ReleaseSection release={newest} isNewest />
            )}
            {older.map((release) => (
              <ReleaseSection key={release.name} release={release} />
            ))}
          </section>
        </div>
        <div className="flex min-w-0 flex-col gap-10">
          <section aria-labelledby="verify">
            <h2 id="verify" className="text-h2">
              {t("verify")}
            </h2>
            <p className="mt-1.5 text-hint text-fg-2">{t("verifyLead")}</p>
            <CommandLine
              label={t("reproduceLabel")}
              command={`npm run votes -- reproduce ${newest?.name ?? "FOLDER"}`}
            />
            <p className="mt-3 text-hint text-fg-2">{t("headLead")}</p>
            <CommandLine
              label={t("headLabel")}
              command={`npm run votes -- verify --head ${newest === undefined ? "SEQ:HASH" : `${newest.chain.seq}:${newest.chain.hash}`}`}
            />
          </section>
          <LiveData />
          <section aria-labelledby="more">
            <h2 id="more" className="text-h2">
              {t("more")}
            </h2>
            <p className="mt-1.5 text-hint text-fg-2">
              {t.rich("moreBody", {
                api: (chunks) => <TextLink href="/docs/api">{chunks}</TextLink>,
                privacy: (chunks) => <TextLink href="/privacy#publication">{chunks}</TextLink>,
                board: (chunks) => <TextLink href="/leaderboard">{chunks}</TextLink>,
              })}
            </p>
          </section>
        </div>
      </div>
    </main>
  );
}
