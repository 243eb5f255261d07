export { Histogram, HistogramFamily, type Series } from "./histogram";
