import { type SandboxOptions, startSandbox } from '../../integration_tests/sandbox/sandbox.js';

// A sandbox in a process of its own: `node --import tsx scripts/bench/sandbox.ts '{"rows": 100}'` prints url and key.
// A line on its stdin makes it print how many requests it has answered since the last.
const options: SandboxOptions = JSON.parse(process.argv[2] ?? '{}');
const sandbox = await startSandbox(options);
console.log(JSON.stringify({ url: sandbox.url, apiKey: sandbox.apiKey }));
process.stdin.on('data', () => {
  console.log(sandbox.requests().length);
  sandbox.resetLog();
});
process.stdin.on('end', () => process.exit());
