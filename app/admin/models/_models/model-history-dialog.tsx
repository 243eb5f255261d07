"use client";

import { useTranslations } from "next-intl";
import { ConsoleDialog } from "@/app/admin/_admin/console-dialog";
import { Loaded } from "@/app/admin/_admin/loading";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { useMoment } from "@/app/admin/_admin/use-moment";
import { modelHistorySchema } from "@/lib/protocol";

/** What was changed of a model, newest first. */
export function ModelHistoryDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const t = useTranslations("admin.models");
  const moment = useMoment();
  const history = useConsoleData(`/api/admin/models/${encodeURIComponent(name)}/history`, modelHistorySchema);
  return (
    <ConsoleDialog title={t("historyOf", { name })} onClose={onClose}>
      <Loaded from={history}>
        {({ changes }) =>
          changes.length === 0 ? (
            <p className="text-fg-2">{t("noHistory")}</p>
          ) : (
            <ol className="flex flex-col gap-3">
              {changes.map(({ id, at, changedBy, before, after }) => (
                <li key={id} className="border-b border-line pb-3 last:border-b-0">
                  <p className="text-hint text-fg-3">
                    {moment(at)} · {changedBy}
                  </p>
                  <dl className="mt-1 flex flex-col gap-1 text-hint">
                    {Object.keys(after).map((field) => (
                      <div key={field}>
                        <dt className="font-medium">{field}</dt>
                        <dd className="break-words text-fg-2">
                          {field in before ? <del className="text-fg-3">{shown(before[field])}</del> : null}{" "}
                          {shown(after[field])}
                        </dd>
                      </div>
                    ))}
                  </dl>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </ConsoleDialog>
  );
}

const shown = (value: unknown): string => (typeof value === "string" ? value || "–" : JSON.stringify(value));
