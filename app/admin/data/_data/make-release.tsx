"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { CopyButton } from "@/app/admin/_admin/copy-button";
import { DeedForm } from "@/app/admin/_admin/deed-form";
import { TextField } from "@/app/admin/_admin/fields";
import { useDeed } from "@/app/admin/_admin/use-console";
import { releaseJobSchema, releaseNameSchema } from "@/lib/protocol";

const command = "npm run votes -- export";

/** Today, as a release is named where nobody names it. */
const today = (): string => new Date().toISOString().slice(0, 10);

/** What a release takes, and the button that begins it. */
export function MakeRelease({ onBegun }: { onBegun: () => void }) {
  const t = useTranslations("admin.data");
  const deed = useDeed(releaseJobSchema);
  const [draft, setDraft] = useState({ name: today(), licence: "CC-BY-4.0", boards: "" });
  const set = (field: keyof typeof draft) => (value: string) =>
    setDraft((before) => ({ ...before, [field]: value }));
  const release = draft.name.trim();
  const isNamed = releaseNameSchema.safeParse(release).success;

  async function begin() {
    if (!isNamed) return;
    const boards = draft.boards
      .split(/[,，]/)
      .map((board) => board.trim())
      .filter((board) => board !== "");
    const body = {
      ...{ release, licence: draft.licence },
      ...(boards.length === 0 ? {} : { boards }),
    };
    if ((await deed.run("/api/admin/releases", { method: "POST", body })) !== null) onBegun();
  }

  return (
    <>
      <p className="max-w-[80ch] text-fg-2">{t("makeLead")}</p>
      <div className="mt-2 mb-4 flex flex-wrap items-center gap-3">
        <code className="rounded-control bg-surface px-2.5 py-1.5 font-mono text-code">{command}</code>
        <CopyButton text={command} />
      </div>
      <DeedForm deed={deed} action={t("begin")} onDo={() => void begin()}>
        <div className="grid gap-4 sm:grid-cols-3">
          <TextField
            label={t("name")}
            hint={t("nameHint")}
            value={draft.name}
            error={isNamed ? undefined : t("nameFault")}
            onChange={set("name")}
          />
          <TextField
            label={t("licenceLabel")}
            hint={t("licenceHint")}
            value={draft.licence}
            onChange={set("licence")}
          />
          <TextField
            label={t("boards")}
            hint={t("boardsHint")}
            value={draft.boards}
            onChange={set("boards")}
          />
        </div>
      </DeedForm>
    </>
  );
}
