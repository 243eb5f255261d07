import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { modelHref } from "@/app/_components/model-links";
import { buttonClass } from "@/app/_ui/button";
import type { SharedPage } from "@/lib/protocol";
import { PublishedBattle } from "./published-battle";
import { PublishedChat } from "./published-chat";

/** A published battle or chat, read-only, for anybody. */
export function PublishedPage({ page, flag }: { page: SharedPage; flag: ReactNode }) {
  const t = useTranslations("published");
  const format = useFormatter();
  const { content } = page;
  const facts = [
    t(content.kind === "chat" ? "chat" : content.board === "blind" ? "blind" : "compare"),
    t("made", { day: format.dateTime(new Date(content.createdAt), { dateStyle: "medium" }) }),
    t("published", { day: format.dateTime(new Date(page.publishedAt), { dateStyle: "medium" }) }),
  ];
  return (
    <main id="main" className="mx-auto w-full max-w-[1440px] flex-1 pb-12">
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 px-4 pt-5 pb-5 sm:px-6 md:px-10">
        <div className="min-w-0 max-w-[860px]">
          <h1 className="text-h1 break-words">{page.title}</h1>
          <p className="mt-1 text-hint text-fg-3">{facts.join(" · ")}</p>
          {page.hiddenFinds === 0 ? null : (
            <p className="mt-1 text-hint text-fg-3">{t("hidden", { count: page.hiddenFinds })}</p>
          )}
        </div>
        <TryThese content={content} />
      </header>
      {content.kind === "battle" ? <PublishedBattle battle={content} /> : <PublishedChat chat={content} />}
      <div className="mt-8 flex flex-wrap items-center justify-between gap-3 px-4 sm:px-6 md:px-10">
        <p className="text-hint text-fg-3">{t("asItWas")}</p>
        {flag}
      </div>
    </main>
  );
}

function TryThese({ content }: { content: SharedPage["content"] }) {
  const t = useTranslations("published");
  if (content.kind === "battle") {
    const { a, b } = content.models;
    const href = `/compare?${new URLSearchParams({ a: a.name, b: b.name })}`;
    return (
      <Link href={a.name === b.name ? "/" : href} prefetch={false} className={buttonClass("primary")}>
        {t("tryModels")}
      </Link>
    );
  }
  const last = content.messages.findLast((message) => message.role === "assistant");
  return (
    <div className="flex gap-2">
      {last === undefined ? null : (
        <Link href={modelHref(last.model.name)} prefetch={false} className={buttonClass()}>
          {last.model.displayName}
        </Link>
      )}
      <Link href="/chat" prefetch={false} className={buttonClass("primary")}>
        {t("tryChat")}
      </Link>
    </div>
  );
}
