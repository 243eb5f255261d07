"use client";

import { useLocale, useTranslations } from "next-intl";
import { useId } from "react";
import { Cell, DataTable, HeadCell, RowHead } from "@/app/_components/data-table";
import { formatScore, formatShare, formatShareMargin } from "@/app/_components/format-number";
import type { BoardCalibration } from "@/lib/protocol";
import { poolBins } from "./pool-bins";

const size = 320;
const pad = { left: 40, right: 12, top: 8, bottom: 28 };
const ticks = [0.5, 0.6, 0.7, 0.8, 0.9, 1];
/** Below this nothing is drawn: an interval that goes on is cut at the frame. */
const lowest = 0.3;

/** What was predicted of votes that the fit had not seen, and what then happened; on the diagonal the board keeps its word. */
export function CalibrationPlot({ calibration }: { calibration: BoardCalibration }) {
  const t = useTranslations("plots");
  const locale = useLocale();
  const clip = useId();
  const { logLoss, chance, votes, folds } = calibration;
  const bins = poolBins(calibration.bins);
  if (logLoss === null || bins.length === 0) return <p className="text-fg-2">{t("calibrationNone")}</p>;
  // Bins are seen from the favourite's side; a favourite that loses more than it wins stands below one half.
  const floor = Math.min(
    0.5,
    ...bins.map(({ lower, observed }) => Math.min(observed, Math.max(lower, lowest))),
  );
  const low = Math.floor(floor * 10) / 10;
  const x = (share: number) => pad.left + ((share - 0.5) / 0.5) * (size - pad.left - pad.right);
  const y = (share: number) => pad.top + ((1 - share) / (1 - low)) * (size - pad.top - pad.bottom);
  const rows = Array.from(
    { length: Math.round((1 - low) * 10) + 1 },
    (_, index) => (Math.round(low * 10) + index) / 10,
  );
  const largest = Math.max(...bins.map((bin) => bin.votes));
  const summary = t("calibrationSummary", {
    loss: formatScore(logLoss, locale, 3),
    chance: formatScore(chance, locale, 3),
    votes,
    folds,
  });
  return (
    <>
      <p className="text-hint text-fg-3">{summary}</p>
      <svg
        role="img"
        aria-label={t("calibrationLabel", { bins: bins.length })}
        viewBox={`0 0 ${size} ${size}`}
        className="mt-2 w-full max-w-[420px] text-small"
      >
        {rows.map((tick) => (
          <g key={tick}>
            <line x1={pad.left} x2={size - pad.right} y1={y(tick)} y2={y(tick)} className="stroke-line" />
            <text x={pad.left - 6} y={y(tick) + 4} textAnchor="end" className="number fill-fg-3 text-[11px]">
              {Math.round(tick * 100)}
            </text>
          </g>
        ))}
        {ticks.map((tick) => (
          <text
            key={tick}
            x={x(tick)}
            y={size - 10}
            textAnchor="middle"
            className="number fill-fg-3 text-[11px]"
          >
            {Math.round(tick * 100)}
          </text>
        ))}
        <line x1={x(0.5)} y1={y(0.5)} x2={x(1)} y2={y(1)} strokeDasharray="3 3" className="stroke-fg-3" />
        <clipPath id={clip}>
          <rect x={0} y={pad.top - 7} width={size} height={size - pad.top - pad.bottom + 14} />
        </clipPath>
        {bins.map((bin) => (
          <g key={bin.from} clipPath={`url(#${clip})`}>
            <line
              x1={x(bin.predicted)}
              x2={x(bin.predicted)}
              y1={y(bin.upper)}
              y2={y(bin.lower)}
              strokeWidth={1.5}
              className="stroke-accent"
            />
            <circle
              cx={x(bin.predicted)}
              cy={y(bin.observed)}
              r={2.5 + 3.5 * Math.sqrt(bin.votes / largest)}
              strokeWidth={1.5}
              className="fill-accent stroke-bg"
            />
          </g>
        ))}
      </svg>
      <details className="mt-2 text-hint">
        <summary className="w-fit rounded-badge text-fg-2">{t("asTable")}</summary>
        <div className="mt-2 max-w-md">
          <DataTable caption={t("calibration")}>
            <thead>
              <tr>
                <HeadCell>{t("bin")}</HeadCell>
                <HeadCell isRight>{t("predicted")}</HeadCell>
                <HeadCell isRight>{t("observed")}</HeadCell>
                <HeadCell isRight>{t("votes")}</HeadCell>
              </tr>
            </thead>
            <tbody>
              {bins.map((bin) => (
                <tr key={bin.from}>
                  <RowHead className="number">
                    {Math.round(bin.from * 100)}–{formatShare(bin.to)}
                  </RowHead>
                  <Cell isRight>{formatShare(bin.predicted)}</Cell>
                  <Cell isRight>
                    {formatShare(bin.observed)}{" "}
                    <span className="text-fg-3">{formatShareMargin(bin.lower, bin.upper)}</span>
                  </Cell>
                  <Cell isRight>{new Intl.NumberFormat(locale).format(Math.round(bin.votes))}</Cell>
                </tr>
              ))}
            </tbody>
          </DataTable>
        </div>
      </details>
    </>
  );
}
