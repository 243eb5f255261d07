"use client";

import { ArrowLeftRight } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { lazy, Suspense, useRef, useState } from "react";
import { useSendWhenReady } from "@/app/_components/images/use-send-when-ready";
import { PrivacyLink } from "@/app/_components/privacy-link";
import { importAgain } from "@/app/_data/import-again";
import { useKeys } from "@/app/_hooks/use-keys";
import { IconButton } from "@/app/_ui/icon-button";
import type { Outcome, Side } from "@/lib/protocol";
import { ModelPicker } from "../_compare/model-picker";
import { chosenIn, chosenModels, missingChoice, useDefaultChoice, useModels } from "../_compare/use-models";
import type { SuggestionGroup } from "../_suggestions/types";
import { isInBattle, knownModels, openBattle, shownTurns } from "./arena-state";
import { Composer, type ComposerHandle } from "./composer";
import { announcementOf, hintOf, stageOf } from "./describe-state";
import { EmptyState } from "./empty-state";
import { imageRefusal } from "./image-refusal";
import { importPanes, importReveal } from "./lazy-parts";
import { Notices } from "./notices";
import type { PanesHandle } from "./panes";
import { PartComing } from "./part-coming";
import { PromptRow, type PromptRowHandle } from "./prompt-row";
import { useArena } from "./use-arena";
import { VoteBar } from "./vote-bar";
import { VoteFailed } from "./vote-failed";

type BattlePageProps = {
  suggestions: SuggestionGroup[];
  /** Of this site: characters of a prompt, turns of a battle. */
  limits: { maxCharacters: number; maxTurns: number };
  /** How many of the served models read images. */
  imageReaders: number;
  /** blind: the site draws the pair; compare: the visitor chooses it. */
  mode?: "blind" | "compare";
};

const Panes = lazy(async () => ({ default: (await importAgain(importPanes)).Panes }));
const Reveal = lazy(async () => ({ default: (await importAgain(importReveal)).Reveal }));

const voteKeys = { "1": "a", "2": "tie", "3": "both_bad", "4": "b" } as const satisfies Record<
  string,
  Outcome
>;

export function BattlePage({ suggestions, limits, imageReaders, mode = "blind" }: BattlePageProps) {
  const isCompare = mode === "compare";
  const t = useTranslations("arena");
  const tVote = useTranslations("vote");
  const tNav = useTranslations("nav");
  const tCompare = useTranslations("compare");
  const tImages = useTranslations("images");
  const query = useSearchParams();
  const battleId = query.get("battle");
  const { state, actions } = useArena({
    battleId,
    chosen: isCompare ? chosenIn(query) : null,
  });
  const models = useModels(isCompare);
  const missing = isCompare ? missingChoice(state, models) : null;
  useDefaultChoice(battleId, state, models, actions.choose);
  const composer = useRef<ComposerHandle>(null);
  const panes = useRef<PanesHandle>(null);
  const promptRow = useRef<PromptRowHandle>(null);
  const [wasHeldBack, setWasHeldBack] = useState(false);

  const turns = shownTurns(state);
  const turn = turns.at(-1);
  const stage = stageOf(state);
  // Before the first effect has run, the address already says that a battle is coming: no flash of the first page.
  const isBusyElsewhere = battleId !== null && state.battle === null && state.problem === null;
  const isTextDeleted = state.battle?.kind === "revealed" && state.battle.isTextDeleted;
  const hasBattle = isInBattle(state) || isBusyElsewhere;
  const isLastTurn = turns.length >= limits.maxTurns;
  const sending = useSendWhenReady(state.images, state.draft, send);
  const canVote = stage.name === "open" && stage.canVote;
  const hint = hintOf(stage, isLastTurn);
  const announcement = announcementOf(state);

  function send(text: string) {
    if (stage.name === "running" || stage.name === "blocked" || (stage.name === "open" && isLastTurn)) {
      setWasHeldBack(true);
      return;
    }
    if (missing !== null && stage.name === "empty") {
      setWasHeldBack(true);
      return;
    }
    if (sending.areComing) {
      sending.wait();
      return;
    }
    setWasHeldBack(false);
    actions.send(text);
  }

  function newBattle() {
    actions.newBattle();
    composer.current?.focus();
  }

  const vote = (outcome: Outcome) => {
    if (canVote) actions.vote(outcome);
  };

  useKeys({
    ...Object.fromEntries(Object.entries(voteKeys).map(([key, outcome]) => [key, () => vote(outcome)])),
    n: newBattle,
    r: () => {
      const failed = stage.name === "blocked" ? stage.failed : [];
      for (const side of failed) actions.retry(side);
    },
    c: () => panes.current?.copyFocused(),
    "[": () => panes.current?.focus("a"),
    "]": () => panes.current?.focus("b"),
    "/": (event) => {
      event.preventDefault();
      composer.current?.focus();
    },
    // A quoted name: the linter takes a capital for a component.
    ["Escape"]: () => {
      if (stage.name === "running" || state.waiting) actions.stop();
      else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    },
  });

  const pickerOf = (side: Side) => (
    <ModelPicker
      side={side}
      models={models.list}
      chosen={state.chosen?.[side] ?? null}
      isBoxed={!hasBattle}
      onChoose={(model) => actions.choose(side, model)}
    />
  );
  const canSwap = openBattle(state.battle) === null ? state.battle === null : stage.name !== "running";
  const swap = (
    <IconButton
      label={tCompare(canSwap ? "swap" : "swapWaits")}
      aria-disabled={!canSwap}
      onClick={() => canSwap && actions.swap()}
    >
      <ArrowLeftRight size={16} />
    </IconButton>
  );

  const privacyLine = (
    <>
      {t("privacy")} <PrivacyLink />
    </>
  );
  const isHeldBack = wasHeldBack && (stage.name === "running" || stage.name === "blocked");
  const hintText = isHeldBack
    ? t("announce.heldBack")
    : sending.isWaiting
      ? tImages("waits")
      : wasHeldBack && missing !== null
        ? tCompare(missing)
        : state.replay.length > 0 && !state.isReplayHeld
          ? tCompare("replaying", { count: state.replay.length })
          : hint === null
            ? privacyLine
            : t(`hint.${hint.key}` as "hint.open", hint.values as never);
  const spoken =
    state.battle?.kind === "revealed"
      ? tVote("savedPlain", { choice: tVote(state.battle.vote.outcome) })
      : announcement === null
        ? ""
        : t(`announce.${announcement.key}` as "announce.voteOpen", announcement.values as never);

  const notices = (
    <Notices
      state={state}
      onCancelWaiting={actions.cancelWaiting}
      onResumeReplay={actions.resumeReplay}
      onDropReplay={actions.dropReplay}
    />
  );

  return (
    <main id="main" className="flex h-[calc(100dvh-52px)] min-h-0 flex-col">
      {hasBattle ? (
        <>
          <h1 className="sr-only">{tNav(mode === "compare" ? "compare" : "battle")}</h1>
          <PromptRow
            ref={promptRow}
            prompt={isTextDeleted ? t("textDeleted") : (turn?.prompt ?? null)}
            images={turn?.images ?? []}
            maxCharacters={limits.maxCharacters}
            number={turns.length}
            canChange={turn !== undefined && state.battle?.kind !== "revealed"}
            isBusy={stage.name === "running"}
            onResend={actions.regenerate}
          />
          <Suspense fallback={<PartComing className="flex-1" />}>
            <Panes
              ref={panes}
              turns={turns}
              reveal={state.battle?.kind === "revealed" ? state.battle : null}
              models={knownModels(state.battle) ?? (isCompare ? chosenModels(state, models) : null)}
              pickerOf={isCompare ? pickerOf : null}
              swap={isCompare ? swap : null}
              canRetry={stage.name === "blocked" || stage.name === "running"}
              isComposerEmpty={state.draft === ""}
              onRetry={actions.retry}
              onNewPair={isCompare ? null : actions.drawNewPair}
            />
          </Suspense>
        </>
      ) : (
        <EmptyState
          groups={suggestions}
          title={isCompare ? tCompare("title") : t("title")}
          lead={isCompare ? tCompare("lead") : t("lead")}
          models={
            isCompare ? (
              <div className="mt-6 grid max-w-[720px] grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)] items-center gap-2">
                {pickerOf("a")}
                {swap}
                {pickerOf("b")}
                {models.status === "few" ? (
                  <p className="col-span-3 text-hint text-fg-3">{tCompare("few")}</p>
                ) : null}
                {models.status === "failed" ? (
                  <p className="col-span-3 text-hint text-bad">{tCompare("failed")}</p>
                ) : null}
              </div>
            ) : null
          }
          onChoose={(prompt) => {
            actions.setDraft(prompt);
            composer.current?.focus({ atEnd: true });
          }}
        />
      )}
      <p role="status" aria-live="polite" className="sr-only">
        {spoken}
      </p>
      {state.battle?.kind === "revealed" ? (
        <Suspense fallback={<PartComing className="border-t border-line" />}>
          <Reveal
            battle={state.battle}
            onNewBattle={newBattle}
            onSameNamed={actions.carryPrompt}
            key={state.battle.id}
          />
        </Suspense>
      ) : (
        // Two boxes, so that the composer's own stays where it is when the vote bar comes to stand above it.
        <>
          {hasBattle ? (
            <section className="border-t border-line">
              <div className="mx-auto max-w-[1008px] px-3 pt-2.5 sm:px-6 sm:pt-3">
                <div className="has-[p]:pb-2.5">{notices}</div>
                <div className="flex flex-col gap-2.5">
                  {state.vote.phase === "failed" ? (
                    <VoteFailed vote={state.vote} onSaveAgain={actions.vote} />
                  ) : null}
                  <VoteBar vote={state.vote} isOpen={canVote} onVote={actions.vote} />
                </div>
              </div>
            </section>
          ) : null}
          <section className="relative">
            <div className="mx-auto max-w-[1008px] px-3 pt-2.5 sm:px-6">
              {hasBattle ? null : (
                // Above the composer without moving anything.
                <div className="absolute inset-x-0 bottom-full mx-auto max-w-[1008px] px-3 has-[p]:pb-2.5 sm:px-6">
                  {notices}
                </div>
              )}
              <Composer
                ref={composer}
                draft={state.draft}
                stage={stage}
                isStopping={state.isStopping}
                maxCharacters={limits.maxCharacters}
                images={{
                  list: state.images,
                  refusal: imageRefusal(state, imageReaders, models.list),
                  onAdd: actions.addImages,
                  onRefused: actions.refuseImages,
                  onRemove: actions.removeImage,
                }}
                onDraft={(draft) => {
                  setWasHeldBack(false);
                  actions.setDraft(draft);
                }}
                onSend={send}
                onStop={actions.stop}
                onEditLast={() => promptRow.current?.edit()}
                hint={
                  <>
                    {hintText}
                    {stage.name === "blocked" && !isHeldBack ? (
                      <span className="ml-1 max-sm:hidden">{t("hint.samePair")}</span>
                    ) : null}
                  </>
                }
              />
            </div>
          </section>
        </>
      )}
    </main>
  );
}
