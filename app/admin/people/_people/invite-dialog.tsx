"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { AskDialog } from "@/app/admin/_admin/ask-dialog";
import { SelectField } from "@/app/admin/_admin/fields";
import { useDeed } from "@/app/admin/_admin/use-console";
import { type AccountLinkView, accountLinkSchema } from "@/lib/protocol";
import { LinkOnce } from "./link-once";
import { roles } from "./roles";

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations("admin.people");
  const deed = useDeed(accountLinkSchema);
  const [role, setRole] = useState<string>("user");
  const [link, setLink] = useState<AccountLinkView | null>(null);

  async function make() {
    const made = await deed.run("/api/admin/people/invite", { method: "POST", body: { role } });
    if (made !== null) setLink(made);
  }

  if (link !== null) return <LinkOnce title={t("inviteTitle")} link={link} onClose={onClose} />;
  return (
    <AskDialog
      title={t("inviteTitle")}
      action={t("makeLink")}
      isRunning={deed.isRunning}
      error={deed.error}
      onDo={() => void make()}
      onClose={onClose}
    >
      <p className="mb-4">{t("inviteBody")}</p>
      <SelectField
        label={t("role")}
        value={role}
        choices={roles.map((value) => ({ value, label: t(`roles.${value}`) }))}
        onChange={setRole}
      />
    </AskDialog>
  );
}
