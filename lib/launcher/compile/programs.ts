/**
 * The programs that are compiled, each into `.compiled/<hash>/NAME.js`: what `run.mjs NAME` starts, and what those start
 * themselves.
 */
export const programs = {
  launcher: "lib/launcher/main.ts",
  build: "lib/launcher/build.ts",
  server: "lib/server/main.ts",
  worker: "workers/main.ts",
  admin: "lib/admin/cli/main.ts",
  votes: "lib/votes/cli/main.ts",
  judge: "lib/judge/cli/main.ts",
  doctor: "lib/doctor/main.ts",
  migrate: "lib/launcher/migrate.ts",
  "exit-with-parent": "lib/launcher/exit-with-parent.ts",
  "leaderboard-thread": "lib/leaderboard/background-thread.ts",
  "release-thread": "lib/admin/releases/release-thread.ts",
} as const;

/** Files that sources name by `new URL("…", import.meta.url)`, and the program that stands in for each once compiled. */
export const standIns: Readonly<Record<string, keyof typeof programs>> = {
  "lib/leaderboard/start-thread.mjs": "leaderboard-thread",
  "lib/admin/releases/start-release-thread.mjs": "release-thread",
};
