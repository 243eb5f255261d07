"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { PlotSection } from "@/app/_components/plot-section";
import { Button } from "@/app/_ui/button";
import {
  boardCalibrationSchema,
  boardHistorySchema,
  boardPairsSchema,
  type Leaderboard,
} from "@/lib/protocol";
import { toKeySearch } from "../_board/board-params";
import { CalibrationPlot } from "./calibration-plot";
import { PairHeatmap } from "./pair-heatmap";
import { toPairMatrix } from "./pair-matrix";
import { PlotState } from "./plot-state";
import { ScoreHistory } from "./score-history";
import { useResource } from "./use-resource";

/** More rows than this no longer fit into one glance, nor into a page's width. */
const firstModels = 16;
const firstHistories = 12;

/** The pictures of the votes behind the board: they go by board and category, whatever the fit. */
export function BoardPlots({ board }: { board: Leaderboard }) {
  const t = useTranslations("plots");
  const search = toKeySearch(board);
  const version = board.inputsHash;
  const pairs = useResource(`/api/leaderboard/pairs${search}`, boardPairsSchema, version);
  const history = useResource(`/api/leaderboard/history${search}`, boardHistorySchema, version);
  const calibration = useResource(`/api/leaderboard/calibration${search}`, boardCalibrationSchema, version);
  const [isWhole, setIsWhole] = useState(false);

  const names = board.rows.filter((row) => row.votes > 0).map((row) => row.model);
  const shownNames = new Set(names);
  const limit = isWhole ? Number.POSITIVE_INFINITY : firstModels;
  const histories = isWhole ? names : names.slice(0, firstHistories);
  // Votes of retired models alone: frames without a picture would look like a fault.
  if (names.length === 0) return null;

  return (
    <>
      <div className="grid gap-x-10 gap-y-10 md:grid-cols-2">
        <PlotSection title={t("share")} note={t("shareNote")}>
          <PlotState resource={pairs}>
            {(data) => (
              <PairHeatmap
                kind="share"
                matrix={toPairMatrix(data, (model) => shownNames.has(model), limit)}
                caption={t("share")}
                board={board.board}
              />
            )}
          </PlotState>
        </PlotSection>
        <PlotSection title={t("history")}>
          <PlotState resource={history}>
            {(data) => <ScoreHistory history={data} shown={histories} />}
          </PlotState>
        </PlotSection>
        <PlotSection title={t("battles")} note={t("battlesNote")}>
          <PlotState resource={pairs}>
            {(data) => (
              <PairHeatmap
                kind="battles"
                matrix={toPairMatrix(data, (model) => shownNames.has(model), limit)}
                caption={t("battles")}
                board={board.board}
              />
            )}
          </PlotState>
        </PlotSection>
        <PlotSection title={t("calibration")} note={t("calibrationNote")}>
          <PlotState resource={calibration}>{(data) => <CalibrationPlot calibration={data} />}</PlotState>
        </PlotSection>
      </div>
      {names.length > firstHistories ? (
        <Button className="mt-6" aria-pressed={isWhole} onClick={() => setIsWhole(!isWhole)}>
          {isWhole ? t("showFirst") : t("showAll", { count: names.length })}
        </Button>
      ) : null}
    </>
  );
}
