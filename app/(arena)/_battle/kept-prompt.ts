import { z } from "zod";

/** A prompt as this tab keeps it over a reload; written by this page, but maybe by an older version of it. */
export const keptPromptSchema = z.object({
  text: z.string(),
  images: z.array(z.object({ id: z.string(), width: z.number(), height: z.number() })),
});
