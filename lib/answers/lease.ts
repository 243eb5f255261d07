/** How long a running answer belongs to the server that writes it; renewed with each batch of text. */
export const leaseMs = 15_000;
