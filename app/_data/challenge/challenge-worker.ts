import type { Challenge } from "@/lib/protocol";
import { findProof } from "./find-proof";

// Runs beside the page, which stays as quick as it was.
self.addEventListener("message", ({ data }: MessageEvent<Challenge>) => {
  self.postMessage(findProof(data.challenge, data.bits));
});
