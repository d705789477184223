import type { Change } from '../../../kubernetes/follow/handler.ts';
import type { KubernetesObject } from '../../../kubernetes/model.ts';
import { objectKey } from '../../../kubernetes/object-key.ts';
import { FollowedFacts, reduced } from '../watch/running-pods.ts';
import type { FoundInImage } from '../model.ts';
import { annotations, ownLabel } from './report-object.ts';

/** What a report that is there says of itself. */
export interface KnownReport {
  /** Somebody else's is left alone. */
  readonly isOwn: boolean;
  readonly fingerprint: string;
  readonly image: string;
  /** Milliseconds since 1970. */
  readonly checkedAt: number;
  /** What it says was found; absent where it is about something else, or says it in no way that is read. */
  readonly found?: FoundInImage;
  readonly owner: { readonly kind: string };
  readonly uid: string;
}

/** The reports of one kind that are there, whoever made them. */
export class KnownReports extends FollowedFacts<KnownReport> {
  /** What was written and was not told of yet, so that it is not written again; until when that is waited for. */
  readonly #written = new Map<string, { readonly report: KnownReport; readonly until: number }>();
  /** Texts that many reports have. */
  readonly #texts = new Map<string, string>();

  /** Reports that were written, and that the cluster did not tell of yet. */
  get unseen(): number {
    return this.#written.size;
  }

  /** For `follow()`, of metadata alone. */
  readonly transform = (object: KubernetesObject): KubernetesObject => reduced(object, this.#read(object));

  override get(key: string): KnownReport | undefined {
    const written = this.#written.get(key);
    return written === undefined ? super.get(key) : written.report;
  }

  override take(change: Change): void {
    super.take(change);
    if (change.kind === 'replaced') this.#written.clear();
    else this.#written.delete(objectKey(change.object));
  }

  /** Takes what came of writing one, before the cluster tells of it. @param until milliseconds since 1970 */
  wrote(key: string, object: KubernetesObject, until: number): void {
    this.#written.set(key, { report: this.#read(object), until });
  }

  /** Forgets what was written and was never told of, and texts that nobody has. */
  tidy(now: number): void {
    for (const [key, { until }] of this.#written) if (until < now) this.#written.delete(key);
    if (this.#texts.size > 1000 && this.#texts.size > this.size * 2) this.#texts.clear();
  }

  #read({ metadata }: KubernetesObject): KnownReport {
    const notes: Readonly<Record<string, unknown>> = metadata.annotations ?? {};
    const text = (name: string): string => {
      const value = notes[name];
      return typeof value === 'string' ? value : '';
    };
    const isOwn = metadata.labels?.[ownLabel.name] === ownLabel.value;
    const checkedAt = timeOf(text(annotations.checked));
    const found = isOwn ? readFound(text(annotations.found), text(annotations.database), checkedAt) : undefined;
    return {
      isOwn,
      fingerprint: isOwn ? text(annotations.fingerprint) : '',
      image: this.#once(text(annotations.image)),
      checkedAt,
      ...(found === undefined ? {} : { found }),
      owner: { kind: this.#once(metadata.ownerReferences?.[0]?.kind ?? '') },
      uid: metadata.uid ?? '',
    };
  }

  #once(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }
}

function timeOf(text: string): number {
  const time = Date.parse(text);
  return Number.isNaN(time) ? 0 : time;
}

/** Whoever may change a report may write anything there: it is taken only as far as it has the form of what was written. */
function readFound(text: string, database: string, checkedAt: number): FoundInImage | undefined {
  try {
    const { revision, counts, os } = JSON.parse(text) as Partial<FoundInImage>;
    const builtAt = timeOf(database);
    if (typeof revision !== 'string' || typeof counts !== 'object' || builtAt === 0 || checkedAt === 0)
      return undefined;
    const { UNKNOWN, LOW, MEDIUM, HIGH, CRITICAL } = counts;
    if (![UNKNOWN, LOW, MEDIUM, HIGH, CRITICAL].every((count) => Number.isSafeInteger(count) && count >= 0)) {
      return undefined;
    }
    return { revision, builtAt, checkedAt, counts: { UNKNOWN, LOW, MEDIUM, HIGH, CRITICAL }, os: readOs(os) };
  } catch {
    return undefined;
  }
}

function readOs(os: FoundInImage['os']): FoundInImage['os'] {
  if (typeof os?.family !== 'string' || typeof os.name !== 'string') return undefined;
  return { family: os.family, name: os.name, ...(os.endOfLife === true ? { endOfLife: true } : {}) };
}
