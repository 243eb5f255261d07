"use client";

import { Plus } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { Badge } from "@/app/_ui/badge";
import { Button } from "@/app/_ui/button";
import { Actions, ActionsHead, ConsoleTable, Head, RowName, Td } from "@/app/admin/_admin/console-table";
import { Empty } from "@/app/admin/_admin/empty";
import { Loaded } from "@/app/admin/_admin/loading";
import { PageHead } from "@/app/admin/_admin/page-head";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { type AdminModels, adminModelsSchema } from "@/lib/protocol";
import { ModelDialog } from "./model-dialog";
import { ModelHistoryDialog } from "./model-history-dialog";
import { RenameDialog } from "./rename-dialog";

type Row = AdminModels["models"][number];
type Open = { kind: "add" } | { kind: "edit" | "rename" | "history"; model: Row } | null;

const pollMs = 10_000;

export function ModelsPage() {
  const t = useTranslations("admin.models");
  const models = useConsoleData("/api/admin/models", adminModelsSchema, pollMs);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const done = () => {
    close();
    models.reload();
  };
  return (
    <>
      <PageHead
        title={t("title")}
        lead={t("lead")}
        actions={
          <Button variant="primary" onClick={() => setOpen({ kind: "add" })}>
            <Plus size={16} aria-hidden="true" />
            {t("add")}
          </Button>
        }
      />
      <Loaded from={models}>
        {({ models: rows }) =>
          rows.length === 0 ? <Empty>{t("empty")}</Empty> : <ModelTable rows={rows} onOpen={setOpen} />
        }
      </Loaded>
      {open?.kind === "add" ? <ModelDialog model={null} onClose={close} onDone={done} /> : null}
      {open?.kind === "edit" ? <ModelDialog model={open.model} onClose={close} onDone={done} /> : null}
      {open?.kind === "rename" ? <RenameDialog name={open.model.name} onClose={close} onDone={done} /> : null}
      {open?.kind === "history" ? <ModelHistoryDialog name={open.model.name} onClose={close} /> : null}
    </>
  );
}

function ModelTable({ rows, onOpen }: { rows: readonly Row[]; onOpen: (open: Open) => void }) {
  const t = useTranslations("admin.models");
  const tAdmin = useTranslations("admin");
  const number = new Intl.NumberFormat(useLocale());
  return (
    <ConsoleTable
      caption={t("title")}
      minWidth="min-w-[860px]"
      head={
        <>
          <Head>{t("model")}</Head>
          <Head>{t("organization")}</Head>
          <Head>{t("stage")}</Head>
          <Head isRight>{t("workers")}</Head>
          <Head isRight>{t("votes")}</Head>
          <Head isRight>{t("maxConcurrent")}</Head>
          <Head isRight>{t("tokensPerMinute")}</Head>
          <Head isRight>{t("priority")}</Head>
          <ActionsHead>{t("actions")}</ActionsHead>
        </>
      }
    >
      {rows.map((model) => (
        <tr key={model.name}>
          <RowName>
            {model.displayName}
            <span className="block text-small font-normal text-fg-3">{model.name}</span>
          </RowName>
          <Td className="text-fg-2">{model.organization ?? tAdmin("none")}</Td>
          <Td>
            {model.stage === "public" ? t("stages.public") : <Badge>{t(`stages.${model.stage}`)}</Badge>}
          </Td>
          <Td isRight className={model.workers === 0 ? "text-fg-3" : undefined}>
            {model.workers}
          </Td>
          <Td isRight>{number.format(model.votes)}</Td>
          <Td isRight>{model.maxConcurrent ?? t("noLimit")}</Td>
          <Td isRight>
            {model.tokensPerMinute === null ? t("noLimit") : number.format(model.tokensPerMinute)}
          </Td>
          <Td isRight>{String(model.priority).replace("-", "\u2212")}</Td>
          <Actions>
            {(["edit", "rename", "history"] as const).map((kind) => (
              <Button
                key={kind}
                size="bar"
                variant="quiet"
                aria-label={t(`do.${kind}Of`, { name: model.displayName })}
                onClick={() => onOpen({ kind, model })}
              >
                {t(`do.${kind}`)}
              </Button>
            ))}
          </Actions>
        </tr>
      ))}
    </ConsoleTable>
  );
}
