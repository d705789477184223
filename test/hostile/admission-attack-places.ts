import type { Attack } from './attack.ts';

const reach = 'src/evidence/reach';

/** Where whoever names images may send the webhook. */
export const places: readonly Attack[] = [
  {
    id: 'places',
    what: 'images whose names lead to this machine, to metadata of clouds, to the API server, or to networks that are to be mapped',
    tests: [
      [
        'test/hostile/admission-reach.test.ts',
        'images that name what only the webhook reaches lead to no connection, and their denials do not tell what is there',
      ],
      [`${reach}/refused-hosts.test.ts`, 'addresses that resolvers give count as those of URLs do'],
      [`${reach}/guarded-network.test.ts`, 'is not this machine, by whatever name, and no connection is made'],
      [
        `${reach}/guarded-network.test.ts`,
        'that redirects to this machine, or sends there for a token, makes no connection',
      ],
      [`${reach}/guarded-network.test.ts`, 'the log tells them apart'],
      [`${reach}/guarded-network.test.ts`, 'of an answer, only what registries say is told'],
    ],
  },
  {
    id: 'many places',
    what: 'images of ever new hosts, which hold connections',
    tests: [
      [
        `${reach}/guarded-network.test.ts`,
        'hosts that never answer take their places and no more, and leave those of others alone',
      ],
      [`${reach}/turns.test.ts`, 'no group takes more than its share, and another one passes it by'],
      ['src/net/idle-connections.test.ts', 'of the connections that nobody uses, those that are idle longest go'],
    ],
  },
];
