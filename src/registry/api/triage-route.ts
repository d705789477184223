import { RegistryError } from '../error.ts';
import { TriageError } from '../scanning/triage/error.ts';
import { countRepositories } from '../scanning/triage/count-repositories.ts';
import { findImages } from '../scanning/triage/find-images.ts';
import { findUnknown } from '../scanning/triage/find-unknown.ts';
import { findPullers, imageKey } from '../scanning/triage/find-pullers.ts';
import { parseQuestion, type TriageQuestion } from '../scanning/triage/parse-question.ts';
import type { ApiRoute } from './api-route.ts';
import { triageQuery, triageSchema } from './schemas.ts';

/** Pulls of this time are told. */
const pullerTime = 30 * 86_400_000;

/** Which images have a flaw, or versions of a package. */
export const triage: ApiRoute = {
  path: '/triage',
  summary:
    'Images that have a flaw or versions of a package, in repositories that you may pull from, from what was kept of their scans. ' +
    'Who pulled them within 30 days is told to those who may read the audit trail. `unknown` counts the images that may be hit and are in no answer, `repositories` those that the answer is about.',
  parameters: {},
  query: triageQuery,
  answer: triageSchema,
  async handle({ query, identity, access, content }) {
    // A stranger who sees nothing must not take that for nothing being hit.
    if (!access.allowsCatalog(identity)) throw access.refuse(identity, 'list', undefined);
    const question = questionOf(String(query['query']));
    const limit = Number(query['limit']);
    const last = String(query['last']);
    const sees = (repository: string): boolean => access.allows(identity, 'pull', repository);
    const { images, unreadable } = await findImages(content.database, question, sees);
    const unknown = await findUnknown(content.database, question, sees);
    const repositories = await countRepositories(content.database, sees);
    const rest = images.filter(({ repository, digest }) => compareKeys(`${repository} ${digest}`, last) > 0);
    const page = rest.slice(0, limit);
    const pullers = access.allowsAudit(identity)
      ? await findPullers(content.database, page, content.now() - pullerTime)
      : undefined;
    const items = page.map(({ pushedAt, pulledAt, ...image }) => ({
      ...image,
      pushedAt: isoTime(pushedAt),
      pulledAt: pulledAt === null ? null : isoTime(pulledAt),
      ...(pullers === undefined
        ? {}
        : {
            pullers: (pullers.get(imageKey(image.repository, image.digest)) ?? []).map(({ who, at }) => ({
              who,
              at: isoTime(at),
            })),
          }),
    }));
    const end = page.at(-1);
    const next = rest.length > page.length && end !== undefined ? { next: `${end.repository} ${end.digest}` } : {};
    return { items, unreadable, unknown, repositories, total: images.length, ...next };
  },
};

function questionOf(text: string): TriageQuestion {
  try {
    return parseQuestion(text);
  } catch (cause) {
    if (!(cause instanceof TriageError)) throw cause;
    throw new RegistryError('UNSUPPORTED', cause.message, { status: 400, cause });
  }
}

/** In the order of the images: repositories hold no blank, which is before all that they hold. */
function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
