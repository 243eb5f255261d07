/**
 * Loaded before the program of every child process. A child learns from its IPC channel that the launcher is gone and then stops by itself;
 * this is the backstop for one that has not come so far yet, or that hangs. The limit is longer than any drain by default.
 */
const limitMs = 30_000;

if (process.connected) {
  process.once("disconnect", () => setTimeout(() => process.exit(1), limitMs).unref());
} else {
  process.exit(1);
}
