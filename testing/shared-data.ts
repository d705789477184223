import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', 'shared', 'data');

/**
 * The path of a real input in the data folder that may lie beside the checkout, or undefined where it does not: the
 * test then skips itself, saying so.
 */
export function sharedData(...parts: readonly string[]): string | undefined {
  const path = join(root, ...parts);
  return existsSync(path) ? path : undefined;
}

/** Options for a test that needs such an input: skips with the reason when it is absent. */
export function needsSharedData(...parts: readonly string[]): { skip: string | false } {
  return { skip: sharedData(...parts) === undefined ? `no ${parts.join('/')} beside the checkout` : false };
}
