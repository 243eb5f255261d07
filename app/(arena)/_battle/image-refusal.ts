import type { ApiErrorCode } from "@/app/_data/api-error";
import type { ChatModel } from "@/lib/protocol";
import type { ArenaState } from "./arena-state";
import { sides } from "./sides";

/**
 * Why no image can go with the next prompt, as the server would say; null where one can.
 *
 * @param readers how many of the served models read images
 * @param models those that can be chosen; they matter only in a comparison
 */
export function imageRefusal(
  { chosen, battle, outgoing }: Pick<ArenaState, "chosen" | "battle" | "outgoing">,
  readers: number,
  models: readonly ChatModel[],
): ApiErrorCode | null {
  if (chosen !== null) {
    const areBlind = sides.some((side) => {
      const known = models.find(({ name }) => name === chosen[side]);
      return known !== undefined && !known.capabilities.includes("vision");
    });
    return areBlind ? "model_reads_no_images" : null;
  }
  const first = battle?.turns[0] ?? outgoing;
  if (first === null) return readers < 2 ? "no_vision_pair" : null;
  return first.images.length === 0 ? "battle_without_images" : null;
}
