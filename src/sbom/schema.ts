import { z } from 'zod';
import type { Problem } from '../base/problem.ts';
import { isDigest } from '../oci/digest.ts';
import type { Distro } from '../package/distro.ts';
import type { Location } from '../package/location.ts';
import type { PackageIdentity, PackageType } from '../package/package.ts';
import { isPackageType } from '../package/purl-of-package.ts';
import type { SbomSubject } from './model.ts';

/** The shapes of the facts that this program's own documents carry as JSON inside properties and annotations. */

const digest = z.string().refine(isDigest);

const packageType = z.string().refine(isPackageType);

const distro = z.object({
  id: z.string(),
  version: z.string(),
  prettyName: z.string().optional(),
  codename: z.string().optional(),
  idLike: z.array(z.string()),
  repositories: z.array(z.string()).optional(),
  esm: z.boolean().optional(),
});

const location = z.object({
  path: z.string(),
  layer: z.object({ diffId: digest, digest: digest.optional() }).optional(),
});

const subject = z.object({
  name: z.string(),
  type: z.enum(['container_image', 'filesystem']),
  manifestDigest: digest.optional(),
  imageId: digest.optional(),
  platform: z
    .object({
      os: z.string(),
      architecture: z.string(),
      variant: z.string().optional(),
      osVersion: z.string().optional(),
    })
    .optional(),
  repoTags: z.array(z.string()),
  repoDigests: z.array(z.string()),
  layers: z.array(z.object({ diffId: digest, digest: digest.optional(), size: z.number().optional() })),
  purl: z.string().optional(),
});

const shapes = {
  type: packageType,
  texts: z.array(z.string()),
  record: z.record(z.string(), z.string()),
  locations: z.array(location).min(1),
  identity: z.object({ type: packageType, name: z.string(), version: z.string() }),
  problems: z.array(
    z.object({ code: z.string(), subject: z.string(), message: z.string(), incomplete: z.literal(true).optional() }),
  ),
  distro,
  subject,
} as const;

/** What each shape gives. */
export interface CarriedShapes {
  readonly type: PackageType;
  readonly texts: readonly string[];
  readonly record: Readonly<Record<string, string>>;
  readonly locations: readonly Location[];
  readonly identity: PackageIdentity;
  readonly problems: readonly Problem[];
  readonly distro: Distro;
  readonly subject: SbomSubject;
}

/** Checks a value of a carried fact; undefined when it has another shape. */
export function readShape<Name extends keyof CarriedShapes>(
  name: Name,
  value: unknown,
): CarriedShapes[Name] | undefined {
  const result = shapes[name].safeParse(value);
  return result.success ? (result.data as CarriedShapes[Name]) : undefined;
}

/** {@link readShape} of a value that is written as JSON; undefined for what is no JSON, too. */
export function readJsonShape<Name extends keyof CarriedShapes>(
  name: Name,
  text: string,
): CarriedShapes[Name] | undefined {
  try {
    return readShape(name, JSON.parse(text));
  } catch {
    return undefined;
  }
}
