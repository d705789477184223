import { z } from 'zod';
import type { JsonSchema } from '../../codec/yaml/json-schema.ts';
import { authSchema, permissionsSchema } from './auth/schema.ts';
import { gateSchema } from './gate/schema.ts';
import type { RegistryConfig } from './model.ts';
import { sectionNames, type SectionName } from './names.ts';
import { auditSchema, gcSchema, quotasSchema, retentionSchema, scrubSchema, tagsSchema } from './rules/schema.ts';
import { scanningSchema } from './scanning/schema.ts';
import {
  acceptSchema,
  deleteSchema,
  limitsSchema,
  listenSchema,
  metricsSchema,
  proxiesSchema,
} from './serve/schema.ts';
import { tlsSchema, tracingSchema, uploadsSchema, urlSchema, workersSchema } from './serve/schema.ts';
import { databaseSchema, dataSchema, type GivenDatabase, type GivenStorage, storageSchema } from './storage/schema.ts';
import { upstreamsSchema } from './upstreams/schema.ts';
import type { Paths } from './value/schema.ts';
import { webhooksSchema } from './webhook/schema.ts';

/** A configuration as the file gives it: places that hang on `data` are still open. */
export type GivenConfig = Omit<Required<RegistryConfig>, 'storage' | 'database'> & {
  readonly storage: GivenStorage;
  readonly database: GivenDatabase;
};

/** One schema for each setting, so that a mistake in one does not hide those in others. */
export type SectionSchemas = { readonly [Name in SectionName]: z.ZodType<GivenConfig[Name]> };

/** Settings that nothing is assumed for. */
export const optionalSections: ReadonlySet<SectionName> = new Set(['url', 'tls', 'data', 'metrics', 'tracing']);

/** The schemas of a file in a folder. */
export function sectionSchemas(paths: Paths): SectionSchemas {
  return {
    listen: listenSchema,
    url: urlSchema,
    proxies: proxiesSchema,
    tls: tlsSchema(paths),
    data: dataSchema(paths),
    storage: storageSchema(paths),
    database: databaseSchema(paths),
    workers: workersSchema,
    auth: authSchema(paths),
    permissions: permissionsSchema,
    tags: tagsSchema,
    retention: retentionSchema,
    quotas: quotasSchema,
    gc: gcSchema,
    scrub: scrubSchema,
    scanning: scanningSchema(paths),
    uploads: uploadsSchema,
    limits: limitsSchema,
    delete: deleteSchema,
    gate: gateSchema(paths),
    audit: auditSchema,
    upstreams: upstreamsSchema(paths),
    webhooks: webhooksSchema(paths),
    metrics: metricsSchema,
    tracing: tracingSchema,
    accept: acceptSchema,
  };
}

/**
 * The JSON Schema (2020-12) of a settings file, for editors. It knows the `registry` section; the settings of commands
 * are let pass.
 */
export function configJsonSchema(): JsonSchema {
  const schemas = sectionSchemas({ folder: '/' });
  const members = sectionNames.map((name) => {
    const schema: z.ZodType = schemas[name];
    return [name, optionalSections.has(name) ? schema.exactOptional() : schema] as const;
  });
  const registry = z.looseObject(Object.fromEntries(members)).exactOptional();
  return z.toJSONSchema(z.looseObject({ registry }), { io: 'input' }) as JsonSchema;
}
