"use client";

import { useFormatter, useLocale, useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { type Measure, niceTop } from "./sum-usage";

type DayBarsProps = { days: readonly { day: string; value: number }[]; measure: Measure };

const height = 168;
const margin = { top: 8, right: 0, bottom: 20, left: 48 };

/** One bar a day, zero at the base. The table beneath says the same in figures. */
export function DayBars({ days, measure }: DayBarsProps) {
  const t = useTranslations("account.usage");
  const format = useFormatter();
  const locale = useLocale();
  const [box, width] = useWidth();
  const short = new Intl.NumberFormat(locale, { notation: "compact" });
  const count = new Intl.NumberFormat(locale);
  const most = Math.max(...days.map(({ value }) => value), 0);
  const total = days.reduce((sum, { value }) => sum + value, 0);
  const top = niceTop(most);
  const plot = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const y = (value: number) => margin.top + plot.height * (1 - value / top);
  const step = plot.width / days.length;
  const bar = Math.max(1, Math.min(20, Math.round(step * 0.64)));
  const nameOf = (day: string, style: "medium" | "short") =>
    format.dateTime(
      new Date(day),
      style === "medium"
        ? { dateStyle: "medium", timeZone: "UTC" }
        : { month: "short", day: "numeric", timeZone: "UTC" },
    );
  // So many days lie between two names that these do not touch.
  const every = Math.max(1, Math.ceil(64 / Math.max(step, 1)));
  return (
    <div ref={box} className="min-w-0">
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={t("barsLabel", { measure: t(measure), total: count.format(total), days: days.length })}
        className="block max-w-full text-small"
      >
        {[0, top / 2, top].map((tick) => (
          <g key={tick}>
            <line
              x1={margin.left}
              x2={width}
              y1={Math.round(y(tick)) + 0.5}
              y2={Math.round(y(tick)) + 0.5}
              className={tick === 0 ? "stroke-line-2" : "stroke-line"}
            />
            <text x={margin.left - 8} y={y(tick) + 4} textAnchor="end" className="number fill-fg-3">
              {short.format(tick)}
            </text>
          </g>
        ))}
        {days.map(({ day, value }, index) => {
          const x = margin.left + step * index;
          return (
            <g key={day} data-tip={`${nameOf(day, "medium")} · ${count.format(value)}`}>
              {/* As wide as the day and as high as the plot, so that a small bar is found too. */}
              <rect
                x={x}
                y={margin.top}
                width={step}
                height={plot.height}
                className="fill-transparent hover:fill-muted"
              />
              {value === 0 ? null : (
                <rect
                  x={x + (step - bar) / 2}
                  y={Math.min(y(value), y(0) - 1)}
                  width={bar}
                  height={Math.max(1, y(0) - y(value))}
                  className="pointer-events-none fill-accent"
                />
              )}
              {(days.length - 1 - index) % every === 0 ? (
                <text
                  x={index === days.length - 1 ? width : x + step / 2}
                  y={height - 4}
                  textAnchor={index === days.length - 1 ? "end" : "middle"}
                  className="number pointer-events-none fill-fg-3"
                >
                  {nameOf(day, "short")}
                </text>
              ) : null}
            </g>
          );
        })}
      </svg>
    </div>
  );
}

/** The width that there is, in CSS pixels. */
function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.max(240, Math.floor(entry.contentRect.width)));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [box, width] as const;
}
