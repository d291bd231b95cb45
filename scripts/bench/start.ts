import { MAIN, measure } from './process.js';
import { median, type Report } from './report.js';

const RUNS = 15;

/** How long `spec` takes beside a Node that does nothing. */
export async function benchStart(report: Report): Promise<void> {
  const [idle, spec]: [number[], number[]] = [[], []];
  for (let run = 0; run < RUNS; run += 1) {
    idle.push((await measure(['-e', '0'])).seconds);
    spec.push((await measure([MAIN, 'spec'])).seconds);
  }
  report.add({
    what: 'start of `spec` / of `node -e 0`',
    ratio: median(spec) / median(idle),
    goal: { atMost: 2 },
    raw: `${ms(spec)} / ${ms(idle)}`,
  });
}

function ms(seconds: readonly number[]): string {
  return `${Math.round(median(seconds) * 1000)} ms`;
}
