"use client";

import { Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_ui/button";
import { Actions, ActionsHead, ConsoleTable, Head, RowName, Td } from "@/app/admin/_admin/console-table";
import { Empty } from "@/app/admin/_admin/empty";
import { Loaded } from "@/app/admin/_admin/loading";
import { PageHead } from "@/app/admin/_admin/page-head";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { useDay } from "@/app/admin/_admin/use-moment";
import { type AdminKey, adminKeysSchema } from "@/lib/protocol";
import { EndingDialog } from "./ending-dialog";
import { JoinTokens } from "./join-tokens";
import { KeyDialog } from "./key-dialog";
import { Validity } from "./validity";

type Open = { kind: "add" } | { kind: "edit" | "rotate" | "revoke"; key: AdminKey } | null;

export function KeysPage() {
  const t = useTranslations("admin.keys");
  const keys = useConsoleData("/api/admin/keys", adminKeysSchema);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <>
      <PageHead title={t("title")} lead={t("lead")} />
      <section aria-labelledby="api-keys">
        <div className="mb-3 flex items-center justify-between gap-3">
          <h2 id="api-keys" className="text-h2">
            {t("apiKeys")}
          </h2>
          <Button onClick={() => setOpen({ kind: "add" })}>
            <Plus size={16} aria-hidden="true" />
            {t("addKey")}
          </Button>
        </div>
        <Loaded from={keys}>
          {({ keys: rows }) =>
            rows.length === 0 ? <Empty>{t("noKeys")}</Empty> : <KeyTable rows={rows} onOpen={setOpen} />
          }
        </Loaded>
      </section>
      <JoinTokens />
      {open?.kind === "add" || open?.kind === "edit" ? (
        <KeyDialog known={open.kind === "edit" ? open.key : null} onClose={close} onChanged={keys.reload} />
      ) : null}
      {open?.kind === "rotate" || open?.kind === "revoke" ? (
        <EndingDialog kind={open.kind} apiKey={open.key} onClose={close} onChanged={keys.reload} />
      ) : null}
    </>
  );
}

function KeyTable({ rows, onOpen }: { rows: readonly AdminKey[]; onOpen: (open: Open) => void }) {
  const t = useTranslations("admin.keys");
  const tAdmin = useTranslations("admin");
  const day = useDay();
  return (
    <ConsoleTable
      caption={t("apiKeys")}
      minWidth="min-w-[900px]"
      head={
        <>
          <Head>{t("name")}</Head>
          <Head>{t("owner")}</Head>
          <Head>{t("state")}</Head>
          <Head>{t("scopes")}</Head>
          <Head>{t("budgets")}</Head>
          <Head>{t("lastUsed")}</Head>
          <ActionsHead>{t("actions")}</ActionsHead>
        </>
      }
    >
      {rows.map((key) => {
        const isOver = key.revokedAt !== null;
        return (
          <tr key={key.prefix} className={isOver ? "text-fg-3" : undefined}>
            <RowName>
              {key.name}
              <span className="block font-mono text-small font-normal text-fg-3">{key.prefix}</span>
            </RowName>
            <Td>{key.ownerLabel}</Td>
            <Td>
              <Validity {...key} />
            </Td>
            <Td className="text-hint text-fg-2">
              {key.models.join(", ") || t("allModels")}
              {key.allowExperimental ? ` + ${t("experimental")}` : ""}
            </Td>
            <Td className="text-hint text-fg-2">
              <Budgets of={key} />
            </Td>
            <Td className="whitespace-nowrap">
              {key.lastUsedAt === null ? tAdmin("never") : day(key.lastUsedAt)}
            </Td>
            <Actions>
              {isOver
                ? null
                : (["edit", "rotate", "revoke"] as const).map((kind) => (
                    <Button
                      key={kind}
                      size="bar"
                      variant="quiet"
                      aria-label={t(`do.${kind}Of`, { name: key.name })}
                      onClick={() => onOpen({ kind, key })}
                    >
                      {t(`do.${kind}`)}
                    </Button>
                  ))}
            </Actions>
          </tr>
        );
      })}
    </ConsoleTable>
  );
}

const budgets = [
  "requestsPerMinute",
  "tokensPerMinute",
  "requestsPerDay",
  "tokensPerDay",
  "maxConcurrent",
] as const;

function Budgets({ of: key }: { of: AdminKey }) {
  const t = useTranslations("admin.keys.budget");
  const shown = budgets.flatMap((name) => (key[name] === null ? [] : t(name, { limit: key[name] })));
  return shown.length === 0 ? t("none") : shown.join(", ");
}
