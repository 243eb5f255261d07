import { AppError } from "@/lib/errors";
import type { ResponseInputItem, ResponseParams } from "@/lib/openai-schema";

type ToolCall = { id: string; type: "function"; function: { name: string; arguments: string } };

export type ChatMessage = {
  role: string;
  content?: string | object[] | null;
  tool_calls?: ToolCall[];
  tool_call_id?: string;
};

/** Messages of a chat, and for each the field that it came from, such as `input[2]`. */
export type Conversation = { messages: ChatMessage[]; origins: string[] };

const roles = new Set(["user", "assistant", "system", "developer"]);

/** The items of a response's input as a chat. Errors: `invalid_request`, `unsupported_parameter` with `param`. */
export function toChatMessages({ instructions, input }: ResponseParams): Conversation {
  const conversation: Conversation = { messages: [], origins: [] };
  const add = (message: ChatMessage, origin: string): void => {
    conversation.messages.push(message);
    conversation.origins.push(origin);
  };
  if (typeof instructions === "string") add({ role: "system", content: instructions }, "instructions");
  if (typeof input === "string") add({ role: "user", content: input }, "input");
  else for (const [index, item] of input.entries()) addItem(conversation, add, item, index);
  return conversation;
}

function addItem(
  { messages }: Conversation,
  add: (message: ChatMessage, origin: string) => void,
  item: ResponseInputItem,
  index: number,
): void {
  const at = `input[${index}]`;
  switch (item.type ?? "message") {
    case "message":
      add(toMessage(item, at), at);
      return;
    case "function_call": {
      const call: ToolCall = {
        id: requireText(item, "call_id", at),
        type: "function",
        function: { name: requireText(item, "name", at), arguments: requireText(item, "arguments", at) },
      };
      // A chat has the calls of one turn in one message, together with the text before them.
      const last = messages.at(-1);
      if (last?.role !== "assistant") add({ role: "assistant", content: null, tool_calls: [call] }, at);
      else {
        last.tool_calls ??= [];
        last.tool_calls.push(call);
      }
      return;
    }
    case "function_call_output":
      add(
        {
          role: "tool",
          tool_call_id: requireText(item, "call_id", at),
          content: toOutput(item["output"], `${at}.output`),
        },
        at,
      );
      return;
    case "reasoning":
      // What a model thought before is no part of the conversation that the next one reads.
      return;
    default:
      throw refused(`${at}.type`, `Items of type "${item.type}"`);
  }
}

function toMessage(item: ResponseInputItem, at: string): ChatMessage {
  const { role, content } = item;
  if (role === undefined || !roles.has(role)) {
    throw invalid(`${at}.role`, "must be user, assistant, system or developer");
  }
  if (typeof content === "string") return { role, content };
  if (!Array.isArray(content)) throw invalid(`${at}.content`, "must be a text or a list of parts");
  const parts = content.map((part, index) => toPart(part, `${at}.content[${index}]`));
  return { role, content: parts };
}

function toPart(part: Record<string, unknown> & { type: string }, at: string): object {
  switch (part.type) {
    case "input_text":
    case "output_text":
      return { type: "text", text: requireText(part, "text", at) };
    case "refusal":
      return { type: "text", text: requireText(part, "refusal", at) };
    case "input_image": {
      if (typeof part["image_url"] !== "string") throw refused(`${at}.file_id`, "An image without image_url");
      const detail = typeof part["detail"] === "string" ? { detail: part["detail"] } : {};
      return { type: "image_url", image_url: { url: part["image_url"], ...detail } };
    }
    default:
      throw refused(`${at}.type`, `Content of type "${part.type}"`);
  }
}

function toOutput(output: unknown, at: string): string {
  if (typeof output === "string") return output;
  if (!Array.isArray(output)) throw invalid(at, "must be a text or a list of parts");
  const texts = output.map((part: unknown, index) => {
    const { type } = (part ?? {}) as { type?: unknown };
    if (type !== "input_text")
      throw refused(
        `${at}[${index}].type`,
        `Output of type "${typeof type === "string" ? type : typeof type}"`,
      );
    return requireText(part as Record<string, unknown>, "text", `${at}[${index}]`);
  });
  return texts.join("\n");
}

function requireText(fields: Record<string, unknown>, name: string, at: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  throw invalid(`${at}.${name}`, "must be a string");
}

function invalid(param: string, message: string): AppError {
  return new AppError("invalid_request", { message: `${param}: ${message}`, param });
}

export function refused(param: string, subject: string): AppError {
  return new AppError("unsupported_parameter", { message: `${subject} is not supported here.`, param });
}
