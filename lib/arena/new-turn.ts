import { v7 as uuidv7 } from "uuid";
import { newLease } from "@/lib/answers";
import { newImageLinks } from "@/lib/attachments";
import type { Prisma } from "@/lib/db";
import { sides } from "@/lib/protocol";

export type NewTurn = {
  prompt: string;
  /** Ids, in order. */
  images: readonly string[];
  idempotencyKey: string;
  ordinal: number;
};

/** A new turn with one queued response a side, as input of a nested write, and the ids of those responses. */
export function newTurn({ prompt, images, idempotencyKey, ordinal }: NewTurn) {
  const responses = sides.map((side) => newResponse(side, 0));
  const links = newImageLinks(images).map(({ attachmentId, position }) => ({
    position,
    attachment: { connect: { id: attachmentId } },
  }));
  const data = {
    id: uuidv7(),
    ...{ prompt, idempotencyKey, ordinal },
    responses: { create: responses },
    ...(links.length === 0 ? {} : { images: { create: links } }),
  };
  return {
    data: data satisfies Prisma.TurnCreateWithoutBattleInput,
    queued: responses.map((response) => response.id),
  };
}

/** A queued response; the process that makes it holds its lease and answers it at once. */
export function newResponse(side: (typeof sides)[number], attempt: number) {
  return { id: uuidv7(), side, attempt, leaseUntil: newLease() };
}
