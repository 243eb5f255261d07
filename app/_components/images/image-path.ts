/** Where the page gets an image of its visitor's from. Not in the contract's file, whose schemas must not be in the first load. */
export function imagePath(id: string): string {
  return `/api/attachments/${id}`;
}
