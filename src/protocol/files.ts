import { readFile } from 'node:fs/promises';
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
    throw new ConfigError(`Cannot read the ${what} file ${path}: ${whyUnreadable(error)}.`, { cause: error });
  }
}

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'EISDIR') return 'it is a directory';
  return String(code ?? 'unknown reason');
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
