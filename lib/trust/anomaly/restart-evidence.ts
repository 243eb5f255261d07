import { z } from "zod";
import type { Prisma } from "@/lib/db";

/** Names whose votes a quarantine leaves out; in the evidence of its acts. */
export const quarantineSchema = z.object({
  subject: z.enum(["visitor", "network"]),
  subjectId: z.string().min(1),
});

/**
 * A quarantine that was taken back: the evidence that led to it is not held against its subject again, nor against the account that
 * has it by now.
 */
export async function restartEvidence(tx: Prisma.TransactionClient, evidence: unknown): Promise<void> {
  const quarantine = quarantineSchema.safeParse(evidence);
  if (!quarantine.success) return;
  const { subject, subjectId } = quarantine.data;
  await tx.voterEvidence.deleteMany({ where: { subject, subjectId } });
  if (subject === "network") return;
  const visitor = await tx.visitor.findUnique({ where: { id: subjectId }, select: { mergedIntoId: true } });
  if (visitor?.mergedIntoId != null)
    await tx.voterEvidence.deleteMany({ where: { subject, subjectId: visitor.mergedIntoId } });
}
