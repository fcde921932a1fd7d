/** Chart options name colours by token ("@cat-1", "@ink"); here they become the colours of the theme in force. */
export type Lookup = (token: string) => string;

export function withColors<T>(value: T, lookup: Lookup): T {
  if (typeof value === "string") return (value.startsWith("@") ? lookup(value.slice(1)) : value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => withColors(item, lookup)) as T;
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withColors(item as unknown, lookup)])) as T;
  }
  return value;
}
