"use client";

import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import type { ReactElement, ReactNode } from "react";

type SheetProps = {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  close: ReactElement;
  children: ReactNode;
};

/** A panel from the left edge, over the page. Loaded on demand. */
export function Sheet({ isOpen, onOpenChange, title, close, children }: SheetProps) {
  return (
    <BaseDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="fixed inset-0 z-40 bg-scrim transition-opacity duration-[180ms] data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <BaseDialog.Popup className="fixed inset-y-0 left-0 z-50 flex w-[min(300px,calc(100vw-56px))] flex-col border-r border-line-2 bg-bg text-ui text-fg transition duration-[180ms] ease-calm data-ending-style:-translate-x-2 data-ending-style:opacity-0 data-starting-style:-translate-x-2 data-starting-style:opacity-0">
          <div className="flex h-13 shrink-0 items-center gap-1 border-b border-line px-2">
            <BaseDialog.Close render={close} />
            <BaseDialog.Title className="text-h2">{title}</BaseDialog.Title>
          </div>
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
