"use client";

import { X } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import type { ComponentProps } from "react";
import { useMediaQuery } from "@/app/_hooks/use-media-query";
import { IconButton } from "@/app/_ui/icon-button";
import type { ParametersForm as ParametersFormComponent } from "./parameters-form";

const ParametersForm = dynamic(() => import("./parameters-form").then((module) => module.ParametersForm), {
  ssr: false,
});
const Sheet = dynamic(() => import("@/app/_ui/sheet").then((module) => module.Sheet), { ssr: false });

type ParametersPanelProps = ComponentProps<typeof ParametersFormComponent> & {
  isOpen: boolean;
  onClose: () => void;
};

/** Beside the conversation where there is room for both, over it elsewhere. */
export function ParametersPanel({ isOpen, onClose, ...form }: ParametersPanelProps) {
  const t = useTranslations("chat.parameters");
  const isWide = useMediaQuery("(width >= 1280px)");
  if (!isWide) {
    if (!isOpen) return null;
    return (
      <Sheet
        isOpen={isOpen}
        onOpenChange={(next) => !next && onClose()}
        title={t("title")}
        side="right"
        close={
          <IconButton isLarge label={t("close")}>
            <X size={20} />
          </IconButton>
        }
      >
        <ParametersForm {...form} />
      </Sheet>
    );
  }
  if (!isOpen) return null;
  return (
    <aside
      aria-label={t("title")}
      className="flex w-[336px] shrink-0 animate-rise flex-col border-l border-line bg-surface"
    >
      <div className="flex h-13 shrink-0 items-center justify-between border-b border-line pr-2.5 pl-5">
        <h2 className="text-h2">{t("title")}</h2>
        <IconButton label={t("close")} onClick={onClose}>
          <X size={16} />
        </IconButton>
      </div>
      <ParametersForm {...form} />
    </aside>
  );
}
