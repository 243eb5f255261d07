"use client";

import { ChevronDown, Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { Chip } from "@/app/_ui/chip";
import type { History, HistoryFilter } from "@/lib/protocol";
import type { HistoryQuery } from "./history-api";

const filters: readonly HistoryFilter[] = ["all", "voted", "unvoted", "published"];

type HistoryFiltersProps = {
  query: HistoryQuery;
  models: History["models"];
  onChange: (query: HistoryQuery) => void;
};

export function HistoryFilters({ query, models, onChange }: HistoryFiltersProps) {
  const t = useTranslations("history");
  return (
    <search className="flex flex-wrap items-center gap-2">
      <label className="flex h-9 min-w-48 flex-1 items-center gap-2.5 rounded-control border border-control bg-bg px-3 focus-within:border-accent focus-within:outline-1 focus-within:outline-accent max-sm:h-11 max-sm:w-full max-sm:flex-none">
        <Search size={16} aria-hidden="true" className="shrink-0 text-fg-2" />
        <input
          type="search"
          value={query.query}
          maxLength={200}
          aria-label={t("search")}
          placeholder={t("search")}
          onChange={(event) => onChange({ ...query, query: event.target.value })}
          className="min-w-0 flex-1 bg-transparent text-ui outline-none max-sm:text-field"
        />
      </label>
      <span className="relative">
        <select
          value={query.model}
          aria-label={t("model")}
          onChange={(event) => onChange({ ...query, model: event.target.value })}
          className="h-9 max-w-52 appearance-none truncate rounded-control border border-line-2 bg-bg pr-8 pl-3 text-hint text-fg max-sm:h-11"
        >
          <option value="">{t("anyModel")}</option>
          {models.map((model) => (
            <option key={model.name} value={model.name}>
              {model.displayName}
            </option>
          ))}
        </select>
        <ChevronDown
          size={14}
          aria-hidden="true"
          className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 text-fg-2"
        />
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: chips, not fields. */}
      <div role="group" aria-label={t("filter")} className="flex flex-wrap gap-2">
        {filters.map((filter) => (
          <Chip key={filter} isOn={query.filter === filter} onPress={() => onChange({ ...query, filter })}>
            {t(filter)}
          </Chip>
        ))}
      </div>
    </search>
  );
}
