/** Of V8, for the load and the upstream: what they leave behind is collected seldom, as whatever they take is missing to the server between them. */
export const loadFlags = ["--min-semi-space-size=64", "--max-semi-space-size=64"] as const;
