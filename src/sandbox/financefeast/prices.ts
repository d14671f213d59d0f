import { sample } from '../state/sample-data.js';

export interface Company {
  readonly name: string;
  readonly exchange: string;
  /** Price around which the sample moves. */
  readonly around: number;
}

const companies: Readonly<Record<string, Company>> = {
  'air.nz': { name: 'Air New Zealand Limited', exchange: 'nzx', around: 0.62 },
  'fph.nz': { name: 'Fisher & Paykel Healthcare Corporation Limited', exchange: 'nzx', around: 36.4 },
  'mel.nz': { name: 'Meridian Energy Limited', exchange: 'nzx', around: 5.7 },
  'spk.nz': { name: 'Spark New Zealand Limited', exchange: 'nzx', around: 2.1 },
  'wbc.au': { name: 'Westpac Banking Corporation', exchange: 'asx', around: 31.8 },
};

export function companyOf(ticker: string): Company | undefined {
  const known = ticker.toLowerCase();
  return Object.hasOwn(companies, known) ? companies[known] : undefined;
}

export interface Candle {
  readonly timestamp: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** One candle for every weekday of the range, both days included; a day's candle is the same whatever the range. */
export function endOfDay(ticker: string, { around }: Company, from: Date, to: Date): Candle[] {
  const candles: Candle[] = [];
  for (const day = new Date(from); day <= to; day.setUTCDate(day.getUTCDate() + 1)) {
    if (day.getUTCDay() % 6 !== 0) candles.push(candle(ticker.toLowerCase(), around, day));
  }
  return candles;
}

function candle(ticker: string, around: number, day: Date): Candle {
  const before = closing(ticker, around, new Date(day.getTime() - 86_400_000));
  const close = closing(ticker, around, day);
  const { between } = sample(`${ticker} range ${dateOf(day)}`);
  const spread = around * (between(2, 14) / 1000);
  return {
    timestamp: `${dateOf(day)}T00:00:00`,
    open: cents(before),
    high: cents(Math.max(before, close) + spread),
    low: cents(Math.min(before, close) - spread),
    close: cents(close),
    volume: between(90, 4200) * 1000 + between(0, 999),
  };
}

/** A slow wave with a little noise on it. */
function closing(ticker: string, around: number, day: Date): number {
  const { between } = sample(`${ticker} close ${dateOf(day)}`);
  const wave = Math.sin(day.getTime() / 86_400_000 / 23 + ticker.length);
  return around * (1 + wave * 0.08 + between(-12, 12) / 1000);
}

export function dateOf(day: Date): string {
  return day.toISOString().slice(0, 10);
}

function cents(price: number): number {
  return Math.round(price * 1000) / 1000;
}
