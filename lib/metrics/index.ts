export { Histogram } from "./histogram";
