// Runs in the measured page before its own scripts, as it stands here: what a compiler adds to functions is not there.
{
  const empty = () => ({ largestPaintMs: null, layoutShift: 0, longTasksMs: [], framesMs: [] });
  const probe = {
    notes: empty(),
    restart() {
      probe.notes = empty();
    },
  };
  const watch = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch("largest-contentful-paint", (entry) => {
    probe.notes.largestPaintMs = entry.startTime;
  });
  // What a model writes moves within its own log as it grows; everything else has to stand still.
  const isWritten = ({ node }) =>
    (node instanceof Element ? node : node?.parentElement)?.closest("[role=log]") != null;
  watch("layout-shift", (entry) => {
    if (entry.sources.length > 0 && entry.sources.every(isWritten)) return;
    probe.notes.layoutShift += entry.value;
  });
  watch("longtask", (entry) => probe.notes.longTasksMs.push(entry.duration));
  let before = null;
  const onFrame = (now) => {
    if (before !== null) probe.notes.framesMs.push(now - before);
    before = now;
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
  window.arenaProbe = probe;
}
