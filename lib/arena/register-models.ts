import { v7 as uuidv7 } from "uuid";
import type { Database } from "@/lib/db";
import type { OfferedModel } from "@/lib/protocol";

/**
 * Gives every offered model its row, so that it can take part in battles. What the site knows of a model already stays,
 * except what the worker measures: the context length.
 */
export async function registerModels(db: Database, offered: readonly OfferedModel[]): Promise<void> {
  await db.$transaction(
    offered.map(({ name, displayName, organization, licence, contextLength, tags }) =>
      db.model.upsert({
        where: { name },
        create: { id: uuidv7(), name, displayName, organization, licence, contextLength, tags },
        update: { contextLength },
      }),
    ),
  );
}
