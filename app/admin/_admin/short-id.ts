/** As much of an id as tells two apart in a list: ids begin with the time of their making. The whole of it belongs in the title. */
export const shortId = (id: string): string => id.slice(-12);
