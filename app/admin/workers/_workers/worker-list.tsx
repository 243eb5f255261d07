"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatScore } from "@/app/_components/format-number";
import type { AdminWorkers } from "@/lib/protocol";
import { SlotCells } from "./slot-cells";
import { WorkerActions } from "./worker-actions";
import { FirstToken, Heartbeat, ModelNames, WorkerName } from "./worker-cells";
import { useWorkerNote } from "./worker-note";
import { WorkerStateLabel } from "./worker-state";

/** The workers on a narrow screen: health, load, what is wrong, and the orders in reach of a thumb. */
export function WorkerList({ view, onDone }: { view: AdminWorkers; onDone: () => void }) {
  const t = useTranslations("admin.workers");
  const locale = useLocale();
  const noteOf = useWorkerNote();
  const { workers, at, heartbeatMs } = view;
  return (
    <ul aria-label={t("title")} className="overflow-hidden rounded-panel border border-line-2 md:hidden">
      {workers.map((worker) => {
        const note = noteOf(worker, at);
        return (
          <li key={worker.id} className="border-b border-line px-4 py-3 last:border-b-0">
            <div className="flex items-start justify-between gap-2">
              <div className="min-w-0">
                <WorkerStateLabel state={worker.state} />
                <p className="mt-1">
                  <WorkerName worker={worker} />
                </p>
              </div>
              <WorkerActions worker={worker} onDone={onDone} />
            </div>
            <p className="mt-1 text-hint text-fg-2">
              <ModelNames models={worker.models} /> · {worker.device}
            </p>
            <div className="mt-2 flex items-center gap-2.5">
              <SlotCells busy={worker.busySlots} slots={worker.slots} />
              <span className="number text-hint text-fg-2">
                {worker.busySlots}/{worker.slots}
              </span>
            </div>
            <dl className="number mt-2 grid grid-cols-4 gap-2 text-hint">
              {(
                [
                  ["waiting", worker.queued],
                  ["speed", formatScore(Math.round(worker.tokensPerSecond ?? 0), locale)],
                  ["firstToken", <FirstToken key="first" ms={worker.firstTokenMs} />],
                  ["heartbeat", <Heartbeat key="beat" worker={worker} now={at} heartbeatMs={heartbeatMs} />],
                ] as const
              ).map(([name, value]) => (
                <div key={name} className="min-w-0">
                  <dt className="truncate text-small text-fg-3">{t(name)}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
            {note === null ? null : <p className="mt-2 text-hint text-fg-2">{note}</p>}
          </li>
        );
      })}
    </ul>
  );
}
