"use client";

import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Dialog } from "@/app/_ui/dialog";
import { IconButton } from "@/app/_ui/icon-button";

type ConsoleDialogProps = { title: string; onClose: () => void; children: ReactNode };

/** A panel over the page for one thing to do; mounted while it is open. */
export function ConsoleDialog({ title, onClose, children }: ConsoleDialogProps) {
  const t = useTranslations("common");
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
      title={title}
      close={
        <IconButton label={t("close")}>
          <X size={18} />
        </IconButton>
      }
    >
      {children}
    </Dialog>
  );
}
