import { z } from 'zod';
import type { JsonSchema } from '../../../codec/yaml/json-schema.ts';
import { listOf, word } from '../../../codec/yaml/schema.ts';
import { policyLimits } from '../../limits.ts';
import type { Policy, PolicyException, Signer, SignerIdentity, SignerKey, TextSpec } from '../../model.ts';
import { namedObjects } from '../../resource/object-filter/schema.ts';
import { ruleSchema, unknownAction } from '../rule/schema.ts';
import {
  digest,
  end,
  expression,
  flawIds,
  keyFile,
  name,
  packages,
  publicKey,
  repositories,
  sentence,
  sources,
} from '../value/schema.ts';

/** What a document gives to the policy that all make together. */
export type GivenPolicy = Omit<Policy, 'unknown'> & Partial<Pick<Policy, 'unknown'>>;

/** What the documents of this form call themselves. */
const apiVersion = 'seaworthy.dev/v1alpha1';

function signerSchema(folder: string): z.ZodType<Signer> {
  const key: z.ZodType<SignerKey> = z
    .strictObject({
      pem: publicKey.exactOptional().describe('the public key itself, in PEM'),
      file: keyFile(folder).exactOptional().describe('the file that holds it'),
    })
    .transform(({ pem, file }, context): SignerKey => {
      if ((pem === undefined) === (file === undefined)) context.addIssue('takes one of pem and file');
      return pem === undefined ? { file: file ?? '' } : { pem };
    });
  const identity: z.ZodType<SignerIdentity> = z
    .strictObject({
      issuer: sentence.exactOptional().describe('who vouches for the subject: the address of an OIDC issuer'),
      issuerRegex: expression.exactOptional().describe('as `issuer`, as an RE2 expression for the whole of it'),
      subject: sentence.exactOptional().describe('who signed: an address, or a workflow'),
      subjectRegex: expression.exactOptional().describe('as `subject`, as an RE2 expression for the whole of it'),
    })
    .transform((given, context): SignerIdentity => {
      const text = (part: 'issuer' | 'subject'): TextSpec => {
        const exact = given[part];
        const regex = given[`${part}Regex`];
        if ((exact === undefined) === (regex === undefined)) context.addIssue(`takes one of ${part} and ${part}Regex`);
        return exact === undefined ? { regex: regex ?? '' } : { exact };
      };
      return { issuer: text('issuer'), subject: text('subject') };
    });
  return z.strictObject({
    name: name.describe('name that rules give'),
    keys: listOf(key, 0, policyLimits.credentials).prefault([]).describe('public keys, any of which may have signed'),
    identities: listOf(identity, 0, policyLimits.credentials)
      .prefault([])
      .describe('identities of certificates, any of which may have signed'),
  });
}

const exceptionMembers = {
  name: name.describe('name that verdicts tell; each has its own'),
  owner: sentence.describe('who answers for it'),
  reason: sentence.describe('why'),
  until: end.describe('when it ends: a time, or a day, at whose beginning in UTC it ends'),
  rules: listOf(name, 1, policyLimits.rules).exactOptional().describe('names of rules (default: all)'),
  ids: flawIds.exactOptional().describe('ids or aliases of vulnerabilities (default: whatever the rules forbid)'),
  packages: packages.exactOptional().describe('patterns of names of packages (default: all)'),
  repositories: repositories.exactOptional().describe('patterns of repositories (default: all)'),
  sources: sources.exactOptional().describe('patterns of sources (default: all)'),
  digests: listOf(digest, 1, policyLimits.ids).exactOptional().describe('digests of images (default: all)'),
};

/** An exception. */
export const exceptionSchema: z.ZodType<PolicyException> = z.strictObject(exceptionMembers);

/** An exception that may be for some objects alone. */
export const objectExceptionSchema: z.ZodType<PolicyException> = z
  .strictObject({ ...exceptionMembers, objects: listOf(namedObjects, 1, policyLimits.objects).exactOptional() })
  .superRefine((given, context) => {
    if (given.objects === undefined) return;
    for (const member of ['ids', 'packages', 'digests'] as const) {
      if (given[member] === undefined) continue;
      const message = 'cannot stand beside objects, which are passed over whatever is found in their images';
      context.addIssue({ code: 'custom', path: [member], message });
    }
  });

/** The schema of a document in a folder. */
export function documentSchema(folder: string): z.ZodType<GivenPolicy> {
  const spec = z.strictObject({
    unknown: unknownAction
      .exactOptional()
      .describe('what becomes of an image where a rule cannot be decided (default: `deny`)'),
    exceptionHelp: sentence.exactOptional().describe('how to ask for an exception, for whoever is denied'),
    signers: listOf(signerSchema(folder), 0, policyLimits.signers).prefault([]),
    rules: listOf(ruleSchema, 0, policyLimits.rules).prefault([]),
    exceptions: listOf(exceptionSchema, 0, policyLimits.exceptions).prefault([]),
  });
  return z
    .strictObject({
      apiVersion: word([apiVersion]),
      kind: word(['Policy']),
      // Clusters write more into it than people do.
      metadata: z.looseObject({}).exactOptional(),
      spec,
    })
    .transform(({ spec: given }) => given);
}

/** The JSON Schema (2020-12) of a document, for editors. */
export function policyJsonSchema(): JsonSchema {
  return z.toJSONSchema(documentSchema('/'), { io: 'input' }) as JsonSchema;
}
