import type { Prisma } from "@/lib/db";
import type { SendMessageRequest } from "@/lib/protocol";
import type { ConversationRow } from "./dto";
import { findModel } from "./find-model";

export type AskedWith = Pick<SendMessageRequest, "model" | "systemPrompt" | "parameters">;

/**
 * With what the next answer of a conversation is made: what the request names, else what is stored. For the transaction that
 * stores the message, which stores these settings too. A model that the conversation has already may have left the public ones
 * since; one that is new to it may not. Errors: `model_not_found`.
 */
export async function settingsFor(
  tx: Prisma.TransactionClient,
  conversation: ConversationRow,
  { model, systemPrompt, parameters }: AskedWith,
) {
  const isKept = model === undefined || model === conversation.model.name;
  const { id, name } = isKept ? conversation.model : await findModel(tx, model);
  return {
    modelName: name,
    settings: {
      modelId: id,
      systemPrompt: systemPrompt ?? conversation.systemPrompt,
      parameters: parameters ?? (conversation.parameters as Prisma.InputJsonObject),
    },
  };
}
