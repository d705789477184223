import type { Package } from '../package/package.ts';

/** All of a package that decides which flaws it has. Packages that are alike in this are judged alike. */
export type MatchedPackage = Pick<
  Package,
  'type' | 'name' | 'version' | 'arch' | 'source' | 'maintainer' | 'modularityLabel' | 'main'
>;
