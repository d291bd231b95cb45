import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { runInside } from './inside.js';
import { runProcess } from './process.js';
import { endure } from './property.js';
import { randomLives } from './random-lives.js';
import type { Runner } from './runner.js';
import type { Scenario } from './scenario.js';

const USAGE = `npm run torture -- [--runs <n>] [--seed <n>] [--path <path>] [--no-shrink] [--process] [--scenario <file>]

  --runs       how many random lives to live through (default 2000)
  --seed       the seed that chooses them (default: any)
  --path       only the life with this path, as a failure names it
  --no-shrink  stop at the first life that fails, without making it smaller
  --process    run the connector in processes of its own, which real signals end
  --scenario   only the life in this JSON file
`;

const DEFAULT_RUNS = 2_000;
const REPORT_EVERY = 100;

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly path: string | undefined;
  readonly afterFailure: 'shrink' | 'stop';
  readonly runner: Runner;
}

async function torture({ runs, seed, path, afterFailure, runner }: Options): Promise<boolean> {
  const again = (failing: string) =>
    console.log(
      `Again: npm run torture -- --seed ${seed} --path ${failing}${runner === runProcess ? ' --process' : ''}`,
    );
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
  let begun = 0;
  const property = randomLives(runner, {
    onStart: () => {
      begun += 1;
      if (begun % REPORT_EVERY === 0) console.error(`seed ${seed}: ${begun} lives, ${seconds()}`);
    },
    // Reported at once, because making a life smaller may take longer than anyone waits.
    onFirstFailure: (index, error) => {
      console.log(`Life ${index} of seed ${seed} fails after ${seconds()}:\n${String(error)}`);
      again(path ?? String(index));
    },
  });
  const result = await fc.check(property, {
    numRuns: path === undefined ? runs : 1,
    seed,
    endOnFailure: afterFailure === 'stop',
    ...(path === undefined ? {} : { path }),
  });
  const outcome = result.failed ? 'the last one fails' : 'nothing is lost';
  console.log(`torture: ${result.numRuns} lives of seed ${seed}, ${outcome}, ${seconds()}`);
  if (!result.failed) return true;
  console.log(`The smallest scenario that fails, of ${begun} lives:\n${JSON.stringify(result.counterexample?.[0])}`);
  console.log(String(result.errorInstance));
  again(result.counterexamplePath ?? '');
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
      'no-shrink': { type: 'boolean' },
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
  const runs = Number(values.runs ?? DEFAULT_RUNS);
  return torture({ runs, seed, path: values.path, afterFailure: values['no-shrink'] ? 'stop' : 'shrink', runner });
}

process.exitCode = (await main()) ? 0 : 1;
