"use client";

import { Check, MessageCircle } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useId, useRef, useState } from "react";
import { PublishChoice } from "@/app/_components/sharing/publish-choice";
import { useAutoHeight } from "@/app/_hooks/use-auto-height";
import { Button } from "@/app/_ui/button";
import { Chip } from "@/app/_ui/chip";
import type { Reason, RevealedBattle, VoteReasons } from "@/lib/protocol";
import { battleApi } from "./battle-api";
import { createReasonsSaver, type SaveState } from "./reasons-saver";

const reasons: readonly Reason[] = ["accuracy", "clarity", "instructions", "code", "language", "length"];
const maxCommentCharacters = 2_000;

/**
 * Why the vote went so: chips that are saved as they are pressed, and a comment, which is saved at the latest when the page is left;
 * Escape takes it back. All of it is optional.
 */
export function VoteReasonsRow({ battle }: { battle: RevealedBattle }) {
  const t = useTranslations("reasons");
  const { outcome } = battle.vote;
  const wording = outcome === "both_bad" ? "bad" : outcome === "tie" ? "tie" : "better";
  const [given, setGiven] = useState<VoteReasons>(battle.reasons ?? { reasons: [], comment: "" });
  const [comment, setComment] = useState(given.comment);
  const [isCommenting, setIsCommenting] = useState(false);
  const [saved, setSaved] = useState<SaveState>("none");
  const [saver] = useState(() => createReasonsSaver((next) => battleApi.reasons(battle.id, next), setSaved));
  const field = useRef<HTMLTextAreaElement>(null);
  const chip = useRef<HTMLButtonElement>(null);
  const fieldId = useId();
  useAutoHeight(field, comment);

  function save(next: VoteReasons) {
    setGiven(next);
    saver.save(next);
  }

  /** What was typed and not saved, as the page is left. */
  const saveTyped = useRef<() => void>(() => undefined);
  useEffect(() => {
    saveTyped.current = () => {
      const typed = comment.trim();
      if (typed !== given.comment) save({ ...given, comment: typed });
    };
  });
  useEffect(() => {
    const onLeave = () => {
      saveTyped.current();
      saver.flush();
    };
    window.addEventListener("pagehide", onLeave);
    return () => {
      window.removeEventListener("pagehide", onLeave);
      saveTyped.current();
    };
  }, [saver]);

  function toggle(reason: Reason) {
    const has = given.reasons.includes(reason);
    const chosen = reasons.filter((each) => (each === reason ? !has : given.reasons.includes(each)));
    save({ ...given, reasons: chosen });
  }

  function closeComment() {
    setIsCommenting(false);
    requestAnimationFrame(() => chip.current?.focus());
  }

  return (
    <section
      aria-label={t("title")}
      className="border-t border-line px-4 py-2.5 sm:col-span-2 sm:px-5 md:px-10 max-sm:pb-3.5"
    >
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="mr-1 text-hint font-normal text-fg max-sm:w-full">
          {t("why")} <span className="text-fg-3">{t("optional")}</span>
        </h2>
        {reasons.map((reason) => (
          <Chip key={reason} isOn={given.reasons.includes(reason)} onPress={() => toggle(reason)}>
            {t(`${wording}.${reason}`)}
          </Chip>
        ))}
        <button
          ref={chip}
          type="button"
          aria-expanded={isCommenting}
          aria-controls={fieldId}
          onClick={() => setIsCommenting(!isCommenting)}
          className="flex h-7 items-center gap-1.5 rounded-control border border-line-2 px-2.5 text-hint text-fg-2 transition-colors duration-[120ms] hover:bg-muted max-sm:h-9"
        >
          {given.comment === "" ? (
            <MessageCircle size={14} aria-hidden="true" />
          ) : (
            <Check size={14} aria-hidden="true" />
          )}
          {t("comment")}
        </button>
        <p role="status" className="text-hint text-fg-3 empty:hidden">
          {saved === "saving" ? t("saving") : null}
          {saved === "saved" ? t("saved") : null}
          {saved === "failed" ? (
            <span className="text-bad">
              {t("failed")}{" "}
              <button type="button" className="h-6 underline" onClick={() => save(given)}>
                {t("again")}
              </button>
            </span>
          ) : null}
        </p>
        {battle.isTextDeleted ? null : (
          <PublishChoice
            battleId={battle.id}
            className="ml-auto max-sm:ml-0 max-sm:w-full max-sm:pt-1 sm:max-w-[410px]"
          />
        )}
      </div>
      <form
        id={fieldId}
        hidden={!isCommenting}
        className="mt-2.5 flex max-w-[720px] items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          closeComment();
          save({ ...given, comment: comment.trim() });
        }}
      >
        <textarea
          ref={field}
          rows={1}
          value={comment}
          maxLength={maxCommentCharacters}
          aria-label={t("commentLabel")}
          placeholder={t("commentLabel")}
          onChange={(event) => setComment(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.stopPropagation();
            setComment(given.comment);
            closeComment();
          }}
          className="block max-h-32 min-h-9 min-w-0 flex-1 resize-none rounded-control border border-control bg-bg px-3 py-[7px] text-ui max-sm:text-field"
        />
        <Button type="submit">{t("saveComment")}</Button>
      </form>
    </section>
  );
}
