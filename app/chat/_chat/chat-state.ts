import type { DraftImage } from "@/app/_components/images/draft-image";
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

/** With what the next answer is made. */
export type Settings = {
  /** Null until the models are known, and while none is served. */
  model: { name: string; displayName: string } | null;
  systemPrompt: string;
  parameters: ChatParameters;
};

/** What the server has not answered yet; shown at once. */
export type Outgoing =
  | { kind: "message"; text: string; images: readonly ImageView[]; parentId: string | null }
  | { kind: "answer"; promptId: string };

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
  /** The next message follows this answer though others do already. */
  branchPoint: string | null;
  isStopping: boolean;
  problem: Problem | null;
  connection: ConnectionState;
  settings: Settings;
  /** Null until they have arrived. */
  models: readonly ChatModel[] | null;
  list: ConversationListState;
  /** Just deleted: can be brought back. */
  deleted: ConversationSummary | null;
};

export const noSettings: Settings = { model: null, systemPrompt: "", parameters: {} };

export const initialChatState: ChatState = {
  draft: "",
  images: [],
  conversation: null,
  restoring: null,
  outgoing: null,
  branchPoint: null,
  isStopping: false,
  problem: null,
  connection: "closed",
  settings: noSettings,
  models: null,
  list: { status: "loading", query: "", conversations: [], nextCursor: null },
  deleted: null,
};

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
    return [...branchTo(messages, outgoing.promptId), outgoingAnswer(state, outgoing.promptId)];
  }
  const prompt = {
    role: "user" as const,
    id: "outgoing",
    parentId: outgoing.parentId,
    text: outgoing.text,
    images: [...outgoing.images],
    createdAt: "",
  } satisfies MessageView;
  return [...branchTo(messages, outgoing.parentId), prompt, outgoingAnswer(state, prompt.id)];
}

function outgoingAnswer({ settings }: ChatState, promptId: string): AssistantMessage {
  return {
    role: "assistant",
    id: "outgoing-answer",
    parentId: promptId,
    text: "",
    createdAt: "",
    status: "queued",
    model: settings.model ?? { name: "", displayName: "" },
    isTruncated: false,
    failure: null,
    promptTokens: null,
    completionTokens: null,
    firstTokenMs: null,
    totalMs: null,
    feedback: null,
  };
}
