"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/app/_ui/button";
import { CopyButton } from "@/app/admin/_admin/copy-button";

/** The secret, this once. */
export function SecretOnce({ secret, onClose }: { secret: string; onClose: () => void }) {
  const t = useTranslations("admin.keys");
  return (
    <div className="flex flex-col gap-3">
      <p className="text-fg-2">{t("once")}</p>
      <p className="rounded-panel border border-line bg-surface p-3 font-mono text-code break-all">
        {secret}
      </p>
      <div className="flex justify-end gap-2">
        <CopyButton text={secret} />
        <Button variant="primary" onClick={onClose}>
          {t("kept")}
        </Button>
      </div>
    </div>
  );
}
