import type { Scenario } from "../scenario";
import { abortStorm } from "./abort-storm";
import { clockJump } from "./clock-jump";
import { controllerRestarted } from "./controller-restarted";
import { databaseAway } from "./database-away";
import { diskFull } from "./disk-full";
import { drain } from "./drain";
import { overload } from "./overload";
import { serverKilled } from "./server-killed";
import { slowReaders } from "./slow-readers";
import { workerFaults } from "./worker-faults";
import { workerKilled } from "./worker-killed";
import { workerStopped } from "./worker-stopped";

export const scenarios: readonly Scenario[] = [
  workerKilled,
  workerStopped,
  workerFaults,
  serverKilled,
  databaseAway,
  controllerRestarted,
  abortStorm,
  overload,
  slowReaders,
  clockJump,
  diskFull,
  drain,
];
