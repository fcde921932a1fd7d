/** How brightly each storey glows in each hour of a day. */
import type { Hours, House } from "./scenedata";

/** Shares of the day's greatest load for each m², by hour and storey, in the order of the houses' storeys. */
export function shares(houses: House[], hours: Hours): number[][] {
  const days = houses.flatMap((house) => {
    const area = house.levels.reduce((sum, one) => sum + (one.m2 ?? 0), 0);
    // A building measured as one glows as one; where a storey has its own meter the rest is not known.
    const whole = house.levels.some((one) => one.id in hours.levels) ? undefined : hours.houses[house.id];
    return house.levels.map((level) => {
      const own = level.m2 ? hours.levels[level.id] : undefined;
      return Array.from({ length: 24 }, (_none, at) => {
        const load = own?.[at];
        if (load != null) return Math.max(load, 0) / (level.m2 ?? 1);
        const all = whole?.[at];
        return all != null && area ? Math.max(all, 0) / area : 0;
      });
    });
  });
  const most = Math.max(0, ...days.flat()) || 1;
  return Array.from({ length: 24 }, (_none, at) => days.map((day) => (day[at] ?? 0) / most));
}
