"use client";

import { CodeXml, Coffee, Languages, type LucideIcon, PenLine, Scale, Sigma } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { cn } from "@/app/_ui/cn";
import type { Category, SuggestionGroup } from "../_suggestions/types";

const icons: Record<Category, LucideIcon> = {
  writing: PenLine,
  code: CodeXml,
  mathematics: Sigma,
  reasoning: Scale,
  translation: Languages,
  everyday: Coffee,
};

type EmptyStateProps = {
  title: string;
  lead: string;
  /** Of a comparison: what chooses the two models. */
  models: ReactNode;
  groups: SuggestionGroup[];
  onChoose: (prompt: string) => void;
};

/** What a visitor sees first: what this is, and prompts to begin with. */
export function EmptyState({ title, lead, models, groups, onChoose }: EmptyStateProps) {
  const t = useTranslations("arena");
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto px-4 sm:px-6">
      <div className="m-auto w-full max-w-[960px] py-8">
        <h1 className="text-display">{title}</h1>
        <p className="mt-2 text-answer text-fg-2">{lead}</p>
        {models}
        <section
          aria-label={t("suggestions")}
          className="mt-9 grid grid-cols-1 border-t border-line sm:grid-cols-2 sm:gap-x-8 md:grid-cols-3"
        >
          {groups.map((group, index) => {
            const Icon = icons[group.category];
            return (
              <div
                key={group.category}
                className={cn(
                  "border-line pt-4 pb-3.5",
                  index > 0 && "max-sm:border-t",
                  index > 1 && "sm:border-t",
                  index === 2 && "md:border-t-0",
                )}
              >
                <h2 className="flex h-6 items-center gap-2 text-hint text-fg-3">
                  <Icon size={16} aria-hidden="true" />
                  {group.label}
                </h2>
                <ul className="mt-1.5">
                  {group.suggestions.map((suggestion) => (
                    <li key={suggestion.title}>
                      <button
                        type="button"
                        onClick={() => onChoose(suggestion.prompt)}
                        className="-mx-2 flex h-[34px] w-[calc(100%+16px)] items-center rounded-control px-2 text-left text-ui text-fg transition-colors duration-[120ms] hover:bg-muted max-sm:h-11"
                      >
                        <span className="truncate">{suggestion.title}</span>
                      </button>
                    </li>
                  ))}
                </ul>
              </div>
            );
          })}
        </section>
      </div>
    </div>
  );
}
