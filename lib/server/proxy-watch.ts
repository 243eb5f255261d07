export type ProxyWatch = {
  /** A request has come by a proxy that TRUST_PROXY does not name. */
  seen(): void;
  isUnnamed(): boolean;
};

/** Says once that the site is behind a proxy that it was not told of. Until it is, all visitors count as one network. */
export function createProxyWatch(logger: { warn(fields: object, message: string): void }): ProxyWatch {
  let isSeen = false;
  return {
    seen() {
      if (!isSeen)
        logger.warn(
          {},
          "requests come by a proxy that TRUST_PROXY does not name: all visitors behind it count as one network; set TRUST_PROXY to the number of proxies and restart",
        );
      isSeen = true;
    },
    isUnnamed: () => isSeen,
  };
}
