export { Histogram, type HistogramOptions } from "./histogram";
