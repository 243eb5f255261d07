import Link from "next/link";
import { useTranslations } from "next-intl";
import { modelHref } from "@/app/_components/model-links";
import { PlotSection } from "@/app/_components/plot-section";
import type { Choice } from "@/app/_ui/menu";
import type { BoardName, HeadToHead } from "@/lib/protocol";
import { CategoryRecords } from "./category-records";
import { DirectRecord } from "./direct-record";
import { ModelPickers } from "./model-pickers";
import { SeparationFigures } from "./separation-figures";

type HeadToHeadPageProps = {
  board: BoardName;
  /** Names from the address; "" where one is still to be chosen. */
  a: string;
  b: string;
  models: readonly Choice[];
  /** Null while there are not two models to set against each other. */
  found: HeadToHead | null;
};

export function HeadToHeadPage({ board, a, b, models, found }: HeadToHeadPageProps) {
  const t = useTranslations("h2h");
  return (
    <main id="main" className="mx-auto w-full max-w-[1440px] px-4 pt-4 pb-10 sm:px-6 sm:pt-6">
      <nav aria-label={t("path")} className="text-hint text-fg-3">
        <Link
          href={`/leaderboard${board === "blind" ? "" : `?board=${board}`}`}
          className="rounded-badge underline-offset-4 hover:underline"
        >
          {t("leaderboard")}
        </Link>
        {` / ${t("title")}`}
      </nav>
      <h1 className="mt-1 text-h1">
        {found === null ? t("title") : t("versus", { a: found.a.displayName, b: found.b.displayName })}
      </h1>
      <ModelPickers board={board} a={a} b={b} models={models} />
      {found === null ? (
        <p className="mt-6 border-t border-line pt-6 text-fg-2">{t(stateOf({ a, b, models }))}</p>
      ) : (
        <>
          <SeparationFigures found={found} />
          <div className="mt-9 grid gap-x-14 gap-y-10 lg:grid-cols-[2fr_3fr]">
            <PlotSection title={t("direct")} note={t("directNote")}>
              <DirectRecord found={found} />
              <p className="mt-5 flex flex-wrap gap-x-6 gap-y-1 text-fg-2">
                {[found.a, found.b].map((model) => (
                  <Link
                    key={model.model}
                    href={modelHref(model.model, board)}
                    className="rounded-badge underline underline-offset-4"
                  >
                    {t("allOf", { name: model.displayName })}
                  </Link>
                ))}
              </p>
            </PlotSection>
            <PlotSection title={t("categories")} note={t("categoriesNote", { a: found.a.displayName })}>
              <CategoryRecords found={found} />
            </PlotSection>
          </div>
        </>
      )}
    </main>
  );
}

function stateOf({ a, b, models }: Pick<HeadToHeadPageProps, "a" | "b" | "models">) {
  if (models.length < 2) return "tooFew";
  if (a === "" || b === "") return "choose";
  return a === b ? "same" : "missing";
}
