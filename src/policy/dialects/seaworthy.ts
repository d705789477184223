import { withKeyFiles } from '../key-files.ts';
import type { Policy } from '../model.ts';
import { readPolicy } from '../seaworthy/read-policy.ts';
import { compileImagePolicies } from '../seaworthy/resource-policy.ts';
import type { Dialect, DialectSettings, TextMistake } from './model.ts';

/**
 * Our own: each `ImagePolicy`, and what documents of the older form `Policy` say together. These give signers and exceptions to the others too.
 */
export const seaworthyDialect: Dialect = {
  reads: (apiVersion) => /^seaworthy\.dev\/v\d/.test(apiVersion),
  async compile(texts, settings) {
    const reading = await readPolicy(texts);
    if (reading.mistakes !== undefined) return { policies: [], mistakes: reading.mistakes, advice: [] };
    const { files, missing } = await readKeyFiles(reading.policy, settings);
    const mistakes: TextMistake[] = missing.map(({ signer, key, file }) =>
      reading.mistakeAt(
        ['signers', signer, 'keys', key, 'file'],
        `names ${file}, which cannot be read here; write the key itself with pem`,
      ),
    );
    if (mistakes.length > 0) return { policies: [], mistakes, advice: [] };
    const access = { plainHttp: false, secrets: [], providers: [] };
    const keyed = reading.imagePolicies.map((each) => ({ ...each, policy: withKeyFiles(each.policy, files) }));
    return { policies: compileImagePolicies(keyed, { access }), mistakes: [], advice: [] };
  },
};

/** A file that holds a key, and by whom it is named. */
interface NamedFile {
  readonly signer: number;
  readonly key: number;
  readonly file: string;
}

async function readKeyFiles(
  { signers }: Policy,
  { keyFile }: DialectSettings,
): Promise<{ readonly files: ReadonlyMap<string, string>; readonly missing: readonly NamedFile[] }> {
  const files = new Map<string, string>();
  const missing: NamedFile[] = [];
  for (const [signer, { keys }] of signers.entries()) {
    for (const [key, each] of keys.entries()) {
      if (!('file' in each) || files.has(each.file)) continue;
      const text = await keyFile?.(each.file);
      if (text === undefined) missing.push({ signer, key, file: each.file });
      else files.set(each.file, text);
    }
  }
  return { files, missing };
}
