"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { useCallback, useEffect, useRef, useState } from "react";
import { Composer, type ComposerHandle } from "@/app/_components/composer/composer";
import { useSendWhenReady } from "@/app/_components/images/use-send-when-ready";
import { PrivacyLink } from "@/app/_components/privacy-link";
import { useCommandKeys, useKeys } from "@/app/_hooks/use-keys";
import { useMediaQuery } from "@/app/_hooks/use-media-query";
import type { ChatModel } from "@/lib/protocol";
import { ChatHeader } from "./chat-header";
import { ChatNotices } from "./chat-notices";
import { isRunning, settingsOf, shownMessages } from "./chat-state";
import { announcementOf } from "./describe-chat";
import { ListPanel } from "./list-panel";
import { changedCount } from "./parameter-specs";
import { ParametersPanel } from "./parameters-panel";
import { Transcript } from "./transcript";
import { UndoToast } from "./undo-toast";
import { useChat } from "./use-chat";

type ChatPageProps = { limits: { maxCharacters: number } };

const noModels: readonly ChatModel[] = [];

export function ChatPage({ limits }: ChatPageProps) {
  const t = useTranslations("chat");
  const tImages = useTranslations("images");
  const tSite = useTranslations("site");
  const conversationId = /^\/chat\/([^/]+)/.exec(usePathname())?.[1] ?? null;
  const { state, session, setDraft, startBranch, refuseImages, endUndo } = useChat(conversationId);
  const composer = useRef<ComposerHandle>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const parametersButton = useRef<HTMLButtonElement>(null);
  const [isListShown, setIsListShown] = useState(true);
  const [isSheetOpen, setIsSheetOpen] = useState(false);
  const [isParametersShown, setIsParametersShown] = useState(false);
  const [editingId, setEditingId] = useState<string | null>(null);
  const [wasHeldBack, setWasHeldBack] = useState(false);
  const hasRoomForList = useMediaQuery("(width >= 960px)");
  const isPhone = useMediaQuery("(width < 640px)");

  const { conversation, outgoing, list } = state;
  const settings = settingsOf(state);
  const models = state.models ?? noModels;
  const model = models.find(({ name }) => name === settings.model?.name) ?? null;
  const shown = shownMessages(state);
  const isBusy = outgoing !== null || isRunning(conversation);
  // Before the first effect has run the address already says that a conversation is coming.
  const isLoading =
    state.restoring !== null || (conversationId !== null && conversation === null && state.problem === null);
  const isEmpty = shown.length === 0 && !isLoading;
  const sending = useSendWhenReady(state.images, state.draft, send);
  const announcement = announcementOf(shown);

  const pageTitle = `${conversation?.title ?? t("title")} · ${tSite("name")}`;
  useEffect(() => {
    document.title = pageTitle;
  }, [pageTitle]);

  function newChat() {
    session.newChat();
    setIsSheetOpen(false);
    setEditingId(null);
    composer.current?.focus();
  }

  function chooseModel(name: string) {
    session.settings.setModel(name);
    composer.current?.focus();
  }

  function send(text: string) {
    if (isBusy) {
      setWasHeldBack(true);
      return;
    }
    if (sending.areComing) {
      sending.wait();
      return;
    }
    setWasHeldBack(false);
    void session.send(text);
  }

  function focusSearch() {
    if (hasRoomForList) setIsListShown(true);
    else setIsSheetOpen(true);
    // The field may arrive with the next render, or with the sheet that is being fetched.
    requestAnimationFrame(() => requestAnimationFrame(() => searchField.current?.focus()));
  }

  function closeParameters() {
    setIsParametersShown(false);
    parametersButton.current?.focus();
  }

  function editLast() {
    const last = shown.findLast(({ role }) => role === "user");
    if (last !== undefined && !isBusy) setEditingId(last.id);
  }

  useKeys({
    "/": (event) => {
      event.preventDefault();
      composer.current?.focus();
    },
    // A quoted name: the linter takes a capital for a component.
    ["Escape"]: () => {
      if (isBusy) void session.stop();
      else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    },
  });
  useCommandKeys({
    k: (event) => {
      event.preventDefault();
      focusSearch();
    },
    "shift+o": (event) => {
      event.preventDefault();
      newChat();
    },
    ".": (event) => {
      event.preventDefault();
      if (isParametersShown) closeParameters();
      else setIsParametersShown(true);
    },
  });

  // The same functions each time: while text arrives, finished messages are not rendered again.
  const resend = useCallback(
    (id: string, text: string) => {
      setEditingId(null);
      void session.edit(id, text);
    },
    [session],
  );
  const branchOff = useCallback(
    (id: string) => {
      startBranch(id);
      composer.current?.focus();
    },
    [startBranch],
  );

  const modelName = settings.model?.displayName ?? null;
  const emptyPage =
    state.models === null && state.modelsProblem !== null
      ? ({ heading: "modelsFailedHeading", lead: "modelsFailedLead" } as const)
      : state.models?.length === 0
        ? ({ heading: "noModelHeading", lead: "noModelLead" } as const)
        : ({ heading: "heading", lead: "lead" } as const);
  const hint =
    wasHeldBack && isBusy ? (
      t("hintHeldBack")
    ) : sending.isWaiting ? (
      tImages("waits")
    ) : state.branchPoint !== null ? (
      <>
        {t("hintBranch")}{" "}
        <button type="button" onClick={() => startBranch(null)} className="font-medium text-fg underline">
          {t("hintBranchCancel")}
        </button>
      </>
    ) : (
      <>
        {t("hint")} <PrivacyLink />
      </>
    );

  const isSheetShown = isSheetOpen && !hasRoomForList;
  const undo =
    state.deleted.length === 0 ? null : (
      <UndoToast
        count={state.deleted.length}
        isInSheet={isSheetShown}
        onUndo={() => void session.undoRemove()}
        onOver={endUndo}
      />
    );

  return (
    <main id="main" className="flex h-[calc(100dvh-52px)] min-h-0">
      <ListPanel
        isShown={isListShown}
        isSheetOpen={isSheetShown}
        sheetFoot={isSheetShown ? undo : null}
        onHide={() => setIsListShown(false)}
        onSheetChange={setIsSheetOpen}
        list={list}
        currentId={conversation?.id ?? conversationId}
        session={session}
        searchField={searchField}
        onNewChat={newChat}
        onChosen={() => setIsSheetOpen(false)}
        onDelete={(id) => void session.remove(id)}
        models={models}
        onChooseModel={chooseModel}
      />
      <section aria-label={t("title")} className="flex min-w-0 flex-1 flex-col">
        <ChatHeader
          conversation={conversation}
          model={settings.model}
          isUnsaved={state.isUnsaved}
          models={models}
          isListShown={isListShown}
          isParametersShown={isParametersShown}
          changed={changedCount(settings.parameters) + (settings.systemPrompt === "" ? 0 : 1)}
          parametersButton={parametersButton}
          onShowList={() => (hasRoomForList ? setIsListShown(true) : setIsSheetOpen(true))}
          onToggleParameters={() => setIsParametersShown(!isParametersShown)}
          onChooseModel={chooseModel}
          onOpenModels={() => void session.settings.loadModels()}
        />
        {isEmpty ? (
          <div className="flex min-h-0 flex-1 flex-col overflow-y-auto px-4 sm:px-6">
            <div className="m-auto w-full max-w-[720px] py-8">
              <h1 className="text-display">{t(emptyPage.heading)}</h1>
              <p className="mt-2 text-answer text-fg-2">{t(emptyPage.lead)}</p>
            </div>
          </div>
        ) : (
          <>
            <h1 className="sr-only">{conversation?.title ?? t("title")}</h1>
            <Transcript
              key={conversation?.id ?? "new"}
              conversationId={conversation?.id ?? null}
              shown={shown}
              all={conversation?.messages ?? []}
              isLoading={isLoading}
              isBusy={isBusy}
              models={models}
              currentModel={settings.model?.name ?? null}
              editingId={editingId}
              maxCharacters={limits.maxCharacters}
              onEdit={setEditingId}
              onResend={resend}
              onSelect={session.select}
              onRegenerate={session.regenerate}
              onRate={session.rate}
              onBranch={branchOff}
            />
          </>
        )}
        <p role="status" aria-live="polite" className="sr-only">
          {announcement === null ? "" : t(announcement.key, announcement.values)}
        </p>
        <div className="mx-auto w-full max-w-[768px] px-3 pt-1 sm:px-6">
          <ChatNotices connection={state.connection} problem={state.problem} left={state.left} />
          <Composer
            ref={composer}
            draft={state.draft}
            label={modelName === null ? t("composer.labelNone") : t("composer.label", { model: modelName })}
            placeholder={
              isBusy
                ? t(isPhone ? "composer.runningShort" : "composer.running")
                : modelName === null
                  ? t("composer.labelNone")
                  : t("composer.placeholder", { model: modelName })
            }
            isRunning={isBusy}
            isStopping={state.isStopping}
            isEmptyPage={isEmpty}
            maxCharacters={limits.maxCharacters}
            images={{
              list: state.images,
              refusal: model?.capabilities.includes("vision") === false ? "model_reads_no_images" : null,
              onAdd: session.images.add,
              onRefused: refuseImages,
              onRemove: session.images.remove,
            }}
            hint={hint}
            onDraft={(draft) => {
              setWasHeldBack(false);
              setDraft(draft);
            }}
            onSend={send}
            onStop={() => void session.stop()}
            onEditLast={editLast}
          />
        </div>
      </section>
      <ParametersPanel
        isOpen={isParametersShown}
        onClose={closeParameters}
        settings={settings}
        isUnsaved={state.isUnsaved}
        model={model}
        session={session}
      />
      {isSheetShown ? null : undo}
    </main>
  );
}
