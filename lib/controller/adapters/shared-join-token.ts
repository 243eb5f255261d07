import { hash, timingSafeEqual } from "node:crypto";
import { AppError } from "@/lib/errors";
import type { JoinTokenVerifier } from "../ports";

/** The one token of `ARENA_JOIN_TOKEN`: whoever has it may offer any model. Without it nobody may. */
export function createSharedJoinToken(joinToken: string | undefined): JoinTokenVerifier {
  const expected = joinToken === undefined ? null : sha256(joinToken);
  return {
    verify: async (presented) => {
      const isKnown = expected !== null && timingSafeEqual(expected, sha256(presented));
      if (!isKnown) throw new AppError("invalid_join_token");
      return { tokenId: null, pool: null };
    },
  };
}

/** Hashing first makes both sides equally long, so that the comparison tells nothing about the length either. */
function sha256(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
