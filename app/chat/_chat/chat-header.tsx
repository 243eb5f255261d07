"use client";

import { ChevronDown, Download, FileJson, FileText, PanelLeft, SlidersHorizontal } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { type Ref, useRef, useState } from "react";
import { formatContext } from "@/app/_components/format-model";
import { ShareButton } from "@/app/_components/sharing/share-button";
import { ActionMenuButton } from "@/app/_ui/action-menu-button";
import { buttonClass } from "@/app/_ui/button";
import { cn } from "@/app/_ui/cn";
import { IconButton } from "@/app/_ui/icon-button";
import type { ChatModel, ConversationView } from "@/lib/protocol";
import { download, type ExportWords, fileNameOf, toJson, toMarkdown } from "./export-conversation";
import { ModelPopup } from "./model-popup";
import { readImages } from "./read-images";

type ChatHeaderProps = {
  conversation: ConversationView | null;
  model: { name: string; displayName: string } | null;
  /** Model, prompt or parameters could not be stored. */
  isUnsaved: boolean;
  models: readonly ChatModel[];
  isListShown: boolean;
  isParametersShown: boolean;
  changed: number;
  parametersButton: Ref<HTMLButtonElement>;
  onShowList: () => void;
  onToggleParameters: () => void;
  onChooseModel: (model: string) => void;
  onOpenModels: () => void;
};

/** The model at the left, what can be done with the conversation at the right. */
export function ChatHeader(props: ChatHeaderProps) {
  const {
    conversation,
    model,
    isUnsaved,
    models,
    isListShown,
    isParametersShown,
    changed,
    parametersButton,
  } = props;
  const { onShowList, onToggleParameters, onChooseModel, onOpenModels } = props;
  const t = useTranslations("chat");
  const locale = useLocale();
  const picker = useRef<HTMLButtonElement>(null);
  const [isChoosing, setIsChoosing] = useState(false);
  const context = models.find(({ name }) => name === model?.name)?.contextLength ?? null;
  const exportWords: ExportWords = {
    you: t("you"),
    system: t("export.system"),
    image: (number, { width, height }, type) =>
      type === null
        ? t("export.missingImage", { number, width, height })
        : t("export.image", { number, type, width, height }),
  };
  const barButton = cn(buttonClass("quiet", "bar"), "max-md:w-8 max-md:px-0 max-sm:size-10");

  return (
    <header className="flex h-13 shrink-0 items-center gap-1 border-b border-line px-2 sm:px-4">
      <IconButton
        label={t("side.show")}
        onClick={onShowList}
        className={cn("max-sm:!size-10", isListShown && "md:hidden")}
      >
        <PanelLeft size={16} />
      </IconButton>
      <button
        ref={picker}
        type="button"
        aria-haspopup="dialog"
        aria-expanded={isChoosing}
        aria-label={`${t("model.pick")}: ${model?.displayName ?? t("model.none")}`}
        onClick={() => {
          if (!isChoosing) onOpenModels();
          setIsChoosing(!isChoosing);
        }}
        className="flex h-9 min-w-0 items-center gap-2 rounded-control px-2.5 text-[15px] font-semibold transition-colors duration-[120ms] hover:bg-muted aria-expanded:bg-muted"
      >
        <span className="truncate">{model?.displayName ?? t("model.none")}</span>
        <ChevronDown size={16} aria-hidden="true" className="shrink-0 text-fg-2" />
      </button>
      {context === null ? null : (
        <span className="number px-1 text-hint whitespace-nowrap text-fg-3 max-md:hidden">
          {t("model.context", { size: formatContext(context, locale) })}
        </span>
      )}
      <p role="status" className="px-1 text-hint whitespace-nowrap text-bad empty:hidden">
        {isUnsaved ? t("unsaved") : ""}
      </p>
      <div className="ml-auto flex shrink-0 items-center gap-1">
        {conversation === null ? null : (
          <ShareButton
            target={{ conversationId: conversation.id }}
            className={barButton}
            wordClassName="max-md:hidden"
          />
        )}
        {conversation === null ? null : (
          <ActionMenuButton
            label={t("export.label")}
            hasTooltip
            className={barButton}
            actions={[
              {
                name: "markdown",
                label: t("export.markdown"),
                icon: <FileText size={16} />,
                onChoose: async () =>
                  download(
                    toMarkdown(conversation, exportWords, await readImages(conversation)),
                    fileNameOf(conversation.title, "md"),
                    "text/markdown",
                  ),
              },
              {
                name: "json",
                label: t("export.json"),
                icon: <FileJson size={16} />,
                onChoose: async () =>
                  download(
                    toJson(conversation, await readImages(conversation)),
                    fileNameOf(conversation.title, "json"),
                    "application/json",
                  ),
              },
            ]}
          >
            <Download size={16} aria-hidden="true" />
            <span className="max-md:hidden">{t("export.label")}</span>
          </ActionMenuButton>
        )}
        <button
          ref={parametersButton}
          type="button"
          aria-expanded={isParametersShown}
          aria-label={t("parameters.title")}
          data-tip={t("parameters.title")}
          data-tip-key="Ctrl ."
          onClick={onToggleParameters}
          className={cn(barButton, "relative", isParametersShown && "border-line-2 bg-muted text-fg")}
        >
          <SlidersHorizontal size={16} aria-hidden="true" />
          <span className="max-md:hidden">{t("parameters.title")}</span>
          {changed === 0 ? null : (
            <span className="number min-w-4 text-small text-accent max-md:absolute max-md:-top-0.5 max-md:right-0">
              {changed}
            </span>
          )}
        </button>
      </div>
      <ModelPopup
        anchor={picker}
        isOpen={isChoosing}
        onOpenChange={setIsChoosing}
        label={t("model.choose")}
        models={models}
        current={model}
        onChoose={onChooseModel}
      />
    </header>
  );
}
