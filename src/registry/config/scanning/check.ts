import type { Finding } from '../../../codec/yaml/mistake.ts';
import { SigningError } from '../../../signing/error.ts';
import type { CheckContext, ConfigCheck } from '../config-check.ts';
import { findMissingSecrets, findUnreadable } from '../value/named-files.ts';
import type { ScanningConfig } from './model.ts';
import { readReportKey } from './report-key.ts';

const path = ['registry', 'scanning'];

const files: ConfigCheck = {
  needs: ['scanning'],
  servingOnly: true,
  async find({ scanning: { key } }, context) {
    const missing = [
      ...(await findUnreadable([{ path: [...path, 'key'], file: key?.file }])),
      ...(await findMissingSecrets([{ path: [...path, 'keyPassword'], secret: key?.password }], context)),
    ];
    const { env } = context;
    return key === undefined || env === undefined || missing.length > 0 ? missing : await findUnusable(key, env);
  },
};

/** What is wrong with a key that is there, and its password. */
async function findUnusable(
  key: NonNullable<ScanningConfig['key']>,
  env: NonNullable<CheckContext['env']>,
): Promise<Finding[]> {
  try {
    await readReportKey(key, env);
    return [];
  } catch (error) {
    if (!(error instanceof SigningError)) throw error;
    if (error.code !== 'KEY_PASSWORD_WRONG')
      return [{ path: [...path, 'key'], sentence: `does not do: ${error.message}` }];
    if (key.password !== undefined) {
      return [{ path: [...path, 'keyPassword'], sentence: `does not do: ${error.message}` }];
    }
    const sentence = 'does not do: no password opens it; name one by keyPassword or keyPasswordFile';
    return [{ path: [...path, 'key'], sentence }];
  }
}

const unused: ConfigCheck = {
  needs: ['scanning'],
  find({ scanning: { attach, key } }): Finding[] {
    if (attach || key === undefined) return [];
    return [{ path: [...path, 'key'], sentence: 'signs nothing, since nothing is attached; remove it, or attach' }];
  },
};

/** Checks of how images are scanned. */
export const scanningChecks: readonly ConfigCheck[] = [files, unused];
