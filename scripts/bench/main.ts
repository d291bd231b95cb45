import { parseArgs } from 'node:util';
import { benchCatalog } from './catalog.js';
import { benchIdle } from './idle.js';
import { benchLimit } from './limit.js';
import { benchMemory } from './memory.js';
import { writePage } from './page.js';
import { goalText, isMissed, Report } from './report.js';
import { benchScaling } from './scaling.js';
import { benchStart } from './start.js';
import { benchThroughput } from './throughput.js';

/**
 * The figures that the project promises. `npm run bench` gives all of them, `npm run bench -- limit idle` some;
 * `--scale 0.1` with a tenth of the rows; `--write` puts them into docs/performance.md.
 */
const BENCHES: Readonly<Record<string, (report: Report) => Promise<void>>> = {
  start: benchStart,
  throughput: benchThroughput,
  limit: benchLimit,
  memory: benchMemory,
  idle: benchIdle,
  catalog: benchCatalog,
  scaling: benchScaling,
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { scale: { type: 'string', default: '1' }, write: { type: 'boolean', default: false } },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
  const unknown = names.filter((name) => !(name in BENCHES));
  if (unknown.length > 0) throw new Error(`no such figures: ${unknown}; there are ${Object.keys(BENCHES)}`);
  const scale = Number(values.scale);
  const missed: string[] = [];
  for (const name of names) {
    const report = new Report(name, scale);
    console.log(`\n${name}`);
    await BENCHES[name]?.(report);
    missed.push(
      ...report.figures
        .filter(isMissed)
        .map((figure) => `${name}: ${figure.what.trim()}: ${figure.ratio.toFixed(2)}, goal: ${goalText(figure)}`),
    );
    if (values.write) writePage(report);
  }
  console.log(missed.length === 0 ? '\nNo goal was missed.' : `\nMissed:\n  ${missed.join('\n  ')}`);
}

await main();
