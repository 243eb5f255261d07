"use client";

import { useTranslations } from "next-intl";
import { PageHead } from "@/app/admin/_admin/page-head";
import { Exclusions } from "./exclusions";
import { RecentVotes } from "./recent-votes";

export function VotesPage() {
  const t = useTranslations("admin.votes");
  return (
    <>
      <PageHead title={t("title")} lead={t("lead")} />
      <div className="flex flex-col gap-10">
        <Exclusions />
        <RecentVotes />
      </div>
    </>
  );
}
