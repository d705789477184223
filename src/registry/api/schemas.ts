import { auditActions, auditOutcomes } from '../audit/entry.ts';
import type { JsonSchema } from './api-route.ts';

const text: JsonSchema = { type: 'string' };
const count: JsonSchema = { type: 'integer', minimum: 0 };
const time: JsonSchema = { type: 'string', format: 'date-time' };
const maybeTime: JsonSchema = { type: ['string', 'null'], format: 'date-time' };
const maybeText: JsonSchema = { type: ['string', 'null'] };

function object(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', required: Object.keys(properties), properties };
}

/** A page of a list. */
export function pageSchema(items: JsonSchema): JsonSchema {
  return { type: 'object', required: ['items'], properties: { items: { type: 'array', items }, next: text } };
}

/** Query parameters of lists. */
export const pageQuery = {
  limit: { type: 'integer', minimum: 1, maximum: 500, default: 100, description: 'Entries of a page.' },
  last: { type: 'string', maxLength: 512, default: '', description: 'The `next` of the page before.' },
} as const;

/** The parameter that names a repository. */
export const repositoryParameter = {
  repository: { type: 'string', maxLength: 255, description: 'Its name, with `%2F` for each slash.' },
} as const;

/** A repository in a list. */
export const repositorySchema: JsonSchema = object({
  name: text,
  createdAt: time,
  tags: count,
  manifests: count,
  bytes: count,
  pushedAt: maybeTime,
  pulledAt: maybeTime,
});

/** A tag in a list. */
export const tagSchema: JsonSchema = object({
  name: text,
  digest: text,
  mediaType: text,
  artifactType: maybeText,
  size: count,
  createdAt: time,
  pushedAt: time,
  pulledAt: maybeTime,
});

/** A manifest in a list. */
export const manifestSchema: JsonSchema = object({
  digest: text,
  mediaType: text,
  artifactType: maybeText,
  subject: maybeText,
  size: count,
  contentBytes: count,
  pushedAt: time,
  pulledAt: maybeTime,
});

/** What a registry holds. */
export const totalsSchema: JsonSchema = object({
  repositories: count,
  tags: count,
  manifests: count,
  blobs: count,
  bytes: count,
});

/** Query parameters of the audit trail: a page of it, and what is asked for. */
export const auditQuery: Readonly<Record<string, JsonSchema & { readonly description: string }>> = {
  ...pageQuery,
  who: { type: 'string', maxLength: 300, description: 'An account, such as `alice` or `robot:*`.' },
  image: {
    type: 'string',
    maxLength: 700,
    description: 'A pattern of repositories, with `:TAG` or `@DIGEST` behind it for one image.',
  },
  action: {
    type: 'string',
    maxLength: 300,
    description: `Any of these, with commas between: \`${[...auditActions, 'deny'].join('`, `')}\`.`,
  },
  outcome: {
    type: 'string',
    maxLength: 100,
    description: `Any of these, with commas between: \`${auditOutcomes.join('`, `')}\`.`,
  },
  since: {
    type: 'string',
    maxLength: 40,
    description: 'Not before: such as `7d`, `2026-01-31` or `2026-01-31T12:00:00Z`.',
  },
  until: { type: 'string', maxLength: 40, description: 'Before this, in the same forms.' },
};

/** An entry of the audit trail. */
export const auditEntrySchema: JsonSchema = {
  type: 'object',
  required: ['time', 'actor', 'action', 'outcome', 'chain', 'sequence', 'hash'],
  properties: {
    time,
    actor: object({ kind: text, name: text }),
    action: { type: 'string', enum: auditActions },
    outcome: { type: 'string', enum: auditOutcomes },
    repository: text,
    reference: text,
    digest: text,
    reason: text,
    address: text,
    userAgent: text,
    requestId: text,
    traceId: text,
    before: time,
    chain: text,
    sequence: count,
    hash: text,
  },
};

/** Query parameters of a triage. */
export const triageQuery: Readonly<Record<string, JsonSchema & { readonly description: string }>> = {
  query: {
    type: 'string',
    maxLength: 500,
    default: '',
    description:
      'An id such as `CVE-2021-44228`, or `PACKAGE@RANGE` such as `lodash@<4.17.21` or `pkg:deb/debian/openssl@<3.0.15-1`.',
  },
  limit: { type: 'integer', minimum: 1, maximum: 10_000, default: 1000, description: 'Entries of a page.' },
  last: pageQuery.last,
};

/** A page of images that are hit. */
export const triageSchema: JsonSchema = {
  type: 'object',
  required: ['items', 'unreadable', 'unknown', 'repositories', 'total'],
  properties: {
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['repository', 'digest', 'tags', 'pushedAt', 'pulledAt', 'packages'],
        properties: {
          repository: text,
          digest: text,
          tags: { type: 'array', items: text },
          pushedAt: time,
          pulledAt: maybeTime,
          packages: { type: 'array', items: object({ name: text, version: text, purl: text }) },
          pullers: { type: 'array', items: object({ who: text, at: time }) },
        },
      },
    },
    unreadable: { type: 'array', items: text },
    unknown: object({ unscanned: count, incomplete: count, repositories: { type: 'array', items: text } }),
    repositories: count,
    total: count,
    next: text,
  },
};
