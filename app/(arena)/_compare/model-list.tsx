"use client";

import { Check, Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { isComposing } from "@/app/_hooks/use-keys";
import { AnchoredPopover } from "@/app/_ui/anchored-popover";
import { cn } from "@/app/_ui/cn";
import type { MenuControl } from "@/app/_ui/menu-button";
import type { ChatModel } from "@/lib/protocol";

type ModelListProps = MenuControl & {
  label: string;
  models: readonly ChatModel[];
  chosen: string | null;
  onChoose: (model: string) => void;
};

/** A search over a list of models (ARIA combobox with a list box): arrows move, Enter chooses, Esc closes. */
export function ModelList({ anchor, label, isOpen, onOpenChange, models, chosen, onChoose }: ModelListProps) {
  const t = useTranslations("compare");
  const search = useRef<HTMLInputElement>(null);
  const listId = useId();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const found = matching(models, query);
  const at = Math.min(active, found.length - 1);
  const optionId = (index: number) => `${listId}-${index}`;

  function choose(model: ChatModel | undefined) {
    if (model === undefined) return;
    onOpenChange(false);
    onChoose(model.name);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (isComposing(event.nativeEvent)) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && found.length > 0) {
      event.preventDefault();
      const next = (at + step + found.length) % found.length;
      setActive(next);
      document.getElementById(optionId(next))?.scrollIntoView({ block: "nearest" });
    }
    if (event.key === "Enter") {
      event.preventDefault();
      choose(found[at]);
    }
  }

  return (
    <AnchoredPopover
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      anchor={anchor}
      label={label}
      className="max-h-[min(420px,var(--available-height))] w-[min(440px,calc(100vw-16px))]"
      initialFocus={search}
      onClosed={() => {
        setQuery("");
        setActive(0);
      }}
    >
      <div className="flex h-11 shrink-0 items-center gap-2.5 border-b border-line px-3.5">
        <Search size={16} aria-hidden="true" className="shrink-0 text-fg-2" />
        <input
          ref={search}
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={found.length === 0 ? undefined : optionId(at)}
          aria-autocomplete="list"
          aria-label={t("find")}
          placeholder={t("find")}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          className="min-w-0 flex-1 bg-transparent text-ui outline-none max-sm:text-field"
        />
      </div>
      {found.length === 0 ? (
        <p role="status" className="px-3.5 py-3 text-fg-3">
          {t("noMatch")}
        </p>
      ) : null}
      <div
        id={listId}
        role="listbox"
        aria-label={label}
        className={cn("min-h-0 overflow-y-auto overscroll-contain", found.length > 0 && "p-1.5")}
      >
        {found.map((model, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys belong to the search field, which keeps the focus.
          <div
            key={model.name}
            id={optionId(index)}
            role="option"
            tabIndex={-1}
            aria-selected={model.name === chosen}
            onClick={() => choose(model)}
            onPointerMove={() => setActive(index)}
            className={cn(
              "flex min-h-9 cursor-pointer items-center gap-2.5 rounded-control px-2 max-sm:min-h-11",
              index === at && "bg-muted",
            )}
          >
            <Check
              size={16}
              aria-hidden="true"
              className={cn("shrink-0", model.name === chosen ? "text-fg" : "invisible")}
            />
            <span className="min-w-0 truncate font-medium">{model.displayName}</span>
            <span className="min-w-0 truncate text-hint text-fg-3">{model.organization}</span>
            <span className="ml-auto shrink-0 text-hint text-fg-3">
              {model.waiting > 0 ? t("waiting", { count: model.waiting }) : t("ready")}
            </span>
          </div>
        ))}
      </div>
      <p className="shrink-0 border-t border-line px-3.5 py-2 text-small text-fg-3">{t("changeNote")}</p>
    </AnchoredPopover>
  );
}

/** Those that hold every word in a name or in the organization. */
function matching(models: readonly ChatModel[], query: string): readonly ChatModel[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return models.filter((model) => {
    const text = `${model.displayName} ${model.name} ${model.organization ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
