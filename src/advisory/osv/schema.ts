import { z } from 'zod';
import { feedLimits } from '../limits.ts';

/**
 * The parts of an OSV record that are used (OSV schema 1.7, https://ossf.github.io/osv-schema/). What decides a match
 * is checked strictly; what only informs is left out when it is malformed, so that a new database's quirk in a
 * description does not hide its flaws.
 */

const id = z.string().min(1).max(feedLimits.idCharacters);
const version = z.string().min(1).max(feedLimits.versionCharacters);
const nullish = <Schema extends z.ZodType>(schema: Schema): z.ZodNullable<z.ZodOptional<Schema>> =>
  schema.optional().nullable();
const ids = nullish(z.array(id).max(feedLimits.identifiers)).catch(undefined);
const text = nullish(z.string()).catch(undefined);

const rating = z.object({ type: z.string().max(50), score: z.string().max(500) });
const ratings = nullish(z.array(z.unknown()).max(100)).catch(undefined);

const event = z.object({
  introduced: nullish(version),
  fixed: nullish(version),
  last_affected: nullish(version),
  limit: nullish(version),
});

const range = z.object({
  type: z.string().max(50),
  events: nullish(z.array(event).max(feedLimits.events)),
});

const affected = z.object({
  package: nullish(
    z.object({
      ecosystem: z.string().min(1).max(feedLimits.nameCharacters),
      name: z.string().min(1).max(feedLimits.nameCharacters),
      purl: nullish(z.string().max(2000)).catch(undefined),
    }),
  ),
  severity: ratings,
  ranges: nullish(z.array(range).max(feedLimits.ranges)),
  versions: nullish(z.array(version).max(feedLimits.versions)),
  ecosystem_specific: nullish(z.object({ severity: text, urgency: text })).catch(undefined),
  database_specific: nullish(
    z.object({ severity: text, urgency: text, informational: text, last_known_affected_version_range: text }),
  ).catch(undefined),
});

/** One record. */
export const osvRecord: z.ZodType<OsvRecord> = z.object({
  id,
  modified: text,
  published: text,
  withdrawn: text,
  aliases: ids,
  upstream: ids,
  related: ids,
  summary: text,
  details: text,
  severity: ratings,
  affected: nullish(z.array(affected).max(feedLimits.affected)),
  references: nullish(z.array(z.unknown())).catch(undefined),
  database_specific: nullish(
    z.object({
      severity: text,
      cvss_v3_score: nullish(z.number()).catch(undefined),
      cvss_v2_score: nullish(z.number()).catch(undefined),
      cwe_ids: nullish(z.array(z.string().max(50)).max(1000)).catch(undefined),
    }),
  ).catch(undefined),
});

/** One entry of a `severity` list; entries that are none are left out. */
export const osvRating: z.ZodType<OsvRating> = rating;

type Nullish<Value> = Value | null | undefined;

/** {@link osvRecord}, as read. */
export interface OsvRecord {
  readonly id: string;
  readonly modified?: Nullish<string>;
  readonly published?: Nullish<string>;
  readonly withdrawn?: Nullish<string>;
  readonly aliases?: Nullish<readonly string[]>;
  readonly upstream?: Nullish<readonly string[]>;
  readonly related?: Nullish<readonly string[]>;
  readonly summary?: Nullish<string>;
  readonly details?: Nullish<string>;
  readonly severity?: Nullish<readonly unknown[]>;
  readonly affected?: Nullish<readonly OsvAffected[]>;
  readonly references?: Nullish<readonly unknown[]>;
  readonly database_specific?: Nullish<{
    readonly severity?: Nullish<string>;
    readonly cvss_v3_score?: Nullish<number>;
    readonly cvss_v2_score?: Nullish<number>;
    readonly cwe_ids?: Nullish<readonly string[]>;
  }>;
}

/** An entry of `affected`. */
export interface OsvAffected {
  readonly package?: Nullish<{ readonly ecosystem: string; readonly name: string; readonly purl?: Nullish<string> }>;
  readonly severity?: Nullish<readonly unknown[]>;
  readonly ranges?: Nullish<readonly OsvRange[]>;
  readonly versions?: Nullish<readonly string[]>;
  readonly ecosystem_specific?: Nullish<{ readonly severity?: Nullish<string>; readonly urgency?: Nullish<string> }>;
  readonly database_specific?: Nullish<{
    readonly severity?: Nullish<string>;
    readonly urgency?: Nullish<string>;
    readonly informational?: Nullish<string>;
    readonly last_known_affected_version_range?: Nullish<string>;
  }>;
}

/** An entry of `ranges`. */
export interface OsvRange {
  readonly type: string;
  readonly events?: Nullish<readonly OsvEvent[]>;
}

/** An entry of `events`: exactly one of the keys is set. */
export interface OsvEvent {
  readonly introduced?: Nullish<string>;
  readonly fixed?: Nullish<string>;
  readonly last_affected?: Nullish<string>;
  readonly limit?: Nullish<string>;
}

/** An entry of `severity`. */
export interface OsvRating {
  readonly type: string;
  readonly score: string;
}
