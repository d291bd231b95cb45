import type { Row } from '../data/model.js';

const PLAIN_NAMES = ['Jenny Rosen', 'Jane Austen', 'Robert Brown', 'Emma Virtanen', 'Ada King', 'John Smith'] as const;

/** Names with accents, quotes, other scripts, emoji, and text that looks like markup. */
const NAMES = [
  'Zoë Müller-Lüdenscheidt',
  "Siobhán O'Connor",
  '山田 太郎',
  'Łukasz Żółć',
  'José "Pepe" García',
  'Анна Каренина',
  'محمد الأمين',
  '김민준',
  'Renée & Söhne GmbH',
  'Emma 🦊 Virtanen',
  'Null',
  'Robert \\ Tables',
  'Nguyễn Thị Hương',
  'Ольга Петренко',
  'Acme <b>Corp</b>, Inc.',
] as const;

const CITIES = [
  {
    city: 'San Francisco',
    country: 'US',
    line1: '510 Townsend St',
    line2: 'Suite 4',
    postal_code: '94103',
    state: 'CA',
  },
  { city: 'Köln', country: 'DE', line1: 'Schildergasse 12', line2: null, postal_code: '50667', state: null },
  {
    city: '東京都',
    country: 'JP',
    line1: '千代田区丸の内1-9-1',
    line2: null,
    postal_code: '100-0005',
    state: '東京都',
  },
  {
    city: 'São Paulo',
    country: 'BR',
    line1: 'Av. Paulista, 1578',
    line2: 'Ap. 7',
    postal_code: '01310-200',
    state: 'SP',
  },
] as const;

export const NO_ADDRESS = {
  city: null,
  country: null,
  line1: null,
  line2: null,
  postal_code: null,
  state: null,
} as const;

/** What one unit of a currency is worth in cents of the account's currency, and how its smallest unit is made. */
export interface Currency {
  readonly code: string;
  /** Dollars for one smallest unit times 100; null for the account's own currency. */
  readonly rate: number | null;
  /** How many smallest units one dollar is worth, roughly. */
  readonly unitsPerDollar: number;
}

export const USD: Currency = { code: 'usd', rate: null, unitsPerDollar: 100 };
export const EUR: Currency = { code: 'eur', rate: 1.08423, unitsPerDollar: 90 };
/** A currency without a smaller unit: an amount of 500 is ¥500. */
export const JPY: Currency = { code: 'jpy', rate: 0.641275, unitsPerDollar: 155 };

export function currencyOf(row: Row, salt: number): Currency {
  const share = row.hash(salt) % 100;
  if (share < 88) return USD;
  return share < 96 ? EUR : JPY;
}

export function nameOf(row: Row, salt: number): string {
  return row.hash(salt) % 4 === 0 ? row.pick(salt + 1, NAMES) : row.pick(salt + 1, PLAIN_NAMES);
}

export function addressOf(row: Row, salt: number): (typeof CITIES)[number] | typeof NO_ADDRESS {
  return CITIES[row.hash(salt) % (CITIES.length + 1)] ?? NO_ADDRESS;
}

export function metadataOf(row: Row, salt: number): Readonly<Record<string, string>> {
  const share = row.hash(salt) % 10;
  if (share < 6) return {};
  if (share < 9) return { order_id: String(row.hash(salt + 1) % 1_000_000) };
  return { order_id: String(row.index), note: 'gift 🎁, "fragile"\nsecond line', 'utm.source': 'newsletter' };
}
