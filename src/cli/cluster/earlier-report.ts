import { resolve } from 'node:path';
import { errorMessage } from '../../base/error.ts';
import type { EarlierReport } from '../../cluster/report/schema.ts';
import { ConfigError } from '../config/error.ts';
import type { Host } from '../host.ts';
import { readBounded } from '../read-bounded.ts';

/** Bytes of a report that are read: a text longer than what Node takes for one cannot be read anyway. */
const maxBytes = 500_000_000;

/** Reads the report of an earlier scan, which `-o json=FILE` wrote. @throws ConfigError SETTING_INVALID */
export async function readEarlier(file: string, host: Host): Promise<EarlierReport> {
  const path = resolve(host.cwd, file);
  let value: unknown;
  try {
    value = JSON.parse((await readBounded(path, maxBytes, host.signal)).toString('utf8'));
  } catch (cause) {
    const sentence = `The report ${path} cannot be read (${errorMessage(cause)}); name another with --since`;
    throw new ConfigError('SETTING_INVALID', sentence, { cause });
  }
  const { readEarlierReport } = await import('../../cluster/report/schema.ts');
  const report = readEarlierReport(value);
  if (report !== undefined) return report;
  const sentence = `${path} is no report of a cluster; name one that "seaworthy k8s -o json=FILE" wrote with --since`;
  throw new ConfigError('SETTING_INVALID', sentence);
}
