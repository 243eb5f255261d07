"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/app/_ui/button";
import { ConsoleDialog } from "@/app/admin/_admin/console-dialog";
import { CopyButton } from "@/app/admin/_admin/copy-button";
import { useMoment } from "@/app/admin/_admin/use-moment";
import type { AccountLinkView } from "@/lib/protocol";

/** A link that opens an account, this once. */
export function LinkOnce({
  title,
  link,
  onClose,
}: {
  title: string;
  link: AccountLinkView;
  onClose: () => void;
}) {
  const t = useTranslations("admin.people");
  const moment = useMoment();
  return (
    <ConsoleDialog title={title} onClose={onClose}>
      <div className="flex flex-col gap-3">
        <p className="text-fg-2">{t("linkOnce", { at: moment(link.expiresAt) })}</p>
        <p className="rounded-panel border border-line bg-surface p-3 font-mono text-code break-all">
          {link.address}
        </p>
        <div className="flex justify-end gap-2">
          <CopyButton text={link.address} />
          <Button variant="primary" onClick={onClose}>
            {t("done")}
          </Button>
        </div>
      </div>
    </ConsoleDialog>
  );
}
