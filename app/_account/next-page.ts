/** Where to go after signing in: a page of this site, whatever the address says. */
export function nextPage(next: string | string[] | undefined): string {
  // A second slash or a backslash would begin the address of another site.
  return typeof next === "string" && /^\/(?![/\\])/.test(next) && !/[\\\p{Cc}]/u.test(next) ? next : "/";
}
