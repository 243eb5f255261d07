import type { Database, Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { imageLimits } from "@/lib/protocol";

/**
 * Before a prompt is stored: all its images are the visitor's own and still there, and together with those that the models read
 * already they fit into one request. Errors: `attachment_not_found`, `too_many_images`.
 *
 * @param known ids of images that come before, in the same request
 */
export async function checkImages(
  db: Pick<Database, "attachment"> | Prisma.TransactionClient,
  visitorId: string,
  ids: readonly string[],
  known: readonly string[] = [],
): Promise<void> {
  if (ids.length === 0) return;
  const found = await db.attachment.findMany({
    where: { id: { in: [...ids, ...known] }, visitorId },
    select: { id: true, size: true },
  });
  const sizes = new Map(found.map(({ id, size }) => [id, size]));
  if (ids.some((id) => !sizes.has(id))) throw new AppError("attachment_not_found");
  // An image that stands in several prompts is sent with each of them.
  const together = [...ids, ...known].reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
  if (together > imageLimits.maxBytes) throw new AppError("too_many_images");
}
