import { errorMessage, isSeaworthyError } from '../../../base/error.ts';
import { printable } from '../../../base/printable.ts';
import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import type { KyvernoImageSettings } from '../settings.ts';

/** What attestors are read with, and where what is wrong with them is collected. */
export interface Translation {
  readonly settings: KyvernoImageSettings;
  /** Of a namespaced policy; undefined for one of the cluster. */
  readonly namespace: string | undefined;
  readonly findings: Finding[];
}

/** Does what may find that a field cannot be used, which is told then. */
export function attempt<Value>({ findings }: Translation, path: ConfigPath, read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!isSeaworthyError(error) && !(error instanceof RangeError)) throw error;
    findings.push({ path, sentence: `cannot be used: ${printable(errorMessage(error), 300)}` });
    return undefined;
  }
}
