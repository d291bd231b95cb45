// What tsc leaves undone: data files beside the code, and the executable bit of the npm bin.
import { chmodSync, copyFileSync } from 'node:fs';

copyFileSync('src/config/spec.json', 'dist/config/spec.json');
chmodSync('dist/main.js', 0o755);
