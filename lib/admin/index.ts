export { listWorkers, type WorkerRow } from "./list-workers";
export { listModels, type ModelRow, type ModelSettingsInput, setModel } from "./set-model";
