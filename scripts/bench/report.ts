/** One figure. It is a ratio within one run, because ratios differ less between machines than times do. */
export interface Figure {
  readonly what: string;
  readonly ratio: number;
  /** What the figure should be. A figure without a target is for information only. */
  readonly goal?: Goal;
  /** What the ratio was made from. */
  readonly raw: string;
}

export type Goal = { readonly atLeast: number } | { readonly atMost: number } | { readonly exactly: number };

/** A drawing of figures, for the page. */
export interface Picture {
  /** The name of its file. */
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

/** Figures that belong together: each is printed as one line as soon as it is known, and remembered. */
export class Report {
  readonly name: string;
  /** Multiplies the usual number of rows. */
  readonly scale: number;
  /** What the page shows instead of a row for each figure, in Markdown. */
  table: string | undefined;
  readonly #figures: Figure[] = [];
  readonly #pictures: Picture[] = [];

  constructor(name: string, scale: number) {
    this.name = name;
    this.scale = scale;
  }

  add(figure: Figure): void {
    this.#figures.push(figure);
    const mark = isMissed(figure) ? 'MISSED ' : '';
    const { what, ratio, raw } = figure;
    console.log(`${what.padEnd(70)} ${ratio.toFixed(2).padStart(7)}   (${mark}${goalText(figure)}; ${raw})`);
  }

  draw(picture: Picture): void {
    this.#pictures.push(picture);
  }

  get pictures(): readonly Picture[] {
    return this.#pictures;
  }

  get figures(): readonly Figure[] {
    return this.#figures;
  }
}

export function isMissed({ ratio, goal }: Figure): boolean {
  if (!goal) return false;
  if ('atLeast' in goal) return !(ratio >= goal.atLeast);
  if ('atMost' in goal) return !(ratio <= goal.atMost);
  return ratio !== goal.exactly;
}

export function goalText({ goal }: Figure): string {
  if (!goal) return 'no goal';
  const [[kind = '', value = 0] = []] = Object.entries(goal);
  const words: Readonly<Record<string, string>> = { atLeast: 'at least', atMost: 'at most', exactly: 'exactly' };
  return `${words[kind]} ${value.toFixed(2)}`;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** A whole number with separators between thousands. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
