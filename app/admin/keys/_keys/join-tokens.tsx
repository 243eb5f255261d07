"use client";

import { Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_ui/button";
import { AskDialog } from "@/app/admin/_admin/ask-dialog";
import { ConsoleDialog } from "@/app/admin/_admin/console-dialog";
import { Actions, ActionsHead, ConsoleTable, Head, RowName, Td } from "@/app/admin/_admin/console-table";
import { DeedForm } from "@/app/admin/_admin/deed-form";
import { Empty } from "@/app/admin/_admin/empty";
import { CheckField, TextField } from "@/app/admin/_admin/fields";
import { Loaded } from "@/app/admin/_admin/loading";
import { doneSchema, useConsoleData, useDeed } from "@/app/admin/_admin/use-console";
import { useDay } from "@/app/admin/_admin/use-moment";
import { type AdminJoinToken, joinTokensSchema, newJoinTokenSchema } from "@/lib/protocol";
import { dayOf, listOf } from "./key-draft";
import { RotateToken } from "./rotate-token";
import { SecretOnce } from "./secret-once";
import { Validity } from "./validity";

export function JoinTokens() {
  const t = useTranslations("admin.keys");
  const tAdmin = useTranslations("admin");
  const day = useDay();
  const tokens = useConsoleData("/api/admin/join-tokens", joinTokensSchema);
  const [isAdding, setAdding] = useState(false);
  const [open, setOpen] = useState<{ kind: "rotate" | "revoke"; token: AdminJoinToken } | null>(null);
  const close = () => setOpen(null);
  return (
    <section aria-labelledby="join-tokens" className="mt-8">
      <div className="mb-1 flex items-center justify-between gap-3">
        <h2 id="join-tokens" className="text-h2">
          {t("joinTokens")}
        </h2>
        <Button onClick={() => setAdding(true)}>
          <Plus size={16} aria-hidden="true" />
          {t("addToken")}
        </Button>
      </div>
      <p className="mb-3 max-w-[80ch] text-hint text-fg-2">{t("tokensLead")}</p>
      <Loaded from={tokens}>
        {({ tokens: rows }) =>
          rows.length === 0 ? (
            <Empty>{t("noTokens")}</Empty>
          ) : (
            <ConsoleTable
              caption={t("joinTokens")}
              head={
                <>
                  <Head>{t("name")}</Head>
                  <Head>{t("state")}</Head>
                  <Head>{t("models")}</Head>
                  <Head>{t("pool")}</Head>
                  <Head isRight>{t("workers")}</Head>
                  <Head>{t("lastUsed")}</Head>
                  <ActionsHead>{t("actions")}</ActionsHead>
                </>
              }
            >
              {rows.map((token) => (
                <tr key={token.prefix} className={isOver(token) ? "text-fg-3" : undefined}>
                  <RowName>
                    {token.name}
                    <span className="block font-mono text-small font-normal text-fg-3">{token.prefix}</span>
                  </RowName>
                  <Td>
                    <Validity {...token} />
                  </Td>
                  <Td className="text-hint text-fg-2">{token.models.join(", ") || t("allModels")}</Td>
                  <Td>{token.pool ?? t("anyPool")}</Td>
                  <Td isRight>{token.workers}</Td>
                  <Td className="whitespace-nowrap">
                    {token.lastUsedAt === null ? tAdmin("never") : day(token.lastUsedAt)}
                  </Td>
                  <Actions>
                    {isOver(token)
                      ? null
                      : (["rotate", "revoke"] as const).map((kind) => (
                          <Button
                            key={kind}
                            size="bar"
                            variant="quiet"
                            aria-label={t(`do.${kind}Of`, { name: token.name })}
                            onClick={() => setOpen({ kind, token })}
                          >
                            {t(`do.${kind}`)}
                          </Button>
                        ))}
                  </Actions>
                </tr>
              ))}
            </ConsoleTable>
          )
        }
      </Loaded>
      {isAdding ? <AddToken onClose={() => setAdding(false)} onChanged={tokens.reload} /> : null}
      {open?.kind === "rotate" ? (
        <RotateToken token={open.token} onClose={close} onChanged={tokens.reload} />
      ) : null}
      {open?.kind === "revoke" ? (
        <RevokeToken token={open.token} onClose={close} onChanged={tokens.reload} />
      ) : null}
    </section>
  );
}

/** Nobody can register with it any more; an expired one lets in nobody either, but its workers may still be dropped. */
const isOver = ({ revokedAt }: AdminJoinToken): boolean => revokedAt !== null;

type Ending = { onClose: () => void; onChanged: () => void };

function AddToken({ onClose, onChanged }: Ending) {
  const t = useTranslations("admin.keys");
  const deed = useDeed(newJoinTokenSchema);
  const [draft, setDraft] = useState({ name: "", models: "", pool: "", expires: "" });
  const [secret, setSecret] = useState<string | null>(null);
  const expiresAt = dayOf(draft.expires);
  const set = (field: keyof typeof draft) => (value: string) =>
    setDraft((before) => ({ ...before, [field]: value }));

  async function make() {
    if (expiresAt === undefined) return;
    const pool = draft.pool.trim() === "" ? null : draft.pool.trim();
    const body = { name: draft.name, models: listOf(draft.models), pool, expiresAt };
    const made = await deed.run("/api/admin/join-tokens", { method: "POST", body });
    if (made === null) return;
    onChanged();
    setSecret(made.secret);
  }

  return (
    <ConsoleDialog title={t("addToken")} onClose={onClose}>
      {secret === null ? (
        <DeedForm deed={deed} action={t("makeToken")} onDo={() => void make()}>
          <TextField label={t("name")} value={draft.name} onChange={set("name")} />
          <TextField
            label={t("models")}
            hint={t("modelsHint")}
            value={draft.models}
            onChange={set("models")}
          />
          <TextField label={t("pool")} hint={t("poolHint")} value={draft.pool} onChange={set("pool")} />
          <TextField
            label={t("expires")}
            hint={t("expiresHint")}
            placeholder="2027-01-31"
            value={draft.expires}
            error={expiresAt === undefined ? t("fault.day") : undefined}
            onChange={set("expires")}
          />
        </DeedForm>
      ) : (
        <SecretOnce secret={secret} onClose={onClose} />
      )}
    </ConsoleDialog>
  );
}

function RevokeToken({ token, onClose, onChanged }: Ending & { token: AdminJoinToken }) {
  const t = useTranslations("admin.keys");
  const deed = useDeed(doneSchema);
  const [dropWorkers, setDropWorkers] = useState(false);

  async function revoke() {
    const path = `/api/admin/join-tokens/${token.prefix}/revoke`;
    if ((await deed.run(path, { method: "POST", body: { dropWorkers } })) === null) return;
    onChanged();
    onClose();
  }

  return (
    <AskDialog
      title={t("ask.revokeToken.title", { name: token.name })}
      action={t("do.revoke")}
      isDestructive
      isRunning={deed.isRunning}
      error={deed.error}
      onDo={() => void revoke()}
      onClose={onClose}
    >
      <p className="mb-4">{t("ask.revokeToken.body", { count: token.workers })}</p>
      <CheckField
        label={t("dropWorkers")}
        hint={t("dropWorkersHint")}
        isChecked={dropWorkers}
        onChange={setDropWorkers}
      />
    </AskDialog>
  );
}
