import { z } from 'zod';
import { listOf, word } from '../../../codec/yaml/schema.ts';
import { policyLimits } from '../../limits.ts';
import type { Signer, SignerCertificate, SignerIdentity, SignerKey, SignerTrust, TextSpec } from '../../model.ts';
import { textSpec } from '../text/schema.ts';
import {
  keyFile,
  keyReference,
  name,
  pemOf,
  publicKey,
  secretName,
  tagPrefix,
  wholeRepository,
} from '../value/schema.ts';

const certificates = pemOf('CERTIFICATE');
const logKeys = pemOf('PUBLIC KEY');

const texts: z.ZodType<Readonly<Record<string, TextSpec>>> = z.record(
  z.string().min(1).max(policyLimits.name),
  textSpec,
);

function keySchema(folder: string): z.ZodType<SignerKey> {
  return z
    .strictObject({
      pem: publicKey.exactOptional().describe('the public key itself, in PEM'),
      file: keyFile(folder).exactOptional().describe('the file that holds it'),
      secret: secretName.exactOptional().describe('the secret of the cluster that holds it, as `namespace/name`'),
      kms: keyReference.exactOptional().describe('the key of a key service: `awskms://…`'),
    })
    .transform(({ pem, file, secret, kms }, context): SignerKey => {
      const given: SignerKey[] = [
        ...(pem === undefined ? [] : [{ pem }]),
        ...(file === undefined ? [] : [{ file }]),
        ...(secret === undefined ? [] : [{ reference: `k8s://${secret}` }]),
        ...(kms === undefined ? [] : [{ reference: kms }]),
      ];
      const [key, ...more] = given;
      if (key !== undefined && more.length === 0) return key;
      context.addIssue('takes one of pem, file, secret and kms');
      return z.NEVER;
    });
}

const identity: z.ZodType<SignerIdentity> = z.strictObject({
  issuer: textSpec.exactOptional().describe('who vouches for the subject: the address of an OIDC issuer'),
  subject: textSpec.exactOptional().describe('who signed: an address, or a workflow'),
  claims: texts.exactOptional().describe('further claims of the certificate, such as `githubWorkflowRepository`'),
});

const identities = listOf(identity, 0, policyLimits.credentials);

const certificate: z.ZodType<SignerCertificate> = z
  .strictObject({
    leaf: certificates.exactOptional().describe('the certificate that signs, in PEM'),
    authorities: certificates.exactOptional().describe('the authorities that issue such certificates, in PEM'),
    identities: identities.exactOptional().describe('who it must be for (default: anybody)'),
  })
  .refine(({ leaf, authorities }) => leaf !== undefined || authorities !== undefined, {
    error: 'names nobody; add leaf or authorities',
  });

const layout = word(['bundle', 'legacy', 'notation']);
const wanted = word(['required', 'ignored']);

const trust: z.ZodType<SignerTrust> = z.strictObject({
  log: wanted.exactOptional().describe('whether a transparency log must hold its signatures: `required`, `ignored`'),
  logKeys: logKeys.exactOptional().describe('keys of such logs in PEM, in place of others'),
  certificateLog: wanted.exactOptional().describe('whether a log must hold its certificates: `required`, `ignored`'),
  certificateLogKeys: logKeys.exactOptional().describe('keys of such logs in PEM, in place of others'),
  authorities: certificates.exactOptional().describe('authorities in PEM, in place of others'),
  timestampAuthorities: certificates
    .exactOptional()
    .describe('timestamp authorities in PEM, in place of others, one of which must vouch for the time'),
});

/** The schema of a signer in a folder. */
export function signerSchema(folder: string): z.ZodType<Signer> {
  return z
    .strictObject({
      name: name.describe('name that requirements give'),
      keys: listOf(keySchema(folder), 0, policyLimits.credentials)
        .prefault([])
        .describe('public keys, any of which may have signed'),
      identities: identities.prefault([]).describe('identities of certificates, any of which may have signed'),
      certificates: listOf(certificate, 1, policyLimits.credentials)
        .exactOptional()
        .describe('certificates, any of which may have signed, whatever the authorities that are trusted otherwise'),
      annotations: texts.exactOptional().describe('annotations that one signature must carry, all of them'),
      repository: wholeRepository
        .exactOptional()
        .describe('where its signatures lie, with the host (default: beside the image)'),
      tagPrefix: tagPrefix
        .exactOptional()
        .describe('what stands before the tags of the older layout there (default: nothing)'),
      layouts: listOf(layout, 1)
        .exactOptional()
        .describe('how signatures are attached: `bundle`, `legacy`, `notation` (default: any of these)'),
      hash: word(['sha224', 'sha256', 'sha384', 'sha512'])
        .exactOptional()
        .describe('the hash that its keys sign (default: what the key is for)'),
      trust: trust.exactOptional().describe('in what it is trusted otherwise than the gate says'),
    })
    .superRefine(({ identities: given, trust: own }, context) => {
      if (own?.authorities !== undefined) return;
      for (const [at, { issuer, subject }] of given.entries()) {
        for (const [member, text] of Object.entries({ issuer, subject })) {
          if (text !== undefined) continue;
          const message = `has no ${member}, so that anybody could be it; add it, or authorities of your own to trust`;
          context.addIssue({ code: 'custom', path: ['identities', at], message });
        }
      }
    });
}
