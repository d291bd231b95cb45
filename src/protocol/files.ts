import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { ConfigError } from './errors.js';

/**
 * Reads a JSON file as text, whatever its suffix (PyAirbyte calls catalog and state `.txt`). `what` names the file in
 * errors. An empty file is `undefined`. The parser's own messages quote the text, so they are never passed on.
 */
export async function readJson(path: string, what: string): Promise<unknown> {
  const text = (await readText(path, what)).replace(/^\uFEFF/, '');
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`The ${what} file ${path} is not valid JSON: ${whereItBreaks(text, error)}.`);
  }
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new ConfigError(`Cannot read the ${what} file ${path}: ${whyUnreadable(code, ownUid())}`, { cause: error });
  }
}

/** What a system error means to the user who named the file, and what to do. Most files are mounted into a container. */
export function whyUnreadable(code: string, uid: number | undefined): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such file.';
    case 'EACCES':
    case 'EPERM':
      return (
        `permission denied. The connector runs as ${uid === undefined ? 'a user that' : `uid ${uid}, which`} may not read it. ` +
        "Make the file readable for everyone (chmod a+r), and its folders accessible (chmod a+x), or run as the file's " +
        'owner (docker run --user).'
      );
    case 'EISDIR':
      return 'it is a directory. Docker makes one where the file to mount does not exist on the host.';
    case 'ENOTDIR':
      return 'a part of its path is a file, not a directory.';
    default:
      return `${code}.`;
  }
}

/** The uid of this process; undefined where the system does not tell it: for a uid without a name, and on Windows. */
function ownUid(): number | undefined {
  try {
    const { uid } = userInfo();
    return uid < 0 ? undefined : uid;
  } catch {
    return undefined;
  }
}

function isCutOff(error: unknown): boolean {
  return error instanceof Error && /^(Unexpected end|Unterminated)/.test(error.message);
}

function whereItBreaks(text: string, error: unknown): string {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  if (position === undefined) return isCutOff(error) ? 'it ends too early or is cut off' : 'see its beginning';
  const before = text.slice(0, Number(position)).split('\n');
  return `see line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
