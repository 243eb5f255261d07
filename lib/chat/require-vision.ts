import type { Controller } from "@/lib/controller";
import { AppError } from "@/lib/errors";

/**
 * Before a model is asked about an image, new or earlier in the same branch. Errors: `model_reads_no_images` where the model
 * is served and does not; who serves no such model is for the dispatcher to say.
 */
export function requireVision(
  { controller }: { controller: Pick<Controller, "models"> },
  model: string,
  images: readonly unknown[],
): void {
  if (images.length === 0) return;
  const served = controller.models().find(({ name }) => name === model);
  if (served !== undefined && !served.capabilities.includes("vision"))
    throw new AppError("model_reads_no_images", { details: { model } });
}
