import type { ServedModel } from "../types";
import type { Health, ModelStage, WorkerRecord } from "./types";

/**
 * Models with a healthy worker, by name; none that is retired. Where workers describe a model differently, the latest
 * registration speaks.
 */
export function servedModels(
  workers: readonly { record: WorkerRecord; outstanding: number; health: Health }[],
  stageOf: (model: string) => ModelStage,
): ServedModel[] {
  const served = new Map<string, ServedModel>();
  const healthy = workers
    .filter((worker) => worker.health === "healthy")
    .sort((a, b) => a.record.registeredAt - b.record.registeredAt);
  for (const { record, outstanding } of healthy) {
    for (const model of record.models) {
      const stage = stageOf(model.name);
      if (stage === "retired") continue;
      const known = served.get(model.name);
      served.set(model.name, {
        ...model,
        stage,
        workers: (known?.workers ?? 0) + 1,
        slots: (known?.slots ?? 0) + record.slots,
        outstanding: (known?.outstanding ?? 0) + outstanding,
      });
    }
  }
  return [...served.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
