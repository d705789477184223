import type { Host } from '../host.ts';

/** Whether an answer is a table: as it is asked for, else on terminals alone, where JSON is for programs. */
export function isTable(
  format: 'table' | 'json' | undefined,
  { isTerminal }: Pick<Host['stdout'], 'isTerminal'>,
): boolean {
  return format === undefined ? isTerminal : format === 'table';
}
