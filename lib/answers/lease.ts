import { steadyNow } from "@/lib/db";

/** How long a running answer belongs to the server that writes it; renewed with each batch of text. */
export const leaseMs = 15_000;

/** When the lease of an answer ends that begins now. */
export const newLease = (): Date => new Date(steadyNow() + leaseMs);
