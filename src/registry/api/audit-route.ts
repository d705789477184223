import { AuditError } from '../audit/error.ts';
import { type AuditFilter, compileAuditFilter } from '../audit/filter.ts';
import { type TrailPlace, trailPage } from '../audit/read-trail.ts';
import type { SealedEntry } from '../audit/chain.ts';
import { RegistryError } from '../error.ts';
import type { ApiCall, ApiRoute } from './api-route.ts';
import { auditEntrySchema, auditQuery, pageSchema } from './schemas.ts';

/** The audit trail, as `seaworthy registry audit` shows it. */
export const audit: ApiRoute = {
  path: '/audit',
  summary:
    'Who did what, oldest first; for those who may do everything to every repository. A page may hold fewer entries than asked for, ' +
    'and none, while there is a `next`.',
  parameters: {},
  query: auditQuery,
  answer: pageSchema(auditEntrySchema),
  async handle({ query, identity, access, content }) {
    if (!access.allowsAudit(identity)) throw access.refuse(identity, 'list', undefined);
    const filter = filterOf(query, content.now());
    const last = String(query['last']);
    const after = last === '' ? undefined : parsePlace(last);
    const { entries, next } = await trailPage(content.database, filter, after, Number(query['limit']));
    const items = entries.map(itemOf);
    return next === undefined ? { items } : { items, next: `${next.time}-${next.id}` };
  },
};

function filterOf(query: ApiCall['query'], now: number): AuditFilter {
  const text = (name: string): string | undefined => (query[name] === undefined ? undefined : String(query[name]));
  const words = (name: string): readonly string[] | undefined => text(name)?.split(',');
  const question = {
    who: text('who'),
    image: text('image'),
    action: words('action'),
    outcome: words('outcome'),
    since: text('since'),
    until: text('until'),
  };
  try {
    return compileAuditFilter(question, now);
  } catch (cause) {
    if (!(cause instanceof AuditError)) throw cause;
    throw new RegistryError('UNSUPPORTED', cause.message.replace(' as --', ' as '), { status: 400, cause });
  }
}

function parsePlace(text: string): TrailPlace {
  const [, time, id] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  if (time !== undefined && id !== undefined) return { time: Number(time), id: Number(id) };
  throw new RegistryError('UNSUPPORTED', 'last is to be the next of the page before', { status: 400 });
}

function itemOf({ chain, sequence, hash, entry }: SealedEntry): object {
  const { time, before, ...rest } = entry;
  return {
    ...rest,
    time: new Date(time).toISOString(),
    ...(before === undefined ? {} : { before: new Date(before).toISOString() }),
    chain,
    sequence,
    hash,
  };
}
