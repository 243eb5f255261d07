"use client";

import { ChevronDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { cn } from "@/app/_ui/cn";
import type { ChatModel, Side } from "@/lib/protocol";
import { sideName } from "../_battle/sides";
import type { ModelList as ModelListComponent } from "./model-list";

type ModelPickerProps = {
  side: Side;
  models: readonly ChatModel[];
  /** Its name; it may not be served just now. */
  chosen: string | null;
  /** With an outline, where it stands alone. */
  isBoxed: boolean;
  onChoose: (model: string) => void;
};

/** The model of one side, and the list behind it, which is fetched when the visitor comes near. */
export function ModelPicker({ side, models, chosen, isBoxed, onChoose }: ModelPickerProps) {
  const t = useTranslations("compare");
  const anchor = useRef<HTMLButtonElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const [List, setList] = useState<typeof ModelListComponent | null>(null);
  const name = models.find((model) => model.name === chosen)?.displayName ?? chosen ?? t("none");

  const load = () => {
    if (List !== null) return;
    import("./model-list").then(
      (module) => setList(() => module.ModelList),
      () => setIsOpen(false),
    );
  };

  return (
    <>
      <button
        ref={anchor}
        type="button"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-label={t("modelOf", { side: sideName(side), name })}
        onPointerEnter={load}
        onFocus={load}
        onClick={() => {
          load();
          setIsOpen(!isOpen);
        }}
        className={cn(
          "flex max-w-full min-w-0 items-center gap-2 rounded-control text-ui font-semibold transition-colors duration-[120ms] hover:bg-muted",
          isBoxed
            ? "h-11 w-full justify-between border border-line-2 px-3.5"
            : "h-8 px-2 max-sm:h-11 max-sm:w-full max-sm:justify-center sm:-ml-2",
        )}
      >
        <span className="truncate">{name}</span>
        <ChevronDown size={16} aria-hidden="true" className="shrink-0 text-fg-2" />
      </button>
      {List === null ? null : (
        <List
          anchor={anchor}
          label={t("choose")}
          isOpen={isOpen}
          onOpenChange={setIsOpen}
          models={models}
          chosen={chosen}
          onChoose={onChoose}
        />
      )}
    </>
  );
}
