"use client";

import { ChevronDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { cn } from "@/app/_ui/cn";
import { MenuButton } from "@/app/_ui/menu-button";
import type { ChatModel, Side } from "@/lib/protocol";
import { sideName } from "../_battle/sides";

type ModelPickerProps = {
  side: Side;
  models: readonly ChatModel[];
  /** Its name; it may not be served just now. */
  chosen: string | null;
  /** With an outline, where it stands alone. */
  isBoxed: boolean;
  onChoose: (model: string) => void;
};

const loadList = () => import("./model-list").then((module) => module.ModelList);

/** The model of one side, and the list behind it. */
export function ModelPicker({ side, models, chosen, isBoxed, onChoose }: ModelPickerProps) {
  const t = useTranslations("compare");
  const name = models.find((model) => model.name === chosen)?.displayName ?? chosen ?? t("none");
  return (
    <MenuButton
      label={t("modelOf", { side: sideName(side), name })}
      kind="dialog"
      hasTip={false}
      load={loadList}
      className={cn(
        "flex max-w-full min-w-0 items-center gap-2 rounded-control text-ui font-semibold transition-colors duration-[120ms] hover:bg-muted",
        isBoxed
          ? "h-11 w-full justify-between border border-line-2 px-3.5"
          : "h-8 px-2 max-sm:h-11 max-sm:w-full max-sm:justify-center sm:-ml-2",
      )}
      menu={(List, control) => (
        <List {...control} label={t("choose")} models={models} chosen={chosen} onChoose={onChoose} />
      )}
    >
      <span className="truncate">{name}</span>
      <ChevronDown size={16} aria-hidden="true" className="shrink-0 text-fg-2" />
    </MenuButton>
  );
}
