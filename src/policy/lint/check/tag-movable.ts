import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { LintCheck } from '../model.ts';
import { select } from '../select.ts';

/** Between the gate and the node, a tag may come to stand for another image. */
export const tagMovable: LintCheck = {
  id: 'tag-movable',
  severity: 'warning',
  about: 'Images stay named by tags, so that what runs may be another one than was verified',
  find({ form, value }) {
    const both = (entry: JsonValue, path: ConfigPath) => {
      const off = (way: string) => select(entry, way, path).filter((each) => each.value === false);
      const [mutate] = off('mutateDigest');
      const [verify] = off('verifyDigest');
      if (mutate === undefined || verify === undefined) return [];
      const sentence =
        'leaves tags as they are, which may come to stand for another image; leave mutateDigest or verifyDigest on';
      return [{ path: mutate.path, sentence }];
    };
    if (form === 'kyverno')
      return select(value, 'spec.rules[].verifyImages[]').flatMap((each) => both(each.value, each.path));
    if (form === 'kyvernoCel')
      return select(value, 'spec.validationConfigurations').flatMap((each) => both(each.value, each.path));
    return [];
  },
};
