import type { Admission } from "./admission";
import type { WorkerRegistry } from "./core/registry";
import type { SharedPlaces } from "./share-keeper";

type Line = Pick<Admission, "waiting" | "waitingPeople">;

/** The places of models with a limit of concurrent requests. */
export function sharedModels(registry: WorkerRegistry, admission: Line): SharedPlaces[] {
  return registry.limitedModels().map((model) => ({
    subject: model.name,
    limit: model.settings.maxConcurrent ?? 0,
    get outstanding() {
      return model.outstanding;
    },
    get waiting() {
      return admission.waiting(model.name);
    },
    get people() {
      return model.people + admission.waitingPeople(model.name);
    },
    get share() {
      return model.share;
    },
    setShare: (share) => registry.setShare(model.name, share),
  }));
}

/**
 * The places of workers. A request that waits for a model counts at each of its workers, so that some may hold a place more
 * than it needs, until the next exchange.
 */
export function sharedWorkers(registry: WorkerRegistry, admission: Line): SharedPlaces[] {
  return registry.sharedWorkers().map(({ worker, places }) => ({
    subject: worker.id,
    limit: places,
    get outstanding() {
      return worker.outstanding;
    },
    get waiting() {
      return worker.record.models.reduce((sum, { name }) => sum + admission.waiting(name), 0);
    },
    get people() {
      const waiting = worker.record.models.reduce((sum, { name }) => sum + admission.waitingPeople(name), 0);
      return worker.people + waiting;
    },
    get share() {
      return worker.share;
    },
    setShare: (share) => registry.setWorkerShare(worker.id, share),
  }));
}
