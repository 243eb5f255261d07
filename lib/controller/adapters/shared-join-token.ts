import { hash, timingSafeEqual } from "node:crypto";
import { AppError } from "@/lib/errors";
import type { JoinTokenVerifier } from "../ports";

/** The one token of `ARENA_JOIN_TOKEN`: whoever has it may offer any model. */
export function createSharedJoinToken(joinToken: string): JoinTokenVerifier {
  const expected = sha256(joinToken);
  return {
    verify: async (presented) => {
      if (!timingSafeEqual(expected, sha256(presented))) throw new AppError("invalid_join_token");
      return { tokenId: null, pool: null };
    },
  };
}

/** Hashing first makes both sides equally long, so that the comparison tells nothing about the length either. */
function sha256(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
