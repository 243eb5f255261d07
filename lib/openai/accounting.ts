import type { RequestAccounting } from "@/lib/accounts";

/** Admits everyone and counts nothing. */
export const noAccounting: RequestAccounting = {
  begin: () => ({ headers: {}, settle: () => undefined }),
};
