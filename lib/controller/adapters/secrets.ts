import { createHmac, hash, timingSafeEqual } from "node:crypto";

export type Secrets = {
  /** Derived, never stored: any server that has ARENA_SECRET can make it and verify it. */
  secretOf(workerId: string): string;
  isSecretOf(workerId: string, presented: string): boolean;
};

export function createSecrets(arenaSecret: string): Secrets {
  const secretOf = (workerId: string): string =>
    createHmac("sha256", arenaSecret).update(`worker:${workerId}`).digest("base64url");
  return {
    secretOf,
    isSecretOf: (workerId, presented) => timingSafeEqual(sha256(secretOf(workerId)), sha256(presented)),
  };
}

/** Hashing first makes both sides equally long, so that the comparison tells nothing about the length either. */
function sha256(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
