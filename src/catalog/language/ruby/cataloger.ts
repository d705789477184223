import type { Cataloger } from '../../cataloger.ts';
import { parseGemspec } from './parse.ts';

/**
 * Installed Ruby gems, by the specifications that RubyGems keeps, those of Ruby's own default gems included. A gemspec
 * elsewhere is a gem's source and says nothing of what is installed.
 */
export const gemspec: Cataloger = {
  id: 'gemspec',
  version: 2,
  wants: [
    { directory: 'specifications', extension: '.gemspec' },
    { directory: 'specifications/default', extension: '.gemspec' },
  ],
  maxBytes: 4 * 1024 * 1024,
  read(file) {
    const found = parseGemspec(file.bytes, file.path.slice(file.path.lastIndexOf('/') + 1));
    return { facts: found === undefined ? [] : [{ kind: 'package', package: found }] };
  },
};
