import type { Cataloger } from '../../cataloger.ts';
import { readEggMetadata } from './egg.ts';
import { metadataPlace } from './place.ts';
import { parseMetadata } from './parse.ts';

/** Installed Python distributions: wheels' dist-info, setuptools' egg-info (folder or file), unpacked and zipped eggs. */
export const python: Cataloger = {
  id: 'python',
  version: 1,
  wants: [{ name: 'METADATA' }, { name: 'PKG-INFO' }, { extension: '.egg-info' }, { extension: '.egg' }],
  maxBytes: 64 * 1024 * 1024,
  read(file) {
    const place = metadataPlace(file.path);
    if (place === undefined) return { facts: [] };
    const metadata = place === 'egg' ? readEggMetadata(file.bytes) : file.bytes;
    const found = metadata === undefined ? undefined : parseMetadata(metadata);
    return { facts: found === undefined ? [] : [{ kind: 'package', package: found }] };
  },
};
