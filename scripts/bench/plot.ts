export interface Lines {
  readonly title: string;
  /** Rising, and above 0. */
  readonly x: readonly number[];
  readonly xName: string;
  readonly yName: string;
  readonly lines: readonly Line[];
}

export interface Line {
  readonly name: string;
  /** One for each x, above 0. */
  readonly values: readonly number[];
  readonly isDashed?: boolean;
}

const WIDTH = 640;
const HEIGHT = 380;
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 130, 24, 48];
const COLOURS = ['#1f77b4', '#e4750f', '#8a8f98'];
/** The smallest distance between the names of two lines. */
const LINE_HEIGHT = 16;
const STYLE = `text { font: 12px sans-serif; fill: #59636e }
    .grid { stroke: #59636e; stroke-opacity: 0.2 }
    @media (prefers-color-scheme: dark) { text { fill: #9198a1 } .grid { stroke: #9198a1 } }`;

/** An SVG of lines over two logarithmic axes, on which proportional growth is a straight line. */
export function drawLines({ title, x, xName, yName, lines }: Lines): string {
  const ticks = powersOfTwoAround(lines.flatMap(({ values }) => values));
  const toX = scale(x, LEFT, WIDTH - RIGHT);
  const toY = scale(ticks, HEIGHT - BOTTOM, TOP);
  const parts = [
    ...x.map((value) => text({ x: toX(value), y: HEIGHT - BOTTOM + 18, anchor: 'middle', content: String(value) })),
    ...ticks.map((value) => `<path class="grid" d="M${LEFT} ${toY(value)}H${WIDTH - RIGHT}"/>`),
    ...ticks.map((value) => text({ x: LEFT - 8, y: toY(value) + 4, anchor: 'end', content: String(value) })),
    text({ x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 8, anchor: 'middle', content: xName }),
    text({ x: LEFT - 8, y: 12, anchor: 'end', content: yName }),
    ...lines.map(({ values, isDashed }, n) => {
      const points = values.map((value, i) => `${toX(x[i] ?? 0)},${toY(value)}`).join(' ');
      const dashes = isDashed ? ' stroke-dasharray="5 4"' : '';
      return `<polyline fill="none" stroke="${colour(n)}" stroke-width="2"${dashes} points="${points}"/>`;
    }),
    ...namesOf(lines, toY),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">
  <title>${title}</title>
  <style>
    ${STYLE}
  </style>
  ${parts.join('\n  ')}
</svg>
`;
}

/** Names at the ends of the lines, from the highest down, so that none covers another. */
function namesOf(lines: readonly Line[], toY: (value: number) => number): readonly string[] {
  const ends = lines.map(({ name, values }, n) => ({ name, n, y: toY(values.at(-1) ?? 1) }));
  let lowest = Number.NEGATIVE_INFINITY;
  return ends
    .sort((a, b) => a.y - b.y)
    .map(({ name, n, y }) => {
      lowest = Math.max(y, lowest + LINE_HEIGHT);
      return text({ x: WIDTH - RIGHT + 8, y: round(lowest + 4), anchor: 'start', content: name, colour: colour(n) });
    });
}

/** Maps values onto a range by their logarithm, the first to its beginning and the last to its end. */
function scale(values: readonly number[], begin: number, end: number): (value: number) => number {
  const [low, high] = [Math.log2(values[0] ?? 1), Math.log2(values.at(-1) ?? 1)];
  return (value) => round(begin + ((Math.log2(value) - low) / (high - low)) * (end - begin));
}

/** Round numbers, each twice the one before, from below the lowest value to above the highest. */
function powersOfTwoAround(values: readonly number[]): readonly number[] {
  const step = 125;
  const low = Math.floor(Math.log2(Math.min(...values) / step));
  const high = Math.ceil(Math.log2(Math.max(...values) / step));
  return Array.from({ length: high - low + 1 }, (_, n) => step * 2 ** (low + n));
}

interface Text {
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly content: string;
  readonly colour?: string;
}

function text({ x, y, anchor, content, colour: fill }: Text): string {
  const style = fill === undefined ? '' : ` style="fill: ${fill}"`;
  return `<text x="${x}" y="${y}" text-anchor="${anchor}"${style}>${content}</text>`;
}

function colour(n: number): string {
  return COLOURS[n % COLOURS.length] ?? '';
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
