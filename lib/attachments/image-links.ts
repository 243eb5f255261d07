import type { ImageView } from "@/lib/protocol";

/** What a prompt's view needs of its images, in order; never the bytes. For a Prisma `include`. */
export const imagesInclude = {
  orderBy: { position: "asc" },
  select: { attachment: { select: { id: true, width: true, height: true } } },
} as const;

type LinkRow = { attachment: ImageView };

export function toImageViews(rows: readonly LinkRow[]): ImageView[] {
  return rows.map(({ attachment: { id, width, height } }) => ({ id, width, height }));
}

/** The links of a new prompt to its images, as input of a nested write. */
export function newImageLinks(ids: readonly string[]) {
  return ids.map((attachmentId, position) => ({ attachmentId, position }));
}
