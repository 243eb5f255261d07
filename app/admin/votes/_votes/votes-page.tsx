"use client";

import { useTranslations } from "next-intl";
import { parseAsString, useQueryStates } from "nuqs";
import { useRef } from "react";
import { PageHead } from "@/app/admin/_admin/page-head";
import { usePages } from "@/app/admin/_admin/use-pages";
import { Exclusions } from "./exclusions";
import { RecentVotes } from "./recent-votes";

export function VotesPage() {
  const t = useTranslations("admin.votes");
  const [shown, show] = useQueryStates({
    visitor: parseAsString.withDefault(""),
    act: parseAsString.withDefault(""),
  });
  // Of the recent votes: whatever is shown next begins at its newest, whoever asks for it.
  const pages = usePages();
  const onShow = (next: Partial<typeof shown>) => {
    pages.toNewest();
    void show(next);
  };
  const votes = useRef<HTMLDivElement>(null);
  return (
    <>
      <PageHead title={t("title")} lead={t("lead")} />
      <div className="flex flex-col gap-10">
        <Exclusions
          onShow={(act) => {
            onShow({ act, visitor: "" });
            votes.current?.scrollIntoView();
          }}
        />
        <div ref={votes}>
          <RecentVotes shown={shown} pages={pages} onShow={onShow} />
        </div>
      </div>
    </>
  );
}
