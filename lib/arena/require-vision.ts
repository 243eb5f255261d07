import { AppError } from "@/lib/errors";
import type { ArenaDeps } from "./deps";
import type { BattleRow } from "./dto";

/**
 * Whether both models of a battle can be shown an image. A blind battle may not tell what its models can do: one that began
 * with an image has two that read images, any other takes none, whichever its models are. Errors: `battle_without_images`,
 * `model_reads_no_images` for a chosen model.
 */
export function requireVision({ controller }: Pick<ArenaDeps, "controller">, battle: BattleRow): void {
  if (battle.kind === "blind") {
    if (battle.turns[0]?.images.length === 0) throw new AppError("battle_without_images");
    return;
  }
  const served = new Map(controller.models().map(({ name, capabilities }) => [name, capabilities]));
  for (const { name } of [battle.modelA, battle.modelB]) {
    // Who serves no such model is for the dispatcher to say.
    if (served.get(name)?.includes("vision") === false)
      throw new AppError("model_reads_no_images", { details: { model: name } });
  }
}
