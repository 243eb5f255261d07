"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/app/_ui/button";
import { ConsoleDialog } from "@/app/admin/_admin/console-dialog";
import { Failure } from "@/app/admin/_admin/failure";
import { Loaded } from "@/app/admin/_admin/loading";
import { useConsoleData, useDeed } from "@/app/admin/_admin/use-console";
import { useMoment } from "@/app/admin/_admin/use-moment";
import { type AdminSettingsSection, settingsHistorySchema, settingsSectionSchema } from "@/lib/protocol";

type SectionHistoryProps = {
  section: AdminSettingsSection;
  title: string;
  onClose: () => void;
  onReverted: () => void;
};

/** What a section has been; any entry, and the defaults, can be put in force again. */
export function SectionHistory({ section, title, onClose, onReverted }: SectionHistoryProps) {
  const t = useTranslations("admin.site");
  const moment = useMoment();
  const path = `/api/admin/settings/${section.name}`;
  const history = useConsoleData(`${path}/history`, settingsHistorySchema);
  const deed = useDeed(settingsSectionSchema);

  async function revert(id: number | null) {
    if ((await deed.run(`${path}/revert`, { method: "POST", body: { id } })) === null) return;
    onReverted();
    onClose();
  }

  return (
    <ConsoleDialog title={t("historyOf", { name: title })} onClose={onClose}>
      <Loaded from={history}>
        {({ changes }) => (
          <ol className="flex flex-col gap-3">
            {changes.map(({ id, at, changedBy, value }, index) => (
              <li key={id} className="border-b border-line pb-3">
                <p className="text-hint text-fg-3">
                  {moment(at)} · {changedBy}
                </p>
                <pre className="my-1 overflow-x-auto font-mono text-code whitespace-pre-wrap">
                  {JSON.stringify(value, null, 1)}
                </pre>
                {index === 0 ? (
                  <span className="text-hint text-fg-2">{t("inForce")}</span>
                ) : (
                  <Button size="bar" onClick={() => void revert(id)} aria-disabled={deed.isRunning}>
                    {t("revert")}
                  </Button>
                )}
              </li>
            ))}
            <li>
              <p className="mb-1 text-hint text-fg-3">{t("defaults")}</p>
              <Button
                size="bar"
                onClick={() => void revert(null)}
                aria-disabled={deed.isRunning || changes.length === 0}
              >
                {t("revertDefaults")}
              </Button>
            </li>
          </ol>
        )}
      </Loaded>
      {deed.error === null ? null : (
        <div className="mt-3">
          <Failure error={deed.error} />
        </div>
      )}
    </ConsoleDialog>
  );
}
