import { SPEC } from '../config/spec.js';
import type { Write } from '../protocol/messages.js';

/** Prints what a configuration may hold. */
export async function spec({ write }: { readonly write: Write }): Promise<boolean> {
  await write({ type: 'SPEC', spec: { ...SPEC } });
  return true;
}
