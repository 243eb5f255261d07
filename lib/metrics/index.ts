export { type Count, CounterFamily } from "./counter";
export { Histogram, HistogramFamily, type Series } from "./histogram";
