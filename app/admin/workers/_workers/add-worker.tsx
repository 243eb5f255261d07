"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_ui/button";
import { ConsoleDialog } from "@/app/admin/_admin/console-dialog";
import { CopyButton } from "@/app/admin/_admin/copy-button";
import { DeedForm } from "@/app/admin/_admin/deed-form";
import { TextField } from "@/app/admin/_admin/fields";
import { useDeed } from "@/app/admin/_admin/use-console";
import { newJoinTokenSchema } from "@/lib/protocol";

/** Makes a join token for one machine and shows the command that brings a worker up there. */
export function AddWorker({ onClose }: { onClose: () => void }) {
  const t = useTranslations("admin.workers.adding");
  const deed = useDeed(newJoinTokenSchema);
  const [name, setName] = useState("");
  const [command, setCommand] = useState<string | null>(null);

  async function make() {
    const body = { name };
    const made = await deed.run("/api/admin/join-tokens", { method: "POST", body });
    if (made === null) return;
    setCommand(
      `ARENA_CONTROLLER_URL=${window.location.origin} \\\nARENA_JOIN_TOKEN=${made.secret} \\\nnpm run worker -- llama --model model.gguf`,
    );
  }

  return (
    <ConsoleDialog title={t("title")} onClose={onClose}>
      {command === null ? (
        <DeedForm deed={deed} action={t("make")} onDo={() => void make()} hasNativeChecks>
          <p className="text-fg-2">{t("lead")}</p>
          <TextField label={t("name")} hint={t("nameHint")} value={name} onChange={setName} isRequired />
        </DeedForm>
      ) : (
        <div className="flex flex-col gap-3">
          <p className="text-fg-2">{t("run")}</p>
          <pre className="overflow-x-auto rounded-panel border border-line bg-surface p-3 font-mono text-code whitespace-pre-wrap">
            {command}
          </pre>
          <p className="text-hint text-fg-3">{t("once")}</p>
          <div className="flex justify-end gap-2">
            <CopyButton text={command} />
            <Button variant="primary" onClick={onClose}>
              {t("done")}
            </Button>
          </div>
        </div>
      )}
    </ConsoleDialog>
  );
}
