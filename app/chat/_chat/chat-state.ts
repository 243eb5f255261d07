import type { DraftImage } from "@/app/_components/images/draft-image";
import type { ApiErrorCode } from "@/app/_data/api-error";
import type { ConnectionState } from "@/app/_data/event-connection";
import type { Problem } from "@/app/_data/problem";
import { branchTo } from "@/lib/message-tree";
import type {
  AssistantMessage,
  ChatModel,
  ChatParameters,
  ConversationSummary,
  ConversationView,
  ImageView,
  MessageView,
} from "@/lib/protocol";

export type NamedModel = { name: string; displayName: string };

/** With what the next answer is made. */
export type Settings = {
  /** Null until the models are known, and while none is served. */
  model: NamedModel | null;
  systemPrompt: string;
  parameters: ChatParameters;
};

type OnItsWay = {
  /** Its idempotency key. */
  key: string;
  /** How many messages the conversation had when it went out. */
  known: number;
  /** Which is asked. */
  model: NamedModel;
};

export type OutgoingMessage = OnItsWay & {
  kind: "message";
  text: string;
  images: readonly ImageView[];
  parentId: string | null;
  /** Or it is an edited prompt, whose images are still with the first. */
  isFromComposer: boolean;
};

/** What the server has not answered yet; shown at once. */
export type Outgoing = OutgoingMessage | (OnItsWay & { kind: "answer"; promptId: string });

/** A message whose conversation is not on the page any more. */
export type LeftMessage = {
  /** Null: it is the first of a new one. */
  conversationId: string | null;
  message: OutgoingMessage;
  /** Still on its way; else it did not go out, and its text waits here. */
  isOut: boolean;
};

export type ConversationListState = {
  status: "loading" | "ready" | "failed";
  query: string;
  conversations: readonly ConversationSummary[];
  nextCursor: string | null;
};

export type ChatState = {
  /** What stands in the composer. */
  draft: string;
  /** Images that go with it. */
  images: readonly DraftImage[];
  conversation: ConversationView | null;
  /** A conversation of this id is being fetched, and nothing of it is here yet. */
  restoring: string | null;
  outgoing: Outgoing | null;
  left: readonly LeftMessage[];
  /** The next message follows this answer though others do already. */
  branchPoint: string | null;
  isStopping: boolean;
  problem: Problem | null;
  connection: ConnectionState;
  /** What was set and is not stored yet: over what the conversation says, or for the one that will begin. */
  edits: Partial<Settings>;
  /** They could not be stored; the next message carries them all the same. */
  isUnsaved: boolean;
  /** Null until they have arrived. */
  models: readonly ChatModel[] | null;
  /** Why they could not be fetched the last time. */
  modelsProblem: ApiErrorCode | null;
  list: ConversationListState;
  /** Just deleted, the last one last: can be brought back. */
  deleted: readonly ConversationSummary[];
};

const noSettings: Settings = { model: null, systemPrompt: "", parameters: {} };

export const initialChatState: ChatState = {
  draft: "",
  images: [],
  conversation: null,
  restoring: null,
  outgoing: null,
  left: [],
  branchPoint: null,
  isStopping: false,
  problem: null,
  connection: "closed",
  edits: {},
  isUnsaved: false,
  models: null,
  modelsProblem: null,
  list: { status: "loading", query: "", conversations: [], nextCursor: null },
  deleted: [],
};

/** With what the next message is asked: what is stored of the conversation, under what was set since. */
export function settingsOf({ conversation, edits }: Pick<ChatState, "conversation" | "edits">): Settings {
  const { model, systemPrompt, parameters } = conversation ?? noSettings;
  return { model, systemPrompt, parameters, ...edits };
}

/** Whether a conversation has a message that was on its way when it had `known` of them. */
export function holds(
  { messages }: ConversationView,
  { known, text, parentId }: Pick<OutgoingMessage, "known" | "text" | "parentId">,
): boolean {
  return messages
    .slice(known)
    .some((message) => message.role === "user" && message.parentId === parentId && message.text === text);
}

export function isActive(message: MessageView | undefined): boolean {
  return message?.role === "assistant" && (message.status === "queued" || message.status === "writing");
}

export function isRunning(conversation: ConversationView | null): boolean {
  return conversation?.messages.some(isActive) ?? false;
}

/** The messages that are shown: one branch, with what is on its way. */
export function shownMessages(state: ChatState): readonly MessageView[] {
  const { conversation, outgoing, branchPoint } = state;
  const messages = conversation?.messages ?? [];
  if (outgoing === null) return branchTo(messages, branchPoint ?? conversation?.leafId ?? null);
  if (outgoing.kind === "answer") {
    return [...branchTo(messages, outgoing.promptId), outgoingAnswer(outgoing, outgoing.promptId)];
  }
  const prompt = {
    role: "user" as const,
    id: "outgoing",
    parentId: outgoing.parentId,
    text: outgoing.text,
    images: [...outgoing.images],
    createdAt: "",
  } satisfies MessageView;
  return [...branchTo(messages, outgoing.parentId), prompt, outgoingAnswer(outgoing, prompt.id)];
}

function outgoingAnswer({ model }: Outgoing, promptId: string): AssistantMessage {
  return {
    role: "assistant",
    id: "outgoing-answer",
    parentId: promptId,
    text: "",
    createdAt: "",
    status: "queued",
    model,
    isTruncated: false,
    failure: null,
    promptTokens: null,
    completionTokens: null,
    firstTokenMs: null,
    totalMs: null,
    feedback: null,
  };
}
