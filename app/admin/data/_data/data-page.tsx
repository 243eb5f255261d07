"use client";

import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { buttonClass } from "@/app/_ui/button";
import { ConsoleTable, Head, RowName, Td } from "@/app/admin/_admin/console-table";
import { CopyButton } from "@/app/admin/_admin/copy-button";
import { Empty } from "@/app/admin/_admin/empty";
import { Loaded } from "@/app/admin/_admin/loading";
import { PageHead } from "@/app/admin/_admin/page-head";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { useMoment } from "@/app/admin/_admin/use-moment";
import { releaseListSchema } from "@/lib/protocol";

const command = "npm run votes -- export";

export function DataPage() {
  const t = useTranslations("admin.data");
  const locale = useLocale();
  const moment = useMoment();
  const releases = useConsoleData("/api/data/releases", releaseListSchema);
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
      <div className="mb-6 rounded-panel border border-line-2 px-4 py-3">
        <p className="text-fg-2">{t("make")}</p>
        <div className="my-2 flex flex-wrap items-center gap-3">
          <code className="rounded-control bg-surface px-2.5 py-1.5 font-mono text-code">{command}</code>
          <CopyButton text={command} />
        </div>
        <p className="text-hint text-fg-3">{t("folder")}</p>
      </div>
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
