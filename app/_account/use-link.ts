"use client";

import { useEffect, useState } from "react";
import { type ApiError, toApiError } from "@/app/_data/api-error";
import type { LinkView } from "@/lib/protocol";
import { accountApi } from "./account-api";

type LinkState =
  | { state: "asking" | "none"; token: null }
  | { state: "found"; token: string; view: LinkView }
  | { state: "refused"; token: null; error: ApiError };

/** The one-time link with which the page was opened, if it was. Its token stands behind the `#`, which browsers do not send. */
export function useLink(): LinkState {
  const [link, setLink] = useState<LinkState>({ state: "asking", token: null });
  useEffect(() => {
    const read = async () => {
      const token = window.location.hash.slice(1);
      if (token === "") {
        setLink({ state: "none", token: null });
        return;
      }
      try {
        const view = await accountApi.link(token);
        setLink({ state: "found", token, view });
      } catch (error) {
        setLink({ state: "refused", token: null, error: toApiError(error) });
      }
    };
    void read();
    const again = () => void read();
    // A second link in the same tab changes nothing but what stands behind the `#`.
    window.addEventListener("hashchange", again);
    return () => window.removeEventListener("hashchange", again);
  }, []);
  return link;
}
