"use client";

import { PanelLeft, X } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import type { ComponentProps, ReactNode } from "react";
import { IconButton } from "@/app/_ui/icon-button";
import { ConversationList } from "./conversation-list";

const Sheet = dynamic(() => import("@/app/_ui/sheet").then((module) => module.Sheet), { ssr: false });

type ListPanelProps = Omit<ComponentProps<typeof ConversationList>, "hide"> & {
  /** Beside the conversation. */
  isShown: boolean;
  /** Over it, where there is no room beside it. */
  isSheetOpen: boolean;
  /** Below the list in the sheet. */
  sheetFoot: ReactNode;
  onHide: () => void;
  onSheetChange: (isOpen: boolean) => void;
};

/** The conversations: a column of 268 px, or a sheet below 960 px. */
export function ListPanel(props: ListPanelProps) {
  const { isShown, isSheetOpen, sheetFoot, onHide, onSheetChange, ...list } = props;
  const t = useTranslations("chat.side");
  return (
    <>
      {isShown ? (
        <aside
          aria-label={t("label")}
          className="hidden w-[268px] shrink-0 flex-col border-r border-line bg-surface text-hint md:flex"
        >
          <ConversationList
            {...list}
            hide={
              <IconButton label={t("hide")} onClick={onHide} className="!size-9">
                <PanelLeft size={16} />
              </IconButton>
            }
          />
        </aside>
      ) : null}
      {isSheetOpen ? (
        <Sheet
          isOpen
          onOpenChange={onSheetChange}
          title={t("label")}
          close={
            <IconButton isLarge label={t("hide")}>
              <X size={20} />
            </IconButton>
          }
        >
          <ConversationList {...list} />
          {sheetFoot}
        </Sheet>
      ) : null}
    </>
  );
}
