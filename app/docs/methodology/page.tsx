import type { Metadata } from "next";
import { useTranslations } from "next-intl";
import { getTranslations } from "next-intl/server";
import { Article } from "../_parts/article";
import { Formula } from "./formula";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("methodology");
  return { title: t("title"), description: t("lead") };
}

/** Sections: each paragraph with the formulas that follow it. The symbols are those of the code in lib/rating. */
const sections: readonly (readonly [name: Name, formulas: readonly (readonly string[])[]])[] = [
  [
    "score",
    [
      ["P(i \\succ j) = \\frac{1}{1 + e^{-(\\beta_i - \\beta_j)}}"],
      ["\\text{score}_i = 1000 + \\frac{400}{\\ln 10}\\,(\\beta_i - \\bar\\beta)"],
    ],
  ],
  [
    "interval",
    [
      ["V = H^{-1} G H^{-1}", "G = \\sum_{v} g_v g_v^{\\top}"],
      [
        "\\text{score}_i \\pm 1.96\\,\\frac{400}{\\ln 10}\\sqrt{V_{ii}}",
        "P(i > j) = \\Phi\\!\\left(\\frac{\\beta_i - \\beta_j}{\\sqrt{V_{ii} + V_{jj} - 2V_{ij}}}\\right)",
      ],
    ],
  ],
  [
    "ties",
    [
      ["p_{\\text{tie}} \\propto \\nu\\sqrt{\\pi_i \\pi_j}", "p_i = \\frac{\\pi_i}{\\pi_i + \\theta\\pi_j}"],
      [
        "p_i = \\frac{\\pi_i}{\\pi_i + \\theta\\pi_j + 1}",
        "p_{\\text{both bad}} = \\frac{1}{1 + \\pi_i + \\pi_j}",
      ],
    ],
  ],
  [
    "style",
    [
      [
        "\\operatorname{logit} P = \\beta_a - \\beta_b + \\gamma \\cdot z",
        "z = \\operatorname{std}\\!\\left(\\frac{x_a - x_b}{x_a + x_b}\\right)",
      ],
    ],
  ],
  ["sampling", [[]]],
  [
    "elo",
    [
      [
        "R' = R + 4\\left(s - \\frac{1}{1 + 10^{(R_{\\text{other}} - R)/400}}\\right),\\quad s \\in \\{0, \\tfrac12, 1\\}",
      ],
    ],
  ],
  ["trust", [["P\\!\\left(\\sup_t E_t \\ge 1/\\alpha\\right) \\le \\alpha"]]],
  ["check", [[]]],
];
type Name = "score" | "interval" | "ties" | "style" | "sampling" | "elo" | "trust" | "check";

/** How the board is computed. */
export default function Page() {
  const t = useTranslations("methodology");
  return (
    <Article
      title={t("title")}
      lead={t("lead")}
      contents={t("contents")}
      sections={sections.map(([name, paragraphs]) => ({
        id: name,
        title: t(`${name}.title`),
        body: paragraphs.map((formulas, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the paragraphs never move.
          <div key={index}>
            <p className="mt-2 text-answer">{t(`${name}.p${index + 1}` as "score.p1")}</p>
            {formulas.map((formula) => (
              <Formula key={formula} tex={formula} />
            ))}
          </div>
        )),
      }))}
      end={<p className="mt-10 border-t border-line pt-4 text-hint text-fg-3">{t("source")}</p>}
    />
  );
}
