"use client";

import { Check, Search, Star } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { type KeyboardEvent, useRef, useState } from "react";
import { formatContext } from "@/app/_components/format-model";
import { isComposing } from "@/app/_hooks/use-keys";
import { AnchoredPopover } from "@/app/_ui/anchored-popover";
import { Badge } from "@/app/_ui/badge";
import { cn } from "@/app/_ui/cn";
import { Kbd } from "@/app/_ui/kbd";
import type { MenuControl } from "@/app/_ui/menu-button";
import type { ChatModel } from "@/lib/protocol";
import { toggleFavourite, useFavourites } from "./favourites";
import { matchModels, type ShownModel, withCurrent } from "./match-models";

type ModelListProps = MenuControl & {
  label: string;
  models: readonly ChatModel[];
  /** The model that is chosen; it may not be served just now. */
  current: { name: string; displayName: string } | null;
  onChoose: (model: string) => void;
};

const filters = ["vision", "tools"] as const;
/** What a chat can make use of; the rest is for programs. */
const marked = ["vision", "tools", "json"] as const;

/** Models with a search, favourites first. Loaded on demand: see `model-popup.tsx` beside it. */
export function ModelList({
  anchor,
  isOpen,
  onOpenChange,
  label,
  models,
  current,
  onChoose,
}: ModelListProps) {
  const t = useTranslations("chat.model");
  const favourites = useFavourites();
  const popup = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState("");
  const [needed, setNeeded] = useState<readonly (typeof filters)[number][]>([]);
  const found = matchModels(withCurrent(models, current), query, needed);
  const groups = [
    { name: "favourites", models: found.filter(({ name }) => favourites.includes(name)) },
    { name: "all", models: found.filter(({ name }) => !favourites.includes(name)) },
  ] as const;
  const offered = filters.filter((filter) =>
    models.some(({ capabilities }) => capabilities.includes(filter)),
  );

  function choose(model: string) {
    onOpenChange(false);
    onChoose(model);
  }

  /** Up and down go through the models wherever in the list the focus is; Enter in the search takes the first. */
  function onKeyDown(event: KeyboardEvent) {
    if (isComposing(event.nativeEvent)) return;
    const rows = [...(popup.current?.querySelectorAll<HTMLElement>("[data-model]") ?? [])];
    if (event.key === "Enter" && event.target === search.current) {
      event.preventDefault();
      rows[0]?.click();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const at = rows.findIndex((row) => row.parentElement?.contains(document.activeElement) === true);
    const next = event.key === "ArrowDown" ? at + 1 : at - 1;
    (rows[next] ?? (next < 0 ? search.current : null))?.focus();
  }

  return (
    <AnchoredPopover
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      anchor={anchor}
      label={label}
      className="max-h-[min(480px,var(--available-height))] w-[min(580px,calc(100vw-16px))]"
      initialFocus={search}
      popup={popup}
      onKeyDown={onKeyDown}
      onClosed={() => setQuery("")}
    >
      <div className="flex h-11 shrink-0 items-center gap-2 border-b border-line pr-2 pl-3.5">
        <Search size={16} aria-hidden="true" className="shrink-0 text-fg-2" />
        <input
          ref={search}
          type="text"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          aria-label={t("find")}
          placeholder={t("find")}
          className="min-w-0 flex-1 bg-transparent text-ui outline-none max-sm:text-field"
        />
        {offered.map((filter) => {
          const isOn = needed.includes(filter);
          return (
            <button
              key={filter}
              type="button"
              aria-pressed={isOn}
              onClick={() =>
                setNeeded(isOn ? needed.filter((other) => other !== filter) : [...needed, filter])
              }
              className={cn(
                "flex h-7 items-center gap-1.5 rounded-control border px-2.5 text-hint",
                isOn ? "border-accent bg-accent-soft text-accent" : "border-line-2 text-fg-2",
              )}
            >
              {isOn ? <Check size={14} aria-hidden="true" /> : null}
              {t(`only.${filter}`)}
            </button>
          );
        })}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-1.5 py-1.5">
        {found.length === 0 ? <p className="px-2.5 py-3 text-fg-3">{t("noMatch")}</p> : null}
        {groups.map((group) =>
          group.models.length === 0 ? null : (
            <section key={group.name} aria-label={t(group.name)}>
              <h2 className="px-2.5 pt-2 pb-1 text-small text-fg-3">{t(group.name)}</h2>
              <ul>
                {group.models.map((model) => (
                  <ModelRow
                    key={model.name}
                    model={model}
                    isCurrent={model.name === current?.name}
                    isFavourite={group.name === "favourites"}
                    onChoose={choose}
                  />
                ))}
              </ul>
            </section>
          ),
        )}
      </div>
      <div
        aria-hidden="true"
        className="flex h-10 shrink-0 items-center gap-4 border-t border-line px-3.5 text-small text-fg-3"
      >
        <span className="flex items-center gap-1.5 max-sm:hidden">
          <Kbd>↑</Kbd>
          <Kbd>↓</Kbd> {t("move")}
        </span>
        <span className="flex items-center gap-1.5 max-sm:hidden">
          <Kbd>Enter</Kbd> {t("select")}
        </span>
        <span className="sm:ml-auto">{t("fromNext")}</span>
      </div>
    </AnchoredPopover>
  );
}

type ModelRowProps = {
  model: ShownModel;
  isCurrent: boolean;
  isFavourite: boolean;
  onChoose: (model: string) => void;
};

function ModelRow({ model, isCurrent, isFavourite, onChoose }: ModelRowProps) {
  const t = useTranslations("chat.model");
  const locale = useLocale();
  const state = !model.isServed
    ? t("unserved")
    : model.waiting > 0
      ? t("waiting", { count: model.waiting })
      : t("ready");
  return (
    <li className="flex items-center rounded-control hover:bg-muted has-focus-visible:bg-muted">
      <button
        type="button"
        data-model={model.name}
        aria-current={isCurrent}
        onClick={() => onChoose(model.name)}
        className="flex min-h-9 min-w-0 flex-1 items-center gap-2 rounded-control py-1.5 pl-2 text-left -outline-offset-2 max-sm:min-h-11"
      >
        <span className="w-4 shrink-0">{isCurrent ? <Check size={16} aria-hidden="true" /> : null}</span>
        <span className={cn("truncate font-medium", !model.isServed && "font-normal text-fg-3")}>
          {model.displayName}
        </span>
        <span className="min-w-0 truncate text-hint text-fg-3 max-sm:hidden">{model.organization}</span>
        <span className="ml-auto flex shrink-0 items-center gap-1.5">
          {marked
            .filter((capability) => model.capabilities.includes(capability))
            .map((capability) => (
              <span key={capability} className="flex max-sm:hidden">
                <Badge>{t(capability)}</Badge>
              </span>
            ))}
          <span className="number w-11 text-right text-hint text-fg-3">
            {model.contextLength === null ? null : formatContext(model.contextLength, locale)}
          </span>
          <span className="w-[76px] text-right text-hint text-fg-3">{state}</span>
        </span>
      </button>
      <button
        type="button"
        aria-label={t(isFavourite ? "unfavour" : "favour", { model: model.displayName })}
        aria-pressed={isFavourite}
        onClick={() => toggleFavourite(model.name)}
        className="flex size-9 shrink-0 items-center justify-center rounded-control text-fg-3 -outline-offset-2 hover:text-fg aria-pressed:text-fg"
      >
        <Star size={14} aria-hidden="true" fill={isFavourite ? "currentColor" : "none"} />
      </button>
    </li>
  );
}
