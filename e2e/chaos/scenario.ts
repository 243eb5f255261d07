import type { Rig } from "./rig";

/** What a scenario notes while it runs; a line of `lost` fails the whole suite. */
export type Report = {
  /** One thing that was tried, with what came of it in numbers. */
  tried(line: string): void;
  /** Something that is gone, late, or not as it was before. */
  lost(line: string): void;
  /** Notes a loss unless the condition holds. */
  must(condition: boolean, otherwise: string): void;
};

export type Scenario = {
  name: string;
  title: string;
  /** Whether `npm test` plays it. */
  isInShort: boolean;
  /** `isShort`: as much as fits into `npm test`. Throws {@link NotHere} where this machine cannot do it. */
  run(rig: Rig, report: Report, isShort: boolean): Promise<void>;
};

/** Why a scenario cannot be played on this machine; it is named and not counted as passed. */
export class NotHere extends Error {}
