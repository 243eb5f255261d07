"use client";

import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { buttonClass } from "@/app/_ui/button";
import { cn } from "@/app/_ui/cn";
import { ConsoleTable, Head, RowName, Td } from "@/app/admin/_admin/console-table";
import { Empty } from "@/app/admin/_admin/empty";
import { Loaded } from "@/app/admin/_admin/loading";
import { PageHead } from "@/app/admin/_admin/page-head";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { useMoment } from "@/app/admin/_admin/use-moment";
import { type ReleaseJobView, releaseJobsSchema, releaseListSchema } from "@/lib/protocol";
import { MakeRelease } from "./make-release";
import { ReleaseProgress } from "./release-progress";

/** How often it is asked what is being made, while something is and while nothing is. */
const pollMs = { running: 1_000, idle: 15_000 } as const;

export function DataPage() {
  const t = useTranslations("admin.data");
  const locale = useLocale();
  const moment = useMoment();
  const releases = useConsoleData("/api/data/releases", releaseListSchema);
  const [isMaking, setMaking] = useState(false);
  const jobs = useConsoleData(
    "/api/admin/releases",
    releaseJobsSchema,
    isMaking ? pollMs.running : pollMs.idle,
  );
  const latest = jobs.data?.jobs[0] ?? null;
  const isRunning = latest?.state === "running";
  const ended = latest === null || isRunning ? null : latest.id;
  const { reload } = releases;
  useEffect(() => setMaking(isRunning), [isRunning]);
  useEffect(() => {
    // What was just made stands in the list from now on.
    if (ended !== null) reload();
  }, [ended, reload]);
  const number = new Intl.NumberFormat(locale);
  const megabytes = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  return (
    <>
      <PageHead
        title={t("title")}
        lead={t("lead")}
        actions={
          <Link href="/data" className={buttonClass()}>
            {t("page")}
          </Link>
        }
      />
      <section aria-labelledby="make-release" className="mb-6 rounded-panel border border-line-2 px-4 py-3">
        <h2 id="make-release" className="mb-2 text-h2">
          {t("make")}
        </h2>
        <Loaded from={jobs}>
          {() =>
            latest?.state === "running" ? (
              <ReleaseProgress job={latest} onChanged={jobs.reload} />
            ) : (
              <>
                <MakeRelease onBegun={jobs.reload} />
                {/* Read out when it ends. */}
                <div role="status">{latest === null ? null : <Ended job={latest} />}</div>
              </>
            )
          }
        </Loaded>
      </section>
      <Loaded from={releases}>
        {({ releases: rows }) =>
          rows.length === 0 ? (
            <Empty>{t("empty")}</Empty>
          ) : (
            <ConsoleTable
              caption={t("title")}
              head={
                <>
                  <Head>{t("release")}</Head>
                  <Head>{t("made")}</Head>
                  <Head isRight>{t("votes")}</Head>
                  <Head isRight>{t("texts")}</Head>
                  <Head>{t("licence")}</Head>
                  <Head isRight>{t("size")}</Head>
                </>
              }
            >
              {rows.map((release) => (
                <tr key={release.name}>
                  <RowName>{release.name}</RowName>
                  <Td className="number whitespace-nowrap text-fg-2">
                    {moment(new Date(release.createdAt))}
                  </Td>
                  <Td isRight>{number.format(release.votes)}</Td>
                  <Td isRight>{number.format(release.texts)}</Td>
                  <Td>{release.licence ?? "–"}</Td>
                  <Td isRight>
                    {megabytes.format(release.files.reduce((sum, { bytes }) => sum + bytes, 0) / 1_000_000)}{" "}
                    MB
                  </Td>
                </tr>
              ))}
            </ConsoleTable>
          )
        }
      </Loaded>
    </>
  );
}

/** How the latest one ended. */
function Ended({ job }: { job: ReleaseJobView }) {
  const t = useTranslations("admin.data");
  const moment = useMoment();
  if (job.state === "running") return null;
  const at = moment(job.endedAt ?? job.startedAt);
  return (
    <p className={cn("mt-3 text-hint", job.state === "failed" ? "text-bad" : "text-fg-2")}>
      {t(`ended.${job.state}`, {
        ...{ name: job.release, at, by: job.cancelledBy ?? job.startedBy },
        reason: job.error ?? t("lost"),
      })}
    </p>
  );
}
