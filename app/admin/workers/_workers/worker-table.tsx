"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatScore } from "@/app/_components/format-number";
import { ScrollRegion } from "@/app/_components/scroll-region";
import type { AdminWorkers } from "@/lib/protocol";
import { SlotCells } from "./slot-cells";
import { WorkerActions } from "./worker-actions";
import { FirstToken, Heartbeat, ModelNames, SpeedHistoryCell, WorkerName } from "./worker-cells";
import { useWorkerNote } from "./worker-note";
import { WorkerStateLabel } from "./worker-state";

type WorkerTableProps = { view: AdminWorkers; onDone: () => void };

const head = "h-9 border-b border-line px-2 text-left text-small font-normal whitespace-nowrap text-fg-3";
const cell = "h-12 px-2 whitespace-nowrap";

/** A row a worker, with a second line where it is in trouble. Widths are fixed, so that nothing jumps as figures change. */
export function WorkerTable({ view, onDone }: WorkerTableProps) {
  const t = useTranslations("admin.workers");
  const locale = useLocale();
  const noteOf = useWorkerNote();
  const { workers, at, heartbeatMs } = view;
  return (
    <ScrollRegion label={t("title")} className="rounded-panel border border-line-2 max-md:hidden">
      <table className="w-full min-w-[1060px] table-fixed border-collapse text-ui">
        <caption className="sr-only">{t("title")}</caption>
        <colgroup>
          <col className="w-[118px]" />
          <col />
          <col />
          <col />
          <col className="w-[196px]" />
          <col className="w-[64px]" />
          <col className="w-[76px]" />
          <col className="w-[132px]" />
          <col className="w-[88px]" />
          <col className="w-[88px]" />
          <col className="w-[52px]" />
        </colgroup>
        <thead>
          <tr>
            <th scope="col" className={`${head} pl-4`}>
              {t("health")}
            </th>
            <th scope="col" className={head}>
              {t("worker")}
            </th>
            <th scope="col" className={head}>
              {t("models")}
            </th>
            <th scope="col" className={head}>
              {t("device")}
            </th>
            <th scope="col" className={head}>
              {t("slots")}
            </th>
            <th scope="col" className={`${head} text-right`}>
              {t("waiting")}
            </th>
            <th scope="col" className={`${head} text-right`}>
              {t("speed")}
            </th>
            <th scope="col" className={head}>
              {t("history")}
            </th>
            <th scope="col" className={`${head} text-right`}>
              {t("firstToken")}
            </th>
            <th scope="col" className={`${head} text-right`}>
              {t("heartbeat")}
            </th>
            <th scope="col" className={head}>
              <span className="sr-only">{t("actionsHead")}</span>
            </th>
          </tr>
        </thead>
        {workers.map((worker) => {
          const note = noteOf(worker, at);
          return (
            <tbody key={worker.id} className="border-b border-line last:border-b-0">
              <tr>
                <td className={`${cell} pl-4`}>
                  <WorkerStateLabel state={worker.state} />
                </td>
                <th scope="row" className={`${cell} overflow-hidden text-left`}>
                  <WorkerName worker={worker} />
                </th>
                <td className={`${cell} truncate text-fg-2`}>
                  <ModelNames models={worker.models} />
                </td>
                <td className={`${cell} truncate text-fg-2`} title={worker.device}>
                  {worker.device}
                </td>
                <td className={cell}>
                  <span className="flex items-center gap-2.5">
                    <SlotCells busy={worker.busySlots} slots={worker.slots} />
                    <span className="number text-fg-2">
                      {worker.busySlots}/{worker.slots}
                    </span>
                  </span>
                </td>
                <td
                  className={`${cell} number text-right ${worker.queued > 0 ? "font-medium" : "text-fg-3"}`}
                >
                  {worker.queued}
                </td>
                <td className={`${cell} number text-right font-medium`}>
                  {formatScore(Math.round(worker.tokensPerSecond ?? 0), locale)}
                </td>
                <td className={cell}>
                  <SpeedHistoryCell worker={worker} />
                </td>
                <td className={`${cell} number text-right text-fg-2`}>
                  <FirstToken ms={worker.firstTokenMs} />
                </td>
                <td className={`${cell} number text-right text-fg-2`}>
                  <Heartbeat worker={worker} now={at} heartbeatMs={heartbeatMs} />
                </td>
                <td className={`${cell} text-right`}>
                  <WorkerActions worker={worker} onDone={onDone} />
                </td>
              </tr>
              {note === null ? null : (
                <tr className="bg-surface">
                  <td className="border-t border-line" />
                  <td colSpan={10} className="border-t border-line px-2 py-2 text-hint text-fg-2">
                    {note}
                  </td>
                </tr>
              )}
            </tbody>
          );
        })}
      </table>
    </ScrollRegion>
  );
}
