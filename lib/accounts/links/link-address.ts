/** Behind the `#`: browsers keep that part to themselves, so a token reaches no log and no other site. */
export function linkAddress(siteUrl: string, page: "sign-up" | "reset-password", token: string): string {
  return `${siteUrl.replace(/\/$/, "")}/${page}#${token}`;
}
