/** Two panes, one of them chosen. */
export function BrandMark() {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" fill="none">
      <rect
        x="0.75"
        y="2.75"
        width="7.5"
        height="14.5"
        rx="2"
        fill="currentColor"
        stroke="currentColor"
        strokeWidth="1.5"
      />
      <rect x="11.75" y="2.75" width="7.5" height="14.5" rx="2" stroke="currentColor" strokeWidth="1.5" />
    </svg>
  );
}
