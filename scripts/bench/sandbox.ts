import { type SandboxOptions, startSandbox } from '../../integration_tests/sandbox/sandbox.js';

// A sandbox in a process of its own: `node --import tsx scripts/bench/sandbox.ts '{"rows": 100}'` prints url and key.
// A line on its stdin makes it print what it has been asked since the last: path and query of each request.
const options: SandboxOptions = JSON.parse(process.argv[2] ?? '{}');
const sandbox = await startSandbox(options);
console.log(JSON.stringify({ url: sandbox.url, apiKey: sandbox.apiKey }));
process.stdin.on('data', () => {
  const asked = sandbox
    .requests()
    .map(
      ({ path, params }) =>
        `${path}?${new URLSearchParams(params.map(([name, value]): [string, string] => [name, value]))}`,
    );
  console.log(JSON.stringify(asked));
  sandbox.resetLog();
});
process.stdin.on('end', () => process.exit());
