"use client";

import { Switch } from "@base-ui/react/switch";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useId } from "react";
import { setSingleKeys, useSingleKeys } from "@/app/_hooks/single-keys";
import { useKeyName } from "@/app/_hooks/use-key-name";
import { Dialog } from "@/app/_ui/dialog";
import { IconButton } from "@/app/_ui/icon-button";
import { Kbd } from "@/app/_ui/kbd";

type KeysDialogProps = { isOpen: boolean; onOpenChange: (isOpen: boolean) => void };

type KeyName =
  | "vote"
  | "stop"
  | "send"
  | "newLine"
  | "editLast"
  | "newBattle"
  | "retry"
  | "goTo"
  | "copy"
  | "composer"
  | "newChat"
  | "searchChats"
  | "parameters"
  | "undo"
  | "all";

const groups = [
  {
    name: "battle",
    rows: [
      { keys: ["1", "2", "3", "4"], does: "vote" },
      { keys: ["Esc"], does: "stop" },
      { keys: ["N"], does: "newBattle" },
      { keys: ["R"], does: "retry" },
      { keys: ["C"], does: "copy" },
    ],
  },
  {
    name: "chat",
    rows: [
      { keys: ["Ctrl Shift O"], does: "newChat" },
      { keys: ["Ctrl K"], does: "searchChats" },
      { keys: ["Ctrl ."], does: "parameters" },
      { keys: ["Ctrl Z"], does: "undo" },
    ],
  },
  {
    name: "writing",
    rows: [
      { keys: ["Enter"], does: "send" },
      { keys: ["Shift Enter"], does: "newLine" },
      { keys: ["↑"], does: "editLast" },
    ],
  },
  {
    name: "moving",
    rows: [
      { keys: ["[", "]"], does: "goTo" },
      { keys: ["/"], does: "composer" },
      { keys: ["?"], does: "all" },
    ],
  },
] as const satisfies readonly { name: string; rows: readonly { keys: readonly string[]; does: KeyName }[] }[];

export function KeysDialog({ isOpen, onOpenChange }: KeysDialogProps) {
  const t = useTranslations("keys");
  const common = useTranslations("common");
  const areOn = useSingleKeys();
  const switchId = useId();
  const keyName = useKeyName();
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("title")}
      close={
        <IconButton label={common("close")} keyHint="Esc">
          <X size={16} />
        </IconButton>
      }
    >
      {groups.map((group) => (
        <section key={group.name} className="mb-4">
          <h3 className="mb-1 text-small text-fg-3">{t(group.name)}</h3>
          <dl>
            {group.rows.map((row) => (
              <div
                key={row.does}
                className="flex min-h-9 items-center justify-between gap-6 border-t border-line py-1.5"
              >
                <dt>{t(row.does)}</dt>
                <dd className="flex gap-1 text-fg-2">
                  {row.keys.map((key) => (
                    <Kbd key={key}>{keyName(key)}</Kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <div className="flex items-start justify-between gap-6 border-t border-line-2 pt-3.5">
        <div>
          <label htmlFor={switchId} className="font-medium">
            {t("switch")}
          </label>
          <p className="text-hint text-fg-3">{t("note")}</p>
        </div>
        <Switch.Root
          id={switchId}
          nativeButton
          render={<button type="button" />}
          checked={areOn}
          onCheckedChange={setSingleKeys}
          className="relative mt-0.5 h-6 w-10 shrink-0 rounded-full border border-control bg-bg transition-colors duration-[120ms] data-checked:border-accent data-checked:bg-accent"
        >
          <Switch.Thumb className="absolute top-[3px] left-[3px] size-4 rounded-full bg-control transition duration-[120ms] data-checked:translate-x-4 data-checked:bg-accent-fg" />
        </Switch.Root>
      </div>
    </Dialog>
  );
}
