/** What one server would use of a model's places now. */
export type Demand = { readonly serverId: string; readonly demand: number };

/**
 * How many of a model's places one server should hold: all get what they want as far as there are equal parts of it
 * (max-min fairness), and what nobody wants is divided evenly, so that a newcomer finds some at once.
 *
 * The same for all servers that know the same demands: their shares add up to the limit. Places that cannot be divided
 * evenly go to one server after the other as `turn` counts up.
 */
export function fairShare(limit: number, demands: readonly Demand[], serverId: string, turn: number): number {
  const servers = [...demands].sort((a, b) => (a.serverId < b.serverId ? -1 : 1));
  if (!servers.some((server) => server.serverId === serverId)) return 0;
  const shares = new Map<string, number>();
  let left = limit;
  let hungry = servers;
  for (;;) {
    const part = Math.floor(left / Math.max(1, hungry.length));
    const content = hungry.filter(({ demand }) => demand <= part);
    if (content.length === 0) break;
    for (const { serverId: id, demand } of content) {
      shares.set(id, demand);
      left -= demand;
    }
    hungry = hungry.filter(({ demand }) => demand > part);
  }
  const isScarce = hungry.length > 0;
  const takers = isScarce ? hungry : servers;
  const part = Math.floor(left / takers.length);
  const rest = left - part * takers.length;
  takers.forEach(({ serverId: id }, index) => {
    // Idle places stay where they are: to move them would gain nobody anything.
    const place = isScarce ? (index + turn) % takers.length : index;
    shares.set(id, (shares.get(id) ?? 0) + part + (place < rest ? 1 : 0));
  });
  return shares.get(serverId) ?? 0;
}
