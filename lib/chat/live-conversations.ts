import type { Logger } from "pino";
import {
  type AnswerStore,
  type AnswerSurface,
  type ChargeTokens,
  type LiveNews,
  LiveSet,
  type ReserveTokens,
} from "@/lib/answers";
import { type IllustratedMessage, withImages } from "@/lib/attachments";
import type { Controller } from "@/lib/controller";
import type { Database } from "@/lib/db";
import { AppError, isAppError } from "@/lib/errors";
import type { Moderation } from "@/lib/moderation";
import type { ConversationView } from "@/lib/protocol";
import { createAnswerStore, failLostAnswers } from "./answer-store";
import { conversationInclude } from "./dto";
import { LiveConversation } from "./live-conversation";

export type LiveConversationsDeps = {
  db: Database;
  controller: Controller;
  /** Of what all may use of a model together. Default: no model has a limit. */
  reserveTokens?: ReserveTokens;
  /** Default: answers are not counted. */
  surface?: AnswerSurface;
  /** To other servers of the site. Default: there are none. */
  news?: LiveNews;
  logger: Logger;
  maxTokens: number;
  orphanGraceMs: number;
  /** Looks at finished answers. */
  moderation: Pick<Moderation, "review">;
};

/** The conversations that this process holds in memory: those being answered and those being read. */
export class LiveConversations {
  readonly #deps: LiveConversationsDeps;
  readonly #conversations: LiveSet<LiveConversation>;
  /** One for all conversations: what their answers save at a time is one statement. */
  readonly #store: AnswerStore;

  constructor(deps: LiveConversationsDeps) {
    this.#deps = deps;
    this.#conversations = new LiveSet((id) => this.#load(id));
    this.#store = createAnswerStore(deps.db);
    deps.news?.hear("conversation", (id) => this.#reread(id));
    deps.news?.hear("conversation_deleted", (id) => this.#end(id));
    deps.news?.hear("conversation_stop", (id) =>
      this.#conversations.withHeld(id, (conversation) => conversation.stop()),
    );
  }

  /**
   * The conversation as its rows are now, whatever process has changed them; begins to write the answers in `queued`, whose
   * tokens are charged by `charge`.
   * Errors: `conversation_not_found`, also for another visitor's and for one that is deleted; `shutting_down`.
   */
  refresh(
    id: string,
    visitorId: string,
    queued: readonly string[] = [],
    charge?: ChargeTokens,
  ): Promise<LiveConversation> {
    return this.#conversations.use(id, async (conversation) => {
      // One that is in memory may have gone into an account since.
      if (conversation.visitorId !== visitorId) conversation.visitorId = await this.#ownerOf(id);
      if (conversation.visitorId !== visitorId) throw new AppError("conversation_not_found");
      await this.#reload(conversation, queued, charge);
      return conversation;
    });
  }

  /** As {@link refresh}, for those who only look. */
  async view(
    id: string,
    visitorId: string,
    queued: readonly string[] = [],
    charge?: ChargeTokens,
  ): Promise<ConversationView> {
    return (await this.refresh(id, visitorId, queued, charge)).view();
  }

  /** As {@link view}, after a use case has changed the rows: whoever reads it is told, on other servers too. */
  changed(
    id: string,
    visitorId: string,
    queued: readonly string[] = [],
    charge?: ChargeTokens,
  ): Promise<ConversationView> {
    this.#deps.news?.tell("conversation", [id]);
    return this.view(id, visitorId, queued, charge);
  }

  /** They were deleted: every open page hears of it, and what is being written in them ends. */
  async deleted(ids: readonly string[]): Promise<void> {
    this.#deps.news?.tell("conversation_deleted", ids);
    await Promise.all(ids.map((id) => this.#end(id)));
  }

  /** Asks the server that writes an answer of it to stop. */
  stopElsewhere(id: string): void {
    this.#deps.news?.tell("conversation_stop", [id]);
  }

  /** The conversation if it is in memory. */
  peek(id: string): Promise<LiveConversation | null> {
    return this.#conversations.peek(id);
  }

  /** Lets running answers end for `drainMs`, then stops them; their text is kept. New ones are refused from now on. */
  close(drainMs: number): Promise<void> {
    return this.#conversations.close(drainMs);
  }

  async #reread(id: string): Promise<void> {
    await this.#conversations.withHeld(id, async (conversation) => {
      try {
        await this.#reload(conversation, []);
      } catch (error) {
        // Deleted meanwhile: that is told by itself.
        if (!isAppError(error) || error.code !== "conversation_not_found") throw error;
      }
    });
  }

  async #end(id: string): Promise<void> {
    const conversation = await this.peek(id);
    conversation?.announceDeletion();
    await conversation?.stop();
  }

  async #load(id: string): Promise<LiveConversation> {
    const { db, controller, reserveTokens, surface, logger, maxTokens, orphanGraceMs, moderation } =
      this.#deps;
    await failLostAnswers(db, id);
    const deps = {
      store: this.#store,
      controller,
      reserveTokens,
      surface,
      logger,
      maxTokens,
      orphanGraceMs,
      closing: this.#conversations.closing,
      onIdle: () => this.#conversations.forgetIdle(id),
      onStored: (answerId: string, { text }: { text: string }) =>
        moderation.review("message", answerId, text),
      illustrate: (messages: readonly IllustratedMessage[]) => withImages(db, messages),
      reload: (conversation: LiveConversation) => this.#reload(conversation, []),
    };
    return new LiveConversation(deps, await this.#find(id));
  }

  async #ownerOf(id: string): Promise<string | null> {
    const where = { id, deletedAt: null };
    const row = await this.#deps.db.conversation.findFirst({ where, select: { visitorId: true } });
    return row?.visitorId ?? null;
  }

  async #reload(
    conversation: LiveConversation,
    queued: readonly string[],
    charge?: ChargeTokens,
  ): Promise<void> {
    await failLostAnswers(this.#deps.db, conversation.id);
    conversation.update(await this.#find(conversation.id), queued, charge);
  }

  async #find(id: string) {
    const where = { id, deletedAt: null };
    const row = await this.#deps.db.conversation.findFirst({ where, include: conversationInclude });
    if (row === null) throw new AppError("conversation_not_found");
    return row;
  }
}
