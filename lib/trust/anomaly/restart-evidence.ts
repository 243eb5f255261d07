import { z } from "zod";
import type { Prisma } from "@/lib/db";

/** Names whose votes a quarantine leaves out; in the evidence of its acts. */
export const quarantineSchema = z.object({
  subject: z.enum(["visitor", "network"]),
  subjectId: z.string().min(1),
});

/** A quarantine that was taken back: the evidence that led to it is not held against its subject again. */
export async function restartEvidence(tx: Prisma.TransactionClient, evidence: unknown): Promise<void> {
  const quarantine = quarantineSchema.safeParse(evidence);
  if (quarantine.success) await tx.voterEvidence.deleteMany({ where: quarantine.data });
}
