"use client";

import { X } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useMediaQuery } from "@/app/_hooks/use-media-query";
import { IconButton } from "@/app/_ui/icon-button";

const Sheet = dynamic(() => import("@/app/_ui/sheet").then((module) => module.Sheet), { ssr: false });

type ForkPanelProps = {
  /** Below 960 px, where the panel covers the board. */
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  /** Back to the published board. */
  onLeave: () => void;
  form: ReactNode;
  footer: ReactNode;
};

/** Beside the table where there is room for both, over it elsewhere. */
export function ForkPanel({ isOpen, onOpenChange, onLeave, form, footer }: ForkPanelProps) {
  const t = useTranslations("fork");
  const isWide = useMediaQuery("(width >= 960px)");
  if (!isWide) {
    if (!isOpen) return null;
    return (
      <Sheet
        isOpen
        onOpenChange={onOpenChange}
        title={t("title")}
        side="right"
        close={
          <IconButton isLarge label={t("showBoard")}>
            <X size={20} />
          </IconButton>
        }
      >
        <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">{form}</div>
        {footer}
      </Sheet>
    );
  }
  return (
    <aside
      aria-label={t("title")}
      className="fixed top-13 right-0 bottom-0 z-10 flex w-[360px] flex-col border-l border-line-2 bg-bg"
    >
      <div className="flex h-13 shrink-0 items-center justify-between border-b border-line pr-2.5 pl-5">
        <h2 className="text-h2">{t("title")}</h2>
        <IconButton label={t("close")} onClick={onLeave}>
          <X size={16} />
        </IconButton>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">{form}</div>
      {footer}
    </aside>
  );
}
