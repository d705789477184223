import type { RobotRecord, RobotRecords } from '../../src/registry/auth/robot/records.ts';

/** Robot accounts in memory; `onFind` is called after each look-up, to change one behind another's back. */
export function memoryRobots(onFind: (robots: Map<string, RobotRecord>) => void = () => undefined): RobotRecords & {
  readonly robots: Map<string, RobotRecord>;
} {
  const robots = new Map<string, RobotRecord>();
  return {
    robots,
    find(name) {
      const found = robots.get(name);
      onFind(robots);
      return Promise.resolve(found);
    },
    list(after, limit) {
      const names = [...robots.keys()].sort().filter((name) => after === undefined || name > after);
      return Promise.resolve(names.slice(0, limit).map((name) => robots.get(name) as RobotRecord));
    },
    add(record) {
      const isFree = !robots.has(record.name);
      if (isFree) robots.set(record.name, record);
      return Promise.resolve(isFree);
    },
    replace(record) {
      const isNext = robots.get(record.name)?.revision === record.revision - 1;
      if (isNext) robots.set(record.name, record);
      return Promise.resolve(isNext);
    },
    remove: (name) => Promise.resolve(robots.delete(name)),
  };
}
