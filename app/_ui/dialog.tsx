"use client";

import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import type { ReactElement, ReactNode } from "react";

type DialogProps = {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  /** Stands right in the head, usually the close button. */
  close: ReactElement;
  children: ReactNode;
};

/** A modal panel. Loaded on demand by those who use it, so that no page pays for it before it is opened. */
export function Dialog({ isOpen, onOpenChange, title, close, children }: DialogProps) {
  return (
    <BaseDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="fixed inset-0 z-40 bg-scrim transition-opacity duration-[180ms] data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <BaseDialog.Popup className="fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-32px)] w-[560px] max-w-[calc(100vw-32px)] -translate-1/2 flex-col rounded-panel border border-line-2 bg-popover text-ui text-fg shadow-float transition duration-[180ms] ease-calm data-ending-style:opacity-0 data-starting-style:mt-2 data-starting-style:opacity-0">
          <div className="flex h-13 shrink-0 items-center justify-between border-b border-line pr-2.5 pl-5">
            <BaseDialog.Title className="text-h2">{title}</BaseDialog.Title>
            <BaseDialog.Close render={close} />
          </div>
          <div className="min-h-0 overflow-y-auto overscroll-contain px-5 py-4">{children}</div>
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
