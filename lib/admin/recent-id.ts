/** The smallest UUIDv7 of a time: rows whose ids are larger were made later, which their primary key finds at once. */
export function firstIdAt(at: Date): string {
  const hex = at.getTime().toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
