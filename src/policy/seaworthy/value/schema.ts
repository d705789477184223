import { resolve } from 'node:path';
import { z } from 'zod';
import { errorMessage, isSeaworthyError } from '../../../base/error.ts';
import { parseExpiry } from '../../../base/expiry.ts';
import { compilePattern, patternLimits, type PatternSpec } from '../../../base/name-pattern.ts';
import { printable } from '../../../base/printable.ts';
import { parsePem } from '../../../codec/pem/pem.ts';
import { listOf, text, value } from '../../../codec/yaml/schema.ts';
import { severities, type Severity } from '../../../finding/severity.ts';
import { type Digest, isDigest } from '../../../oci/digest.ts';
import { whyNoRepository, whyNoSource, whyNoTag } from '../../../oci/name-glob.ts';
import { parsePlatform } from '../../../oci/platform.ts';
import { parsePublicKey } from '../../../signing/key/parse-public-key.ts';
import { predicateTypeOf } from '../../../signing/statement/predicate-type.ts';
import { policyLimits } from '../../limits.ts';
import type { PortRange } from '../../model.ts';
import { compileCondition } from '../../condition/compile.ts';
import { expressionVariables } from '../../rule/evidence-values/variables.ts';
import { statementVariables } from '../../rule/attestation.ts';
import { isTagPrefix } from '../../signers/repository.ts';

/** A name that verdicts tell. */
export const name: z.ZodType<string> = text(
  'name',
  /^[\p{L}\p{N}][\p{L}\p{N} ._:/-]{0,99}$/u,
  `up to ${policyLimits.name} letters, digits, blanks and . _ : / -`,
);

/** A sentence for people. */
export const sentence: z.ZodType<string> = text('text');

/** A number from 0 to 1. */
export const share: z.ZodType<number> = value(
  'a number from 0 to 1',
  (given) => (/^(?:0(?:\.\d{1,10})?|1(?:\.0{1,10})?)$/.test(given) ? Number(given) : undefined),
  { type: ['number', 'string'] },
);

/** A severity, in whatever case. */
export const severity: z.ZodType<Severity> = value(severities.join(', ').replace(/, ([^,]+)$/, ' or $1'), (given) =>
  severities.find((each) => each === given.toUpperCase()),
);

/** A day, which ends when it begins, or a time. */
export const end: z.ZodType<number> = value(
  'a day such as 2026-12-31, or a time such as 2026-12-31T18:00:00Z',
  parseExpiry,
);

/** A digest of content. */
export const digest: z.ZodType<Digest> = value('sha256: and 64 hex digits', (given) =>
  isDigest(given) ? given : undefined,
);

/** An id of a vulnerability. */
const flawId: z.ZodType<string> = text('id', /^[A-Za-z][\w.:-]{2,99}$/, 'an id such as CVE-2021-44228');

/** A URI, or one of the names that `attest --type` has for some of them; older statements have types that lack the scheme. */
export const predicateType: z.ZodType<string> = value(
  'a predicate type such as https://slsa.dev/provenance/v1, or slsaprovenance1',
  (given) => predicateTypeOf(given) ?? (/^[a-z0-9-]+(?:\.[a-z0-9-]+)+\/\S+$/i.test(given) ? given : undefined),
);

/** How many of some signers: all of them, any of them, or a number. */
export const required: z.ZodType<'all' | 'any' | number> = value(
  'all, any or a number',
  (given) => {
    if (given === 'all' || given === 'any') return given;
    return /^[1-9]\d?$/.test(given) ? Number(given) : undefined;
  },
  { type: ['integer', 'string'] },
);

/** A file, relative to the folder of the policy. */
export function keyFile(folder: string): z.ZodType<string> {
  return value('a path', (given) => (given === '' || given.includes('\0') ? undefined : resolve(folder, given)));
}

/** A public key. */
export const publicKey: z.ZodType<string> = checked(
  (given) => void parsePublicKey(given),
  'is no key that can be used',
);

/** A condition on a predicate. */
export const condition: z.ZodType<string> = checked((given) => {
  if (given.length > policyLimits.condition)
    throw new RangeError(`it has more than ${policyLimits.condition} characters`);
  compileCondition({ cel: given }, statementVariables);
}, 'is no condition');

/** A condition on all that is known of an image. */
export const expressionCondition: z.ZodType<string> = checked((given) => {
  if (given.length > policyLimits.condition)
    throw new RangeError(`it has more than ${policyLimits.condition} characters`);
  compileCondition({ cel: given }, expressionVariables);
}, 'is no condition');

/** An RE2 expression that matches the whole of a text. */
export const expression: z.ZodType<string> = checked(
  (given) => void compilePattern({ regex: given }),
  'cannot be used',
);

/** A platform. */
export const platform: z.ZodType<string> = checked((given) => void parsePlatform(given), 'is no platform');

function checked(check: (given: string) => void, wrong: string): z.ZodType<string> {
  return z
    .string()
    .transform((given, context): string => {
      try {
        check(given);
      } catch (error) {
        if (!isSeaworthyError(error) && !(error instanceof RangeError)) throw error;
        context.addIssue(`${wrong}: ${lowerFirst(errorMessage(error))}`);
      }
      return given;
    })
    .meta({ type: 'string' });
}

/** A message as a part of a sentence. */
export function lowerFirst(message: string): string {
  return /^[A-Z][a-z ]/.test(message) ? `${message.slice(0, 1).toLowerCase()}${message.slice(1)}` : message;
}

const forms: ReadonlySet<string> = new Set(['glob', 'wildcard', 'regex']);

/** A pattern: a text, or one of `{ glob }`, `{ wildcard }`, `{ regex }`. `judge` says why a glob could match nothing. */
function pattern(judge: (glob: string) => string | undefined): z.ZodType<PatternSpec> {
  return z
    .unknown()
    .transform((given, context): PatternSpec => {
      const spec = readPattern(given);
      if (spec === undefined) {
        context.addIssue('takes a pattern, or one of {glob: …}, {wildcard: …} and {regex: …}');
        return z.NEVER;
      }
      const glob = typeof spec === 'string' ? spec : 'glob' in spec ? spec.glob : undefined;
      const why = glob === undefined ? undefined : judge(glob);
      if (why !== undefined) context.addIssue(`cannot be "${printable(glob ?? '')}": ${why}`);
      else {
        try {
          compilePattern(spec);
        } catch (error) {
          if (!isSeaworthyError(error)) throw error;
          context.addIssue(`cannot be used: ${error.message}`);
        }
      }
      return spec;
    })
    .meta({
      anyOf: [
        { type: 'string' },
        ...[...forms].map((form) => ({
          type: 'object',
          properties: { [form]: { type: 'string' } },
          required: [form],
          additionalProperties: false,
        })),
      ],
    });
}

function readPattern(given: unknown): PatternSpec | undefined {
  if (typeof given === 'string') return given;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  const [member, ...more] = Object.entries(given);
  if (member === undefined || more.length > 0 || !forms.has(member[0]) || typeof member[1] !== 'string')
    return undefined;
  return { [member[0]]: member[1] } as unknown as PatternSpec;
}

function patterns(judge: (glob: string) => string | undefined): z.ZodType<readonly PatternSpec[]> {
  return listOf(pattern(judge), 1, patternLimits.patterns);
}

/** Patterns of repositories. */
export const repositories: z.ZodType<readonly PatternSpec[]> = patterns(whyNoRepository);

/** Patterns of sources, which begin with a host. */
export const sources: z.ZodType<readonly PatternSpec[]> = patterns(whyNoSource);

/** Patterns of whole names, which begin with a host. */
export const references: z.ZodType<readonly PatternSpec[]> = patterns(() => undefined).superRefine((specs, context) => {
  for (const [at, spec] of specs.entries()) {
    const text = typeof spec === 'string' ? spec : (Object.values(spec)[0] as string);
    // Such a pattern would match nothing, and whoever wrote it would not know.
    if (!/[0-9a-f]{32}/i.test(text)) continue;
    const message = 'names a digest, by which no image can be told from another here; end it with @*';
    context.addIssue({ code: 'custom', path: [at], message });
  }
});

/** Patterns of tags. */
export const tags: z.ZodType<readonly PatternSpec[]> = patterns(whyNoTag);

/** Patterns of names of packages. */
export const packages: z.ZodType<readonly PatternSpec[]> = patterns(() => undefined);

/** Labels with patterns of their values. */
export const labels: z.ZodType<Readonly<Record<string, PatternSpec>>> = z.record(
  z.string().regex(/^[A-Za-z0-9][\w./-]{0,127}$/, { error: 'is no name of a label' }),
  pattern(() => undefined),
);

/** Patterns of names of variables. */
export const environment: z.ZodType<readonly PatternSpec[]> = patterns(() => undefined);

/** Ports: `8080`, `53/udp`, `1024-65535/tcp`. */
export const ports: z.ZodType<readonly PortRange[]> = listOf(
  value('a port or a range such as 8080, 53/udp or 1024-65535', readPorts, { type: ['integer', 'string'] }),
  1,
  patternLimits.patterns,
);

function readPorts(given: string): PortRange | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/.exec(given);
  if (match === null) return undefined;
  const [, first, last = first, protocol] = match;
  const range = { from: Number(first), to: Number(last) };
  if (range.from > range.to || range.to > 65_535) return undefined;
  return protocol === undefined ? range : { ...range, protocol: protocol as NonNullable<PortRange['protocol']> };
}

/** One or more certificates, or public keys, in PEM. */
export function pemOf(label: 'CERTIFICATE' | 'PUBLIC KEY'): z.ZodType<string> {
  return checked(
    (given) => {
      if (given.length > policyLimits.pems) throw new RangeError(`it has more than ${policyLimits.pems} characters`);
      const found = parsePem(given);
      if (found.length === 0) throw new RangeError(`there is no ${label} in it`);
      const other = found.find((each) => each.label !== label);
      if (other !== undefined) throw new RangeError(`there is a ${other.label} in it, and not a ${label}`);
    },
    `is no ${label === 'CERTIFICATE' ? 'certificate' : 'public key'} in PEM`,
  );
}

/** A repository with its host. */
export const wholeRepository: z.ZodType<string> = value(
  'a repository with its host, such as ghcr.io/org/signatures',
  (given) => (/^[a-z0-9.-]+(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+$/.test(given) ? given : undefined),
);

/** A key of a key service: `awskms://…`. */
export const keyReference: z.ZodType<string> = value(
  'a key such as awskms://…, azurekms://…, gcpkms://…, hashivault://… or openbao://…',
  (given) => (/^(?:awskms|azurekms|gcpkms|hashivault|openbao):\/\/[^\s]{1,512}$/.test(given) ? given : undefined),
);

/** What stands before the tags of signatures of the older layout. */
export const tagPrefix: z.ZodType<string> = value('what a tag may begin with, such as release-', (given) =>
  isTagPrefix(given) ? given : undefined,
);

/** A secret with its namespace. */
export const secretName: z.ZodType<string> = value('a secret as namespace/name', (given) =>
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\/[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(given) ? given : undefined,
);

/** Names of signers. */
export const signerNames: z.ZodType<readonly string[]> = listOf(name, 1, policyLimits.ruleSigners);

/** Ids of vulnerabilities. */
export const flawIds: z.ZodType<readonly string[]> = listOf(flawId, 1, policyLimits.ids);
