"use client";

import { useTranslations } from "next-intl";
import { parseAsString, useQueryStates } from "nuqs";
import { useRef } from "react";
import { PageHead } from "@/app/admin/_admin/page-head";
import { Exclusions } from "./exclusions";
import { RecentVotes } from "./recent-votes";

export function VotesPage() {
  const t = useTranslations("admin.votes");
  const [shown, show] = useQueryStates({
    visitor: parseAsString.withDefault(""),
    act: parseAsString.withDefault(""),
  });
  const votes = useRef<HTMLDivElement>(null);
  return (
    <>
      <PageHead title={t("title")} lead={t("lead")} />
      <div className="flex flex-col gap-10">
        <Exclusions
          onShow={(act) => {
            void show({ act, visitor: "" });
            votes.current?.scrollIntoView();
          }}
        />
        <div ref={votes}>
          <RecentVotes shown={shown} onShow={(next) => void show(next)} />
        </div>
      </div>
    </>
  );
}
