/** A chart on an enlarged page is drawn in the screen's pixels, because the library takes the pointer's place in them. */
const SIZES = new Set(["fontSize", "lineHeight", "barMaxWidth", "symbolSize", "lineWidth", "width", "top", "right", "bottom", "left"]);

/** Return a chart's option with its sizes so many times as large; shares and words stay. */
export function enlarged<T>(value: T, factor: number, name = ""): T {
  if (factor === 1) return value;
  if (typeof value === "number") return (SIZES.has(name) ? value * factor : value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => enlarged(item, factor)) as T;
  if (value !== null && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, enlarged(item as unknown, factor, key)])) as T;
  return value;
}
