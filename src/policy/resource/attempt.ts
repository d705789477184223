import { errorMessage, isSeaworthyError } from '../../base/error.ts';
import { printable } from '../../base/printable.ts';
import type { ConfigPath, Finding } from '../../codec/yaml/mistake.ts';

/** Does what may find that a field of a document cannot be used, which is told among the findings then. */
export function attempt<Value>(
  { findings }: { readonly findings: Finding[] },
  path: ConfigPath,
  read: () => Value,
): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!isSeaworthyError(error) && !(error instanceof RangeError)) throw error;
    findings.push({ path, sentence: `cannot be used: ${printable(errorMessage(error), 300)}` });
    return undefined;
  }
}
