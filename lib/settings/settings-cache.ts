import { type Database, listen } from "@/lib/db";
import { readSettings } from "./read-settings";
import { defaultSettings, type SiteSettings } from "./site-settings-schema";

/** The channel to which the trigger of `site_settings` writes. */
const channel = "arena_settings";

/** A notification can be lost behind a pooler in transaction mode; then a change is noticed after this time. */
const rereadMs = 30_000;

export type SettingsDeps = {
  db: Database;
  /** For the connection that hears of changes. */
  databaseUrl: string;
  logger: { warn(fields: object, message: string): void };
};

/** The settings of the site as one server process knows them. */
export type Settings = {
  /** Never waits: the last that was read; the defaults before `start`. */
  current(): SiteSettings;
  /** Reads them and begins to listen. Errors: `database_unavailable`. */
  start(): Promise<void>;
  /** Reads them now. Errors: `database_unavailable`. */
  refresh(): Promise<void>;
  close(): Promise<void>;
};

export function createSettings({ db, databaseUrl, logger }: SettingsDeps): Settings {
  let settings = defaultSettings();
  let stopListening = async (): Promise<void> => undefined;
  let timer: NodeJS.Timeout | undefined;
  // Two readings at once could end in the wrong order; one that is asked for meanwhile follows.
  let reading: Promise<void> = Promise.resolve();

  const refresh = (): Promise<void> => {
    const next = async (): Promise<void> => {
      settings = await readSettings(db, (section, message) =>
        logger.warn({ section, fault: message }, "stored settings are not understood; the defaults hold"),
      );
    };
    const result = reading.then(next);
    reading = result.catch(() => undefined);
    return result;
  };
  const refreshLater = (): void => {
    refresh().catch((error: unknown) => logger.warn({ err: error }, "the site's settings cannot be read"));
  };

  return {
    current: () => settings,
    refresh,
    async start() {
      await refresh();
      timer = setInterval(refreshLater, rereadMs);
      timer.unref();
      stopListening = listen({
        ...{ url: databaseUrl, channel },
        onMessage: refreshLater,
        onUp: refreshLater,
        onDown: (error) => logger.warn({ err: error }, "changes of the site's settings are noticed late"),
      });
    },
    async close() {
      clearInterval(timer);
      await stopListening();
      await reading;
    },
  };
}
