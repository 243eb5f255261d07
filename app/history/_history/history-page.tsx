"use client";

import { CircleAlert } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button, buttonClass } from "@/app/_ui/button";
import { InlineError } from "@/app/_ui/inline-error";
import { Skeleton } from "@/app/_ui/skeleton";
import { DeleteData } from "./delete-data";
import type { HistoryQuery } from "./history-api";
import { HistoryFilters } from "./history-filters";
import { HistoryRow } from "./history-row";
import { PersonalBoardPanel } from "./personal-board-panel";
import { SharedLinks } from "./shared-links";
import { useHistory } from "./use-history";

const everything: HistoryQuery = { filter: "all", model: "", query: "" };

/** The visitor's own battles and votes, what they add up to, and the way to be rid of their texts. */
export function HistoryPage() {
  const t = useTranslations();
  const [query, setQuery] = useState(everything);
  /** Texts that go take their shared pages with them. */
  const [removals, setRemovals] = useState(0);
  const { state, more, markDeleted, reload } = useHistory(query);
  const { entries, error } = state;
  const isFiltered = query.filter !== "all" || query.model !== "" || query.query.trim() !== "";
  const isEmpty = entries?.length === 0 && error === null && !state.isLoading;

  return (
    <main id="main" className="mx-auto w-full max-w-[1440px] flex-1 px-4 py-8 sm:px-6">
      <h1 className="text-h1">{t("history.title")}</h1>
      <p className="mt-1 text-ui text-fg-2">{t("history.lead")}</p>
      <div className="mt-6 grid gap-x-10 gap-y-10 lg:grid-cols-[minmax(0,1fr)_400px]">
        <section aria-label={t("history.list")} aria-busy={state.isLoading} className="min-w-0">
          <HistoryFilters query={query} models={state.models} onChange={setQuery} />
          {error === null ? null : (
            <div role="alert" className="mt-4">
              <InlineError
                icon={<CircleAlert size={16} aria-hidden="true" />}
                title={t("history.failed")}
                actions={
                  <Button variant="primary" onClick={reload}>
                    {t("history.again")}
                  </Button>
                }
              >
                {t(`errors.${error}`)}
              </InlineError>
            </div>
          )}
          {entries === null && error === null ? (
            <div className="mt-4">
              <Skeleton label={t("history.loading")} />
            </div>
          ) : null}
          {isEmpty && isFiltered ? (
            <div className="mt-8">
              <p>{t("history.noMatch")}</p>
              <Button className="mt-3" onClick={() => setQuery(everything)}>
                {t("history.clear")}
              </Button>
            </div>
          ) : null}
          {isEmpty && !isFiltered ? (
            <div className="mt-8">
              <h2 className="text-h2">{t("history.emptyTitle")}</h2>
              <p className="mt-1 text-fg-2">{t("history.emptyBody")}</p>
              <Link href="/" className={`${buttonClass("primary")} mt-4`}>
                {t("history.emptyAction")}
              </Link>
            </div>
          ) : null}
          {entries === null || entries.length === 0 ? null : (
            <ul className="mt-3 border-t border-line-2">
              {entries.map((entry) => (
                <HistoryRow
                  key={entry.id}
                  entry={entry}
                  onDeleted={(id) => {
                    markDeleted(id);
                    setRemovals((count) => count + 1);
                  }}
                />
              ))}
            </ul>
          )}
          {state.nextCursor === null ? null : (
            <Button className="mt-4" aria-disabled={state.isLoading} onClick={() => void more()}>
              {t("history.more")}
            </Button>
          )}
        </section>
        <div className="flex min-w-0 flex-col gap-10">
          <PersonalBoardPanel />
          <SharedLinks version={removals} />
          <DeleteData
            onDeleted={() => {
              setRemovals((count) => count + 1);
              reload();
            }}
          />
        </div>
      </div>
    </main>
  );
}
