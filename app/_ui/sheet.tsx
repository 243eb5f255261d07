"use client";

import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import type { ReactElement, ReactNode } from "react";
import { cn } from "./cn";

type SheetProps = {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  close: ReactElement;
  /** The edge from which it comes. */
  side?: "left" | "right";
  children: ReactNode;
};

/** A panel from an edge, over the page. Loaded on demand. */
export function Sheet({ isOpen, onOpenChange, title, close, side = "left", children }: SheetProps) {
  return (
    <BaseDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="fixed inset-0 z-40 bg-scrim transition-opacity duration-[180ms] data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <BaseDialog.Popup
          className={cn(
            "fixed inset-y-0 z-50 flex flex-col border-line-2 bg-bg text-ui text-fg transition duration-[180ms] ease-calm data-ending-style:opacity-0 data-starting-style:opacity-0",
            side === "left"
              ? "left-0 w-[min(300px,calc(100vw-56px))] border-r data-ending-style:-translate-x-2 data-starting-style:-translate-x-2"
              : "right-0 w-[min(360px,calc(100vw-32px))] border-l data-ending-style:translate-x-2 data-starting-style:translate-x-2",
          )}
        >
          <div
            className={cn(
              "flex h-13 shrink-0 items-center gap-1 border-b border-line",
              side === "left" ? "px-2" : "flex-row-reverse justify-between pr-2 pl-5",
            )}
          >
            <BaseDialog.Close render={close} />
            <BaseDialog.Title className="text-h2">{title}</BaseDialog.Title>
          </div>
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
