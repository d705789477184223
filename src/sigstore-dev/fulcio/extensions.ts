import { derTag } from '../../codec/der/tag.ts';
import { derValue } from '../../codec/der/write.ts';
import { extension } from '../../codec/x509/extension.ts';

/** The last part of `1.3.6.1.4.1.57264.1.N` for each of Fulcio's extensions (docs/oid-info.md of fulcio). */
const numbers = {
  issuer: 1,
  githubWorkflowTrigger: 2,
  githubWorkflowSha: 3,
  githubWorkflowName: 4,
  githubWorkflowRepository: 5,
  githubWorkflowRef: 6,
  issuerV2: 8,
  buildSignerUri: 9,
  buildSignerDigest: 10,
  runnerEnvironment: 11,
  sourceRepositoryUri: 12,
  sourceRepositoryDigest: 13,
  sourceRepositoryRef: 14,
  sourceRepositoryIdentifier: 15,
  sourceRepositoryOwnerUri: 16,
  sourceRepositoryOwnerIdentifier: 17,
  buildConfigUri: 18,
  buildConfigDigest: 19,
  buildTrigger: 20,
  runInvocationUri: 21,
  sourceRepositoryVisibility: 22,
  deploymentEnvironment: 23,
  tokenSubject: 24,
} as const;

/** What Fulcio writes into certificates about the token. */
export type FulcioExtensions = { readonly [name in keyof typeof numbers]?: string };

/** The object identifier of users in a `GeneralName`, which is no extension. */
export const usernameOid = '1.3.6.1.4.1.57264.1.7';

/** The extensions, in the order of their numbers. The first six are the bare text, the others UTF8String. */
export function encodeFulcioExtensions(values: FulcioExtensions): Buffer[] {
  return Object.entries(numbers).flatMap(([name, number]) => {
    const text = values[name as keyof FulcioExtensions];
    if (text === undefined || text === '') return [];
    const bytes = Buffer.from(text);
    const value = number <= 6 ? bytes : derValue(derTag.utf8String, bytes);
    return [extension(`1.3.6.1.4.1.57264.1.${number}`, false, value)];
  });
}
