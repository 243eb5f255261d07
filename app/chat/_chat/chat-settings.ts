import { toApiError } from "@/app/_data/api-error";
import { problemOf } from "@/app/_data/problem";
import type { ChatParameters, ConversationView } from "@/lib/protocol";
import { chatApi } from "./chat-api";
import type { Settings } from "./chat-state";
import type { ChatStore } from "./chat-store";
import { readFavourites } from "./favourites";

/** Typing in the drawer is gathered for this long before it is stored. */
const storeDelayMs = 400;
/** While nothing is served, this often a look whether that has changed. */
const retryModelsMs = 5_000;
const modelKey = "chat-model";

/** Model, system prompt and parameters: of the conversation that is open, or of the one that will begin. */
export function createChatSettings(store: ChatStore) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let modelsTimer: ReturnType<typeof setTimeout> | undefined;
  /** The conversation whose settings are not stored yet. */
  let unsaved: string | null = null;
  let saving: Promise<void> = Promise.resolve();

  function change(settings: Partial<Settings>) {
    store.set({ settings: { ...store.get().settings, ...settings } });
    unsaved = store.get().conversation?.id ?? null;
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), storeDelayMs);
  }

  /** Stores what is not stored yet; settles when it is, or when it has failed and said so. */
  function flush(): Promise<void> {
    clearTimeout(timer);
    const id = unsaved;
    unsaved = null;
    if (id === null) return saving;
    const { model, systemPrompt, parameters } = store.get().settings;
    saving = saving
      .then(() => chatApi.change(id, { model: model?.name, systemPrompt, parameters }))
      .then(
        () => undefined,
        (error: unknown) => store.set({ problem: problemOf(toApiError(error), false) }),
      );
    return saving;
  }

  function setModel(name: string, options: { isStored?: boolean } = {}) {
    const known = store.get().models?.find((model) => model.name === name);
    const model = { name, displayName: known?.displayName ?? name };
    keepModel(name);
    if (options.isStored === true) store.set({ settings: { ...store.get().settings, model } });
    else change({ model });
  }

  async function loadModels() {
    clearTimeout(modelsTimer);
    try {
      const { models } = await chatApi.models();
      store.set({ models });
    } catch {
      // The last list stays; without any the page says that no model is served, and looks again.
      if (store.get().models === null) store.set({ models: [] });
    }
    const { models, settings, conversation } = store.get();
    if (models === null || models.length === 0) {
      modelsTimer = setTimeout(() => void loadModels(), retryModelsMs);
      return;
    }
    if (settings.model !== null || conversation !== null) return;
    const wishes = [readKeptModel(), ...readFavourites()];
    const wished = wishes.find((name) => models.some((model) => model.name === name));
    const model = models.find(({ name }) => name === wished) ?? models[0];
    if (model !== undefined) store.set({ settings: { ...settings, model } });
  }

  return {
    flush,
    loadModels,
    setModel,
    setSystemPrompt: (systemPrompt: string) => change({ systemPrompt }),
    setParameters: (parameters: ChatParameters) => change({ parameters }),
    takeFrom({ model, systemPrompt, parameters }: ConversationView) {
      store.set({ settings: { model, systemPrompt, parameters } });
    },
    /** For a new conversation: the model stays, words and parameters were the old one's. */
    clear() {
      store.set({ settings: { ...store.get().settings, systemPrompt: "", parameters: {} } });
    },
    stop: () => clearTimeout(modelsTimer),
  };
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
