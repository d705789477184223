import { covers, imagePatternsOf } from '../patterns.ts';
import type { LintCheck } from '../model.ts';

/** An exception that is wider than the rule leaves nothing of it. */
export const skipsAll: LintCheck = {
  id: 'skips-all',
  severity: 'error',
  about: 'What is left out is at least as much as what is looked at',
  find(document) {
    if (document.form !== 'kyverno' && document.form !== 'seaworthy') return [];
    const all = imagePatternsOf(document);
    const isSkip = ({ path }: { readonly path: readonly (string | number)[] }): boolean =>
      path.includes('skipImageReferences') || path.includes('exceptImages');
    return all.filter(isSkip).flatMap((skip) => {
      const wanted = all.filter(({ use, group }) => use === 'checked' && group === skip.group);
      const own = skip.path.includes('exceptImages') ? wanted.filter(({ path }) => path[1] === 'images') : wanted;
      const gone = own.find((each) => covers(skip, each));
      return gone === undefined ? [] : [{ path: skip.path, sentence: `leaves out all that ${gone.value} is about` }];
    });
  },
};
