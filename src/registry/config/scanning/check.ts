import type { ConfigCheck } from '../config-check.ts';
import type { Finding } from '../../../codec/yaml/mistake.ts';
import { findMissingSecrets, findUnreadable } from '../value/named-files.ts';

const path = ['registry', 'scanning'];

const files: ConfigCheck = {
  needs: ['scanning'],
  async find({ scanning: { key } }, context) {
    return [
      ...(await findUnreadable([{ path: [...path, 'key'], file: key?.file }])),
      ...(await findMissingSecrets([{ path: [...path, 'keyPassword'], secret: key?.password }], context)),
    ];
  },
};

const unused: ConfigCheck = {
  needs: ['scanning'],
  find({ scanning: { attach, key } }): Finding[] {
    if (attach || key === undefined) return [];
    return [{ path: [...path, 'key'], sentence: 'signs nothing, since nothing is attached; remove it, or attach' }];
  },
};

/** Checks of how images are scanned. */
export const scanningChecks: readonly ConfigCheck[] = [files, unused];
