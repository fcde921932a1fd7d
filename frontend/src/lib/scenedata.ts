/** What the server writes for the scene: metres, x to the east, y to the north, z up. */
export interface Level {
  id: string;
  label: string;
  z: number;
  h: number;
  ring: number[];
  m2: number | null;
}
export interface House {
  id: string;
  name: string;
  url: string;
  x: number;
  y: number;
  top: number;
  levels: Level[];
}
export interface Slab {
  z: number;
  h: number;
  ring: number[];
  fill: string;
  text: string;
  url: string;
}
export interface Arc {
  a: [number, number, number];
  b: [number, number, number];
  text: string;
  url: string;
}
export interface SceneData {
  houses: House[];
  slabs: Slab[];
  arcs: Arc[];
}
export interface Hours {
  hour: number;
  live: boolean;
  clock: string[];
  houses: Record<string, (number | null)[]>;
  levels: Record<string, (number | null)[]>;
  texts: Record<string, string[]>;
  odd: { house: string; first: number; last: number; text: string }[];
}
/** The colour of a fill or token, and red, green and blue from 0 to 1. */
export type Paint = (name: string) => [number, number, number];
