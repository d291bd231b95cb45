import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { scenario } from './arbitrary.js';
import { runInside } from './inside.js';
import { runProcess } from './process.js';
import { endure } from './property.js';
import type { Runner } from './runner.js';
import type { Scenario } from './scenario.js';

const USAGE = `npm run torture -- [--runs <n>] [--seed <n>] [--path <path>] [--process] [--scenario <file>]

  --runs      how many random lives to live through (default 2000)
  --seed      the seed of their choice (default: any)
  --path      only the life with this path, as a failure names it
  --process   in processes of their own, which are killed by real signals
  --scenario  only the life in this JSON file
`;

const DEFAULT_RUNS = 2_000;
const REPORT_EVERY = 100;

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly path: string | undefined;
  readonly runner: Runner;
}

async function torture({ runs, seed, path, runner }: Options): Promise<boolean> {
  const started = performance.now();
  let lives = 0;
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
  const property = fc.asyncProperty(scenario, async (each) => {
    lives += 1;
    if (lives % REPORT_EVERY === 0) console.error(`${lives} lives, ${seconds()}`);
    await endure(each, runner);
  });
  console.log(`seed ${seed}`);
  const result = await fc.check(property, {
    numRuns: path === undefined ? runs : 1,
    seed,
    ...(path === undefined ? {} : { path }),
  });
  console.log(`${result.numRuns} lives, ${lives} with those to make a failure smaller, ${seconds()}`);
  if (!result.failed) return true;
  console.log(`The smallest scenario that fails:\n${JSON.stringify(result.counterexample?.[0])}`);
  console.log(String(result.errorInstance));
  console.log(`Again: npm run torture -- --seed ${seed} --path ${result.counterexamplePath}`);
  return false;
}

async function repeat(file: string, runner: Runner): Promise<boolean> {
  const given = JSON.parse(readFileSync(file, 'utf8')) as Scenario;
  const problem = await endure(given, runner).then(() => undefined, String);
  console.log(problem ?? 'Nothing is lost.');
  return problem === undefined;
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string' },
      seed: { type: 'string' },
      path: { type: 'string' },
      process: { type: 'boolean' },
      scenario: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return true;
  }
  const runner = values.process ? runProcess : runInside;
  if (values.scenario !== undefined) return repeat(values.scenario, runner);
  const seed = Number(values.seed ?? Date.now() % 2 ** 31);
  return torture({ runs: Number(values.runs ?? DEFAULT_RUNS), seed, path: values.path, runner });
}

process.exitCode = (await main()) ? 0 : 1;
