"use client";

import { useEffect, useState } from "react";
import { callApi } from "@/app/_data/call-api";
import type { ChatModel, ModelView, Side } from "@/lib/protocol";
import type { ArenaState, Chosen } from "../_battle/arena-state";
import { sides } from "../_battle/sides";

export type Models = {
  list: readonly ChatModel[];
  /** few: a comparison needs two. */
  status: "loading" | "ready" | "few" | "failed";
};

/** The models that can be chosen, fetched once where they are needed, and again when the tab is looked at. */
export function useModels(isNeeded: boolean): Models {
  const [models, setModels] = useState<Models>({ list: [], status: "loading" });
  useEffect(() => {
    if (!isNeeded) return;
    const abort = new AbortController();
    const load = async () => {
      if (document.visibilityState !== "visible") return;
      try {
        const { chatModelsSchema } = await import("@/lib/protocol");
        const { models: list } = await callApi("/api/chat/models", chatModelsSchema, {
          signal: abort.signal,
        });
        setModels({ list, status: list.length < 2 ? "few" : "ready" });
      } catch {
        // The former list, if any, stays usable; without one the page says that it is missing.
        if (!abort.signal.aborted)
          setModels((former) => (former.list.length > 0 ? former : { list: [], status: "failed" }));
      }
    };
    void load();
    document.addEventListener("visibilitychange", load);
    return () => {
      abort.abort();
      document.removeEventListener("visibilitychange", load);
    };
  }, [isNeeded]);
  return models;
}

/** Two models to begin with, where the address names none and no battle either. */
export function useDefaultChoice(
  battleId: string | null,
  { chosen, battle, restoring, outgoing }: ArenaState,
  { list }: Models,
  choose: (side: Side, model: string) => void,
): void {
  const isUntouched = battleId === null && battle === null && restoring === null && outgoing === null;
  const side = chosen === null || !isUntouched ? undefined : sides.find((each) => chosen[each] === null);
  const taken = side === undefined ? null : chosen?.[side === "a" ? "b" : "a"];
  const free = list.find(({ name }) => name !== taken)?.name;
  useEffect(() => {
    if (side !== undefined && free !== undefined) choose(side, free);
  }, [side, free, choose]);
}

/** What the address names. A model against itself is none: the second is then chosen anew. */
export function chosenIn(query: { get(name: string): string | null }): Chosen {
  const [a, b] = [query.get("a"), query.get("b")];
  return { a, b: a === b ? null : b };
}

/** Why a prompt cannot go out yet; null where it can. A key below `compare`. */
export function missingChoice({ chosen }: ArenaState, models: Models): "few" | "choose" | null {
  if (chosen === null || (chosen.a !== null && chosen.b !== null)) return null;
  return models.status === "few" ? "few" : "choose";
}

/** The chosen models while no battle of them is on the page yet. */
export function chosenModels({ chosen }: ArenaState, { list }: Models): Record<Side, ModelView> | null {
  if (chosen?.a == null || chosen.b === null) return null;
  return { a: viewOf(chosen.a, list), b: viewOf(chosen.b, list) };
}

function viewOf(name: string, list: readonly ChatModel[]): ModelView {
  const known = list.find((model) => model.name === name);
  return {
    name,
    displayName: known?.displayName ?? name,
    organization: known?.organization ?? null,
    licence: null,
  };
}
