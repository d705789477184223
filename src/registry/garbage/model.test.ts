import { test } from 'node:test';
import { type ModelOptions, runModel } from '../../../testing/registry/model/run-for.ts';

const kinds: readonly (readonly [name: string, options: ModelOptions])[] = [
  ['one process, in turns', { processes: 1, inTurns: true, kills: true, scenes: 40 }],
  ['two processes, in turns', { processes: 2, inTurns: true, kills: true, scenes: 40 }],
  ['two processes, all at once', { processes: 2, inTurns: false, kills: false, scenes: 40 }],
];

for (const [name, options] of kinds) {
  test(`nothing dangles and nothing is lost: ${name}`, (context) =>
    runModel(context, 5, () => Promise.resolve(options)));
}
