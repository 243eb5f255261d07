"use client";

import { GitFork, Search, SlidersHorizontal, X } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useId, useState } from "react";
import { useCategoryName } from "@/app/_components/category-name";
import { FilterMenu } from "@/app/_components/filter-menu";
import { Button } from "@/app/_ui/button";
import { cn } from "@/app/_ui/cn";
import { IconButton } from "@/app/_ui/icon-button";
import { ToggleChip } from "@/app/_ui/toggle-chip";
import { categorySchema, type Leaderboard, tieModelNameSchema, tieModelNames } from "@/lib/protocol";
import type { BoardParams } from "./board-params";
import { licencesOf } from "./sort-rows";

type Change = { [K in keyof BoardParams]?: BoardParams[K] | null };
type BoardFiltersProps = {
  board: Leaderboard;
  params: BoardParams;
  onChange: (change: Change) => void;
  /** The fork's own panel then has style, ties and the least number of votes. */
  isForked: boolean;
  onFork: (isForked: boolean) => void;
};

const voteSteps = [0, 10, 50, 100, 500, 1000, 5000];

/** Everything that narrows or refits the board. On a phone category and style stand alone, the rest behind one button. */
export function BoardFilters({ board, params, onChange, isForked, onFork }: BoardFiltersProps) {
  const t = useTranslations("board.filter");
  const tFork = useTranslations("fork");
  const locale = useLocale();
  const nameOf = useCategoryName();
  const moreId = useId();
  const [isOpen, setIsOpen] = useState(false);
  const count = new Intl.NumberFormat(locale);

  const offered = board.categories.some(({ category }) => category === params.category)
    ? board.categories
    : [{ category: params.category, votes: 0 }, ...board.categories];
  const licences = licencesOf(board.rows);
  const steps = [...new Set([...voteSteps, params.minVotes])].sort((left, right) => left - right);
  const hidden = [params.q !== "", params.licence !== "", params.showRetired];
  const fitted = isForked ? [] : [params.minVotes > 0, params.ties !== "half"];
  const hiddenCount = [...hidden, ...fitted].filter(Boolean).length;
  const more = cn("max-sm:basis-full", !isOpen && "max-sm:hidden");

  return (
    <div className="mt-4 flex flex-wrap items-center gap-2">
      <SearchField
        query={params.q}
        onQuery={(q) => onChange({ q: q === "" ? null : q })}
        className={cn("max-sm:order-1", more)}
      />
      <FilterMenu
        hasShortName
        name={t("category")}
        value={params.category}
        choices={offered.map(({ category, votes }) => ({
          value: category,
          label:
            category === params.category ? nameOf(category) : `${nameOf(category)} · ${count.format(votes)}`,
        }))}
        onChoose={(value) => onChange({ category: categorySchema.parse(value) })}
      />
      {isForked ? null : (
        <FilterMenu
          name={t("style")}
          value={params.style ? "1" : "0"}
          choices={[
            { value: "0", label: t("off") },
            { value: "1", label: t("on") },
          ]}
          // Style control and another tie model do not go together: the newer choice wins.
          onChoose={(value) => onChange({ style: value === "1", ...(value === "1" ? { ties: null } : {}) })}
        />
      )}
      <Button
        className="ml-auto h-11 sm:hidden"
        size="bar"
        aria-expanded={isOpen}
        aria-controls={moreId}
        onClick={() => setIsOpen(!isOpen)}
      >
        <SlidersHorizontal size={16} aria-hidden="true" />
        {t("more")}
        {hiddenCount === 0 ? null : <span className="number text-fg-3">{hiddenCount}</span>}
      </Button>
      <div id={moreId} className={cn("flex flex-wrap items-center gap-2 max-sm:order-2", more)}>
        {isForked ? null : (
          <FilterMenu
            name={t("ties")}
            value={params.style ? "half" : params.ties}
            choices={tieModelNames.map((name) => ({ value: name, label: t(`tieModel.${name}`) }))}
            onChoose={(value) => {
              const ties = tieModelNameSchema.parse(value);
              onChange({ ties, ...(ties === "half" ? {} : { style: null }) });
            }}
          />
        )}
        {licences.length === 0 && params.licence === "" ? null : (
          <FilterMenu
            name={t("licence")}
            value={params.licence}
            choices={[
              { value: "", label: t("any") },
              ...licences.map((licence) => ({ value: licence, label: licence })),
            ]}
            onChoose={(licence) => onChange({ licence: licence === "" ? null : licence })}
          />
        )}
        {isForked ? null : (
          <FilterMenu
            name={t("minVotes")}
            value={String(params.minVotes)}
            choices={steps.map((step) => ({
              value: String(step),
              label: step === 0 ? t("any") : count.format(step),
            }))}
            onChoose={(value) => onChange({ minVotes: Number(value) })}
          />
        )}
        <ToggleChip isOn={params.showRetired} onToggle={(showRetired) => onChange({ showRetired })}>
          {t("retired")}
        </ToggleChip>
      </div>
      {isForked ? (
        <div className="flex items-center gap-4 text-hint text-fg-2 sm:ml-auto">
          <ForkLegend />
        </div>
      ) : board.votes === 0 ? null : (
        <Button
          className={cn("max-sm:order-3 max-sm:h-11 sm:ml-auto", !isOpen && "max-sm:hidden")}
          onClick={() => onFork(true)}
        >
          <GitFork size={16} aria-hidden="true" />
          {tFork("fork")}
        </Button>
      )}
    </div>
  );
}

/** Which of the two glyphs of a row is which. */
function ForkLegend() {
  const t = useTranslations("fork");
  return (
    <>
      <span className="flex items-center gap-2">
        <span aria-hidden="true" className="relative h-0.5 w-7 bg-accent">
          <span className="absolute top-1/2 left-1/2 size-2 -translate-1/2 rounded-full bg-accent" />
        </span>
        {t("title")}
      </span>
      <span className="flex items-center gap-2">
        <span aria-hidden="true" className="relative h-0.5 w-7 bg-fg-3">
          <span className="absolute top-1/2 left-1/2 size-2 -translate-1/2 rounded-full border-[1.5px] border-fg-3 bg-bg" />
        </span>
        {t("published")}
      </span>
    </>
  );
}

type SearchFieldProps = { query: string; onQuery: (query: string) => void; className?: string };

function SearchField({ query, onQuery, className }: SearchFieldProps) {
  const t = useTranslations("board");
  return (
    <search
      className={cn(
        "flex h-9 w-full items-center rounded-control border border-control bg-bg pl-3 focus-within:border-accent focus-within:outline-1 focus-within:outline-accent max-sm:h-11 sm:w-52",
        className,
      )}
    >
      <Search size={16} aria-hidden="true" className="shrink-0 text-fg-3" />
      <input
        type="text"
        value={query}
        aria-label={t("search")}
        placeholder={t("search")}
        onChange={(event) => onQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && query !== "") onQuery("");
        }}
        className="h-full min-w-0 flex-1 bg-transparent px-2.5 text-ui outline-none max-sm:text-field"
      />
      {query === "" ? null : (
        <IconButton label={t("clearSearch")} onClick={() => onQuery("")}>
          <X size={16} />
        </IconButton>
      )}
    </search>
  );
}
