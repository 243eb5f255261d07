import type { Prisma } from "@/lib/db";

/** Which votes are a visitor's: votes never change their name, so those from before an account's sign-ins have that of another. */
export function votesOf(visitorId: string): Prisma.VoteWhereInput {
  return { OR: [{ visitorId }, { visitor: { mergedIntoId: visitorId } }] };
}
