import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { type Visitors, visitorOrNew } from "@/lib/accounts";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { imageLimits, imageTypes } from "@/lib/protocol";
import { storeAttachment } from "./store-attachment";

type Options = { db: Database; visitors: Visitors };

const idSchema = z.object({ id: z.uuid() });

/**
 * Room for metadata, which is taken off before the image's own size is looked at.
 */
const bodyLimit = imageLimits.maxBytes + 1024 * 1024;

/** A file that was opened by itself runs nothing and loads nothing. */
const ownHeaders = {
  "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
  "cross-origin-resource-policy": "same-origin",
  "content-disposition": "inline",
  // Deleted with its text: a copy in the browser must not outlive it for long.
  "cache-control": "private, max-age=300",
} as const;

/** `/api/attachments`, as lib/protocol/attachment.ts describes it. */
export async function attachmentRoutes(app: FastifyInstance, { db, visitors }: Options): Promise<void> {
  // Only here: every other route takes JSON of at most 1 MiB.
  app.addContentTypeParser([...imageTypes], { parseAs: "buffer", bodyLimit }, (_request, body, done) =>
    done(null, body),
  );

  app.post("/api/attachments", { bodyLimit }, async (request, reply) => {
    if (!Buffer.isBuffer(request.body)) throw new AppError("unsupported_image");
    reply.status(201).header("cache-control", "no-store");
    return storeAttachment(db, await visitorOrNew(visitors, request, reply), request.body);
  });

  app.get("/api/attachments/:id", async (request, reply) => {
    const params = idSchema.safeParse(request.params);
    const visitorId = await visitors.read(request.headers.cookie);
    // Somebody else's, one that is gone and an id that is none look the same.
    if (!params.success || visitorId === null) throw new AppError("attachment_not_found");
    const where = { id: params.data.id, visitorId };
    const found = await db.attachment.findFirst({ where, select: { contentType: true, bytes: true } });
    if (found === null) throw new AppError("attachment_not_found");
    reply.headers(ownHeaders).type(found.contentType);
    return Buffer.from(found.bytes);
  });
}
