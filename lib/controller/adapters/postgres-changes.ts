import { listen } from "@/lib/db";
import type { ChangeFeed, RegistryChange } from "../ports";

/**
 * The channel to which the triggers of the tables `workers` and `models` write (migration controller_settings), and the
 * servers that want something of what they share.
 */
export const registryChannel = "arena_registry";

/**
 * Changes of the shared registry, whoever made them: another server, a page of the operator, or SQL by hand. The triggers
 * tell of registrations, farewells and settings; heartbeats are not worth a message and are read at intervals.
 */
export function createPostgresChanges(databaseUrl: string): ChangeFeed {
  let stop: (() => Promise<void>) | null = null;
  return {
    start: ({ onChange, onUp, onDown }) => {
      stop ??= listen({
        url: databaseUrl,
        channel: registryChannel,
        onMessage: (payload) => {
          const change = parseChange(payload);
          if (change !== null) onChange(change);
        },
        onUp,
        onDown,
      });
    },
    stop: async () => {
      await stop?.();
      stop = null;
    },
  };
}

/** `worker:<id>`, `models` or `shares:<server>`; anything else is of a newer version, and for it there is the reading at intervals. */
function parseChange(payload: string): RegistryChange | null {
  if (payload === "models") return { kind: "models" };
  const [, kind, id] = /^(worker|shares):([0-9a-f-]{36})$/.exec(payload) ?? [];
  if (id === undefined) return null;
  return kind === "worker" ? { kind, workerId: id } : { kind: "shares", serverId: id };
}
