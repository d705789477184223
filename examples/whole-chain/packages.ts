import type { PinnedRelease } from '../first-scan/pinned-packages.ts';

/** What an image is made of: releases of npm packages. */
export interface ImageRecipe {
  readonly version: string;
  readonly packages: readonly PinnedRelease[];
}

/** The images of the chain, the flawed one of each first. */
export interface Recipes {
  /** The application that is built, signed and admitted. */
  readonly app: readonly [flawed: ImageRecipe, mended: ImageRecipe];
  /** What somebody else publishes, in a registry of theirs. */
  readonly tools: readonly [flawed: ImageRecipe, mended: ImageRecipe];
}

const minimist: PinnedRelease = {
  name: 'minimist',
  version: '1.2.5',
  integrity: 'sha512-FM9nNUYrRBAELZQT3xeZQ7fmMOBg6nWNmJKTcgsJeaLstP/UODVpGsr5OhXhhXg6f+qtJ8uiZ+PUxkDWcgIXLw==',
};
const mendedMinimist: PinnedRelease = {
  name: 'minimist',
  version: '1.2.8',
  integrity: 'sha512-2yyAR8qBkN3YuheJanUpWC5U3bb5osDywNB8RzDVlDwDHbocAJveqqj1u8+SVD7jkWT4yvsHCpWqqWqAxb0zCA==',
};
const lodash: PinnedRelease = {
  name: 'lodash',
  version: '4.17.20',
  integrity: 'sha512-PlhdFcillOINfeV7Ni6oF1TAEayyZBoZ8bcshTHqOYJYlrqzRK5hagpagky5o4HfCzzd1TRkXPMFq6cKk9rGmA==',
};
const mendedLodash: PinnedRelease = {
  name: 'lodash',
  version: '4.17.21',
  integrity: 'sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17LhbZVGedAJv8XZ1tvj5FvSg==',
};
const systemInformation: PinnedRelease = {
  name: 'systeminformation',
  version: '5.3.0',
  integrity: 'sha512-pNvwU7Oray7xNkS+WOH+FE8Aks8BQ2sV8zwUiZQq97C3Co7oJVnOrgvAJwSwRlIdQTIBbe+0HZLaRrY8pdXsVw==',
};
const mendedSystemInformation: PinnedRelease = {
  name: 'systeminformation',
  version: '5.3.1',
  integrity: 'sha512-1xG+6xfKXSowtZsAlUp6jVaV0q+5rq9yUN+ds6Hp2dR3/EdEU5r0v74qi5YF8BCGZfmddiOwDNB0h7ge70fmYA==',
};

/** Releases that many have used: old ones with public flaws, and those that mend them. */
export const recipes: Recipes = {
  app: [
    { version: '1.0', packages: [lodash, minimist] },
    { version: '1.1', packages: [mendedLodash, mendedMinimist] },
  ],
  tools: [
    { version: '1.0', packages: [systemInformation, minimist] },
    { version: '1.1', packages: [mendedSystemInformation, mendedMinimist] },
  ],
};

/** Each release once, whatever images it is in. */
export function releasesOf({ app, tools }: Recipes): readonly PinnedRelease[] {
  const all = [...app, ...tools].flatMap(({ packages }) => packages);
  return [...new Map(all.map((release) => [`${release.name}@${release.version}`, release])).values()];
}
