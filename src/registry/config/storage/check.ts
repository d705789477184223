import type { ConfigCheck } from '../config-check.ts';
import { findMissingSecrets, findUnreadable } from '../value/named-files.ts';

const storage: ConfigCheck = {
  needs: ['storage'],
  async find({ storage: given }, context) {
    if (given.kind !== 's3') return [];
    const top = ['registry', 'storage', 's3'];
    const { accessKey, secretKey, sessionToken } = given.credentials;
    return await findMissingSecrets(
      [
        { path: [...top, 'accessKey'], secret: accessKey },
        { path: [...top, 'secretKey'], secret: secretKey },
        { path: [...top, 'sessionToken'], secret: sessionToken },
      ],
      context,
    );
  },
};

const database: ConfigCheck = {
  needs: ['database'],
  async find({ database: given }, context) {
    if (given.kind !== 'postgres') return [];
    const top = ['registry', 'database', 'postgres'];
    return [
      ...(await findMissingSecrets([{ path: [...top, 'url'], secret: given.url }], context)),
      ...(await findUnreadable([{ path: [...top, 'ca'], file: given.caFile }])),
    ];
  },
};

/** Checks of where things are kept. */
export const storageChecks: readonly ConfigCheck[] = [storage, database];
