import type { Claim } from "./types";

/**
 * Which claims of this process are open. Each has its own mark, by which it is released once: a set of them would leave tables behind
 * that it has outgrown, and the collector of young memory keeps what those name.
 */
export class OpenClaims {
  /** Claims so far. */
  taken = 0;
  /** Open now. */
  size = 0;

  take(workerId: string, model: string, isForPerson: boolean): Claim {
    this.taken += 1;
    this.size += 1;
    return new OpenClaim(workerId, model, isForPerson);
  }

  /** True the first time, false afterwards and for what is no claim of this process. */
  close(claim: Claim): boolean {
    if (!(claim instanceof OpenClaim) || !claim.isOpen) return false;
    claim.isOpen = false;
    this.size -= 1;
    return true;
  }
}

class OpenClaim implements Claim {
  isOpen = true;
  readonly workerId: string;
  readonly model: string;
  readonly isForPerson: boolean;

  constructor(workerId: string, model: string, isForPerson: boolean) {
    this.workerId = workerId;
    this.model = model;
    this.isForPerson = isForPerson;
  }
}
