/** Names and amounts for made-up books. The same seed always gives the same sample. */
export interface Sample {
  /** A whole number from `least` to `most`. */
  readonly between: (least: number, most: number) => number;
  readonly pick: <T>(from: readonly [T, ...T[]]) => T;
}

export function sample(seed: string): Sample {
  let state = Buffer.from(seed).reduce((hash, byte) => Math.imul(hash ^ byte, 16_777_619), 0x811c9dc5);
  const next = () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5;
    const mixed = Math.imul(state ^ (state >>> 12), 0x297a2d39);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return { between, pick: (from) => from[between(0, from.length - 1)] ?? from[0] };
}

/** What is sold, and the price of one. */
type Service = readonly [string, number];

export const customers = [
  'Bakery Lindqvist',
  'Blue Heron Cycles',
  'Solheim Architects',
  'Mori Ceramics',
  'Atlas Freight Lines',
  'Green Acre Dairy',
  'Kestrel Aerial Surveys',
  'Tide & Timber Joinery',
  'Vega Dental Clinic',
  'Northwind Sailing School',
  'Lumen Stage Lighting',
  'Orchard Street Books',
] as const;

export const services: readonly [Service, ...Service[]] = [
  ['Website maintenance, monthly', 1250],
  ['Brand workshop, two days', 4800],
  ['Hosting and backups', 320],
  ['Translation, per thousand words', 185],
  ['Photography, half day', 950],
  ['Bookkeeping, quarter', 2100],
  ['Support hours', 140],
  ['Packaging design', 3600],
];

/** Seconds since the epoch at noon UTC, `days` before `now`. */
export function daysBefore(now: number, days: number): number {
  return Math.floor(now / 86_400) * 86_400 + 43_200 - days * 86_400;
}

export function isoDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
