import { toApiError } from "@/app/_data/api-error";
import { backoffMs } from "@/app/_data/backoff";
import { isPassing, problemOf, retryAfterMs } from "@/app/_data/problem";
import type { ChangeConversationRequest, ChatParameters } from "@/lib/protocol";
import { chatApi } from "./chat-api";
import { type ChatState, type Settings, settingsOf } from "./chat-state";
import type { ChatStore } from "./chat-store";
import { readFavourites } from "./favourites";

/** Typing in the drawer is gathered for this long before it is stored. */
const storeDelayMs = 400;
/** A system prompt is looked at by moderators each time: not at every pause of who writes one. The message carries it anyway. */
const promptDelayMs = 2_000;
/** While nothing is served, this often a look whether that has changed. */
const retryModelsMs = 5_000;
const modelKey = "chat-model";

type Edits = Partial<Settings>;

export type ChatSettings = ReturnType<typeof createChatSettings>;

/**
 * Model, system prompt and parameters: of the conversation that is open, or of the one that will begin. What is set is an edit
 * over what the server has until the server has it; only edits are ever sent, so that a tab overwrites nothing that it did not
 * change.
 */
export function createChatSettings(store: ChatStore) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let modelsTimer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  /** Settles when no call that stores settings is under way. Never rejects. */
  let storing: Promise<void> = Promise.resolve();

  function edit(edits: Edits, delayMs?: number) {
    store.set({ edits: { ...store.get().edits, ...edits } });
    failures = 0;
    plan(delayMs);
  }

  function plan(delayMs = storeDelayMs) {
    clearTimeout(timer);
    const { conversation, edits } = store.get();
    if (conversation === null || isEmpty(edits)) return;
    timer = setTimeout(() => {
      storing = storing.then(save);
    }, delayMs);
  }

  async function save(): Promise<void> {
    const { conversation, edits, outgoing } = store.get();
    // What is on its way carries them itself.
    if (conversation === null || outgoing !== null || isEmpty(edits)) return;
    const isOpen = () => store.get().conversation?.id === conversation.id;
    try {
      const { model, systemPrompt, parameters } = await chatApi.change(conversation.id, toRequest(edits));
      failures = 0;
      const open = store.get().conversation;
      if (open === null || !isOpen()) return;
      store.set({ conversation: { ...open, model, systemPrompt, parameters }, ...withoutStored(edits) });
    } catch (error) {
      // Who has left meanwhile has taken the edits along, see `leave`.
      if (!isOpen()) return;
      const failure = toApiError(error);
      // What passes soon needs no more than the word in the header; a limit says how long it lasts.
      const isBrief = isPassing(failure) && failure.code !== "rate_limited";
      store.set({ isUnsaved: true, ...(isBrief ? {} : { problem: problemOf(failure, false) }) });
      if (!isPassing(failure)) return;
      plan(retryAfterMs(failure) ?? backoffMs(failures, Math.random));
      failures += 1;
    }
  }

  /** What is still to be stored once these are; for the change of the state that shows them as stored. */
  function withoutStored(stored: Edits): Pick<ChatState, "edits" | "isUnsaved"> {
    const left = Object.entries(store.get().edits).filter(
      ([name, value]) => value !== stored[name as keyof Settings],
    );
    return { edits: Object.fromEntries(left), isUnsaved: false };
  }

  async function loadModels() {
    clearTimeout(modelsTimer);
    try {
      const { models } = await chatApi.models();
      store.set({ models, modelsProblem: null });
    } catch (error) {
      // The last list stays; without any the page says so, and asks again.
      store.set({ modelsProblem: toApiError(error).code });
    }
    const { models, edits, conversation } = store.get();
    if (models === null || models.length === 0) {
      clearTimeout(modelsTimer);
      modelsTimer = setTimeout(() => void loadModels(), retryModelsMs);
      return;
    }
    if (conversation !== null || settingsOf({ conversation, edits }).model !== null) return;
    const wishes = [readKeptModel(), ...readFavourites()];
    const wished = wishes.find((name) => models.some((model) => model.name === name));
    const chosen = models.find(({ name }) => name === wished) ?? models[0];
    if (chosen === undefined) return;
    const { name, displayName } = chosen;
    store.set({ edits: { ...edits, model: { name, displayName } } });
  }

  return {
    loadModels,
    withoutStored,
    /** Stores soon what is not stored yet. */
    plan,
    setModel(name: string) {
      const known = store.get().models?.find((model) => model.name === name);
      keepModel(name);
      edit({ model: { name, displayName: known?.displayName ?? name } });
    },
    /** The next new conversation begins with it, too. */
    keepModel,
    setSystemPrompt: (systemPrompt: string) => edit({ systemPrompt }, promptDelayMs),
    setParameters: (parameters: ChatParameters) => edit({ parameters }),
    /** Settles when no call that stores settings is under way: what comes after it is stored after it. */
    settled: () => storing,
    /** Stores what is not stored yet of the conversation that is being left. */
    leave() {
      clearTimeout(timer);
      const { conversation, edits } = store.get();
      if (conversation === null || isEmpty(edits)) return;
      storing = storing
        .then(() => chatApi.change(conversation.id, toRequest(edits)))
        .then(
          () => undefined,
          (error: unknown) => store.set({ problem: problemOf(toApiError(error), false) }),
        );
    },
    /** For a new conversation: the model stays, words and parameters were the old one's. */
    fresh(): Pick<ChatState, "edits" | "isUnsaved"> {
      const { model } = settingsOf(store.get());
      return { edits: model === null ? {} : { model }, isUnsaved: false };
    },
    stop: () => clearTimeout(modelsTimer),
  };
}

function isEmpty(edits: Edits): boolean {
  return Object.keys(edits).length === 0;
}

function toRequest({ model, ...others }: Edits): ChangeConversationRequest {
  return { ...others, model: model?.name };
}

function readKeptModel(): string | null {
  try {
    return localStorage.getItem(modelKey);
  } catch {
    return null;
  }
}

function keepModel(name: string): void {
  try {
    localStorage.setItem(modelKey, name);
  } catch {
    // Storage is forbidden or full: the next visit begins with the first model.
  }
}
