"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { z } from "zod";
import { AskDialog } from "@/app/admin/_admin/ask-dialog";
import { SelectField } from "@/app/admin/_admin/fields";
import { useDeed } from "@/app/admin/_admin/use-console";
import { type AccountLinkView, accountLinkSchema, type Person } from "@/lib/protocol";
import { LinkOnce } from "./link-once";
import { roles } from "./roles";

export type PersonDeed = "role" | "disable" | "enable" | "end" | "reset";

/** A link, or nothing to say. */
const answerSchema = z.union([accountLinkSchema, z.null().transform(() => "done" as const)]);

type PersonDialogProps = { deed: PersonDeed; person: Person; onClose: () => void; onDone: () => void };

export function PersonDialog({ deed, person, onClose, onDone }: PersonDialogProps) {
  const t = useTranslations("admin.people");
  const running = useDeed(answerSchema);
  const [role, setRole] = useState<string>(person.role);
  const [link, setLink] = useState<AccountLinkView | null>(null);

  async function act() {
    const path = `/api/admin/people/${person.id}`;
    const answer =
      deed === "end"
        ? await running.run(`${path}/end-sessions`, { method: "POST" })
        : deed === "reset"
          ? await running.run(`${path}/reset-link`, { method: "POST" })
          : await running.run(path, {
              method: "PATCH",
              body: deed === "role" ? { role } : { isDisabled: deed === "disable" },
            });
    if (answer === null) return;
    onDone();
    if (answer === "done") onClose();
    else setLink(answer);
  }

  if (link !== null) return <LinkOnce title={person.name} link={link} onClose={onClose} />;
  return (
    <AskDialog
      title={t(`ask.${deed}.title`, { name: person.name })}
      action={deed === "role" ? t("change") : t(`do.${deed}`)}
      isDestructive={deed === "disable"}
      isRunning={running.isRunning}
      error={running.error}
      onDo={() => void act()}
      onClose={onClose}
    >
      <p>{t(`ask.${deed}.body`)}</p>
      {deed === "role" ? (
        <div className="mt-4">
          <SelectField
            label={t("role")}
            value={role}
            choices={roles.map((value) => ({ value, label: t(`roles.${value}`) }))}
            onChange={setRole}
          />
        </div>
      ) : null}
    </AskDialog>
  );
}
