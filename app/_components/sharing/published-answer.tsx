import { useTranslations } from "next-intl";
import { AnswerText } from "@/app/_components/markdown/answer-text";

type PublishedAnswerProps = { answer: { text: string; isTruncated: boolean; isStopped: boolean } };

/** An answer as it was shown, with what was said below it. */
export function PublishedAnswer({ answer }: PublishedAnswerProps) {
  const t = useTranslations("published");
  return (
    <div className="max-w-[720px]">
      {answer.text === "" ? <p className="text-fg-3">{t("empty")}</p> : null}
      <AnswerText text={answer.text} isWriting={false} />
      {answer.isTruncated ? <p className="mt-2 text-hint text-fg-3">{t("truncated")}</p> : null}
      {answer.isStopped ? <p className="mt-2 text-hint text-fg-3">{t("stopped")}</p> : null}
    </div>
  );
}
