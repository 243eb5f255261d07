/** Who did it: a signed-in person, `npm run admin` on the command line, or the site by itself. */
export type AuditActor =
  | { kind: "user"; id: string; label: string }
  | { kind: "cli"; label: string }
  | { kind: "system"; label: string };
