import type { Evidence } from '../evidence.ts';
import type { AgeRule } from '../model.ts';
import type { AgeFact } from '../verdict.ts';
import { assess, type Assessment, type CheckRule, passed } from './check-rule.ts';
import { unknownOf } from './gathered.ts';

/** How far a builder's clock may be ahead, in milliseconds: a time zone that was taken for another. */
const tolerance = 86_400_000;

/** Compiles a rule about how old images are. */
export function compileAge({ maxSinceCreated, minSinceFirstSeen }: AgeRule): CheckRule {
  return ({ evidence }) => {
    const parts = [
      ...(maxSinceCreated === undefined ? [] : [sinceCreated(evidence, maxSinceCreated)]),
      ...(minSinceFirstSeen === undefined ? [] : [sinceFirstSeen(evidence, minSinceFirstSeen)]),
    ];
    return assess({
      violations: parts.flatMap(({ violations }) => violations),
      unknown: parts.flatMap(({ unknown }) => unknown),
      changesAt: parts.flatMap(({ changesAt }) => changesAt),
    });
  };
}

function sinceCreated({ image, now }: Evidence, most: number): Assessment {
  const missing = unknownOf(image, 'image');
  if (missing !== undefined) return assess({ unknown: [missing] });
  const time = image?.state === 'known' ? image.value.created : undefined;
  const fact = (wrong: AgeFact['wrong'], limit?: number): AgeFact => ({
    kind: 'age',
    what: 'created',
    wrong,
    ...(time === undefined ? {} : { time }),
    ...(limit === undefined ? {} : { limit }),
  });
  if (time === undefined) return assess({ violations: [fact('unsaid')] });
  const limit = time + most;
  // From this time on the day is believed; an image that lies ahead of it would stay young for as long as it likes.
  const begin = time - tolerance;
  if (now < begin) return assess({ violations: [fact('future', begin)], changesAt: [begin, limit] });
  return now < limit ? assess({ changesAt: [limit] }) : assess({ violations: [fact('tooOld', limit)] });
}

function sinceFirstSeen({ firstSeen, now }: Evidence, least: number): Assessment {
  const missing = unknownOf(firstSeen, 'firstSeen');
  if (missing !== undefined) return assess({ unknown: [missing] });
  // That nobody has seen it is known, so it is seen now for the first time.
  if (firstSeen?.state !== 'known') {
    return assess({ violations: [{ kind: 'age', what: 'firstSeen', wrong: 'tooNew' }] });
  }
  const time = firstSeen.value;
  const limit = time + least;
  if (now >= limit) return passed;
  return assess({ violations: [{ kind: 'age', what: 'firstSeen', wrong: 'tooNew', time, limit }], changesAt: [limit] });
}
