"use client";

import { ChevronDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { useId, useState } from "react";
import { useCategoryName } from "@/app/_components/category-name";
import { buttonClass } from "@/app/_ui/button";
import { type BoardName, boardNames, type Category, namedCategories } from "@/lib/protocol";

/** The languages that a reader is most likely to look for; any other is one edit of the address away. */
const offered: readonly Category[] = [...namedCategories, "lang_en", "lang_zh"];

/** What can be had as it is now, by board and category. */
export function LiveData() {
  const t = useTranslations("data");
  const nameOf = useCategoryName();
  const boardId = useId();
  const categoryId = useId();
  const [board, setBoard] = useState<BoardName>("blind");
  const [category, setCategory] = useState<Category>("overall");
  const addressOf = (what: "pairs" | "ratings", format: "json" | "csv") =>
    `/api/data/${what}?${new URLSearchParams({ board, category, format })}`;

  return (
    <section aria-labelledby="live">
      <h2 id="live" className="text-h2">
        {t("live")}
      </h2>
      <p className="mt-1.5 text-hint text-fg-2">{t("liveLead")}</p>
      <div className="mt-3 flex flex-wrap gap-2">
        <label htmlFor={boardId} className="sr-only">
          {t("board")}
        </label>
        <span className="relative">
          <select
            id={boardId}
            value={board}
            onChange={(event) => setBoard(event.target.value as BoardName)}
            className={selectClass}
          >
            {boardNames.map((name) => (
              <option key={name} value={name}>
                {t(`boardName.${name}`)}
              </option>
            ))}
          </select>
          <ChevronDown size={14} aria-hidden="true" className={arrowClass} />
        </span>
        <label htmlFor={categoryId} className="sr-only">
          {t("category")}
        </label>
        <span className="relative">
          <select
            id={categoryId}
            value={category}
            onChange={(event) => setCategory(event.target.value as Category)}
            className={selectClass}
          >
            {offered.map((name) => (
              <option key={name} value={name}>
                {nameOf(name)}
              </option>
            ))}
          </select>
          <ChevronDown size={14} aria-hidden="true" className={arrowClass} />
        </span>
      </div>
      <ul className="mt-3 border-t border-line">
        {(["pairs", "ratings"] as const).map((what) => (
          <li key={what} className="flex flex-wrap items-center gap-2 border-b border-line py-2.5">
            <div className="min-w-40 flex-1">
              <p className="font-medium">{t(`what.${what}`)}</p>
              <p className="text-small text-fg-3">{t(`whatNote.${what}`)}</p>
            </div>
            {(["json", "csv"] as const).map((format) => (
              <a
                key={format}
                href={addressOf(what, format)}
                aria-label={t("get", { what: t(`what.${what}`), format: format.toUpperCase() })}
                className={buttonClass("default", "bar")}
              >
                {format.toUpperCase()}
              </a>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

const selectClass =
  "h-9 max-w-52 appearance-none truncate rounded-control border border-line-2 bg-bg pr-8 pl-3 text-hint text-fg max-sm:h-11";
const arrowClass = "pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 text-fg-2";
