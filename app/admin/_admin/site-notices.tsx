"use client";

import { Hourglass, Network } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Notice } from "@/app/_ui/notice";
import { type NoticesView, stuckVoteMs } from "@/lib/protocol";
import { ClockNotice } from "./clock-notice";

/** What is wrong with the site as a whole and shows nowhere else. */
export function SiteNotices({ notices }: { notices: NoticesView }) {
  const t = useTranslations("admin.notices");
  const number = new Intl.NumberFormat(useLocale(), { maximumFractionDigits: 0 });
  const { clocks, isProxyUnnamed, judging } = notices;
  const minutes = number.format(judging.oldestMs / 60_000);
  return (
    <div className="flex flex-col gap-3 empty:hidden">
      <ClockNotice clocks={clocks} />
      {isProxyUnnamed ? (
        <Said icon={<Network size={16} aria-hidden="true" />}>{t("proxyUnnamed")}</Said>
      ) : null}
      {judging.oldestMs > stuckVoteMs ? (
        <Said icon={<Hourglass size={16} aria-hidden="true" />}>
          {t("votesWait", { count: judging.waiting, minutes })}
        </Said>
      ) : null}
      {judging.setAside > 0 ? (
        <Said icon={<Hourglass size={16} aria-hidden="true" />}>
          {t("votesAside", { count: judging.setAside })}
        </Said>
      ) : null}
    </div>
  );
}

function Said({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <div role="status">
      <Notice icon={icon}>{children}</Notice>
    </div>
  );
}
