const width = 112;
const height = 24;

/** 112 × 24, zero at the base, its own maximum at the top. Few points stand at the right: the left has not been seen. */
export function Sparkline({
  points,
  capacity,
  label,
}: {
  points: readonly number[];
  capacity: number;
  label: string;
}) {
  const most = Math.max(...points, 0);
  const step = width / Math.max(1, capacity - 1);
  const start = width - (points.length - 1) * step;
  const y = (value: number) => (most === 0 ? height - 1 : height - 1 - (value / most) * (height - 3));
  const line = points
    .map((value, at) => `${(start + at * step).toFixed(1)},${y(value).toFixed(1)}`)
    .join(" ");
  return (
    <svg
      role="img"
      aria-label={label}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      className="block overflow-visible"
    >
      <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} className="stroke-line-2" />
      {points.length < 2 ? null : (
        <polyline points={line} fill="none" strokeWidth="1.5" className="stroke-accent" />
      )}
    </svg>
  );
}
