import { register } from "tsx/esm/api";

// A thread does not inherit the loader of its parent's `--import tsx` (Node 20), so it registers its own.
register();
await import("./release-thread.ts");
