import type { AdapterOptions } from "./load-model";

/**
 * The adapters of each model, in the order of `models`, with their public names. A name `MODEL:NAME` binds to that model, any
 * other to the first one.
 */
export function bindAdapters(
  models: readonly string[],
  adapters: readonly AdapterOptions[],
): readonly (readonly AdapterOptions[])[] {
  const bound: AdapterOptions[][] = models.map(() => []);
  for (const adapter of adapters) {
    const at = models.findIndex((model) => adapter.name.startsWith(`${model}:`));
    const name = adapter.name.slice(at === -1 ? 0 : `${models[at]}:`.length);
    bound[Math.max(at, 0)]?.push({ ...adapter, name });
  }
  return bound;
}
