// Does what tsc leaves undone: copies data files beside the code, and sets the executable bit of the npm bin.
import { chmodSync, copyFileSync } from 'node:fs';

copyFileSync('src/config/spec.json', 'dist/config/spec.json');
chmodSync('dist/main.js', 0o755);
