import { imagePatternsOf } from '../patterns.ts';
import type { LintCheck } from '../model.ts';

/** In Kyverno, what has a digest has no tag that a pattern could match. */
export const imageDigestMissed: LintCheck = {
  id: 'image-digest-missed',
  severity: 'error',
  about: 'A pattern with a tag is about no image that is named by its digest, which nobody verifies then',
  find: (document) => {
    if (!['kyverno', 'kyvernoCel', 'seaworthy'].includes(document.form)) return [];
    const all = imagePatternsOf(document).filter(
      ({ use, path }) => use === 'checked' && (document.form !== 'seaworthy' || path[1] === 'references'),
    );
    return all.flatMap(({ path, value, group }) => {
      const [, before = ''] = /^(.*):[^/:@]*$/.exec(value) ?? [];
      if (!before.includes('/') || before.includes('@') || before.endsWith('*')) return [];
      const others = all.filter((each) => each.group === group).map((each) => each.value);
      if (others.some((each) => each.startsWith(`${before}@`) || each === `${before}*`)) return [];
      return [{ path, sentence: `is about no image that is named by its digest; write ${before}@* too` }];
    });
  },
};
