"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { ApiError } from "@/app/_data/api-error";
import { Button } from "@/app/_ui/button";
import { ConsoleDialog } from "./console-dialog";
import { Failure } from "./failure";

type AskDialogProps = {
  title: string;
  /** What follows from it. */
  children: ReactNode;
  action: string;
  isDestructive?: boolean;
  isRunning: boolean;
  error: ApiError | null;
  onDo: () => void;
  onClose: () => void;
};

/** Asks once more before something is done that visitors or workers feel. */
export function AskDialog(props: AskDialogProps) {
  const { title, children, action, isDestructive = false, isRunning, error, onDo, onClose } = props;
  const t = useTranslations("common");
  return (
    <ConsoleDialog title={title} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <div className="text-ui text-fg-2">{children}</div>
        {error === null ? null : <Failure error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button
            variant={isDestructive ? "destructive" : "primary"}
            aria-disabled={isRunning}
            onClick={() => {
              if (!isRunning) onDo();
            }}
          >
            {action}
          </Button>
        </div>
      </div>
    </ConsoleDialog>
  );
}
